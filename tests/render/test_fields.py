"""The grammar of fields, and the code that they become."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_expert.render.field_code import FieldCode
from fastapi_expert.render.fields import TYPES, Field, FieldError, parse_field

ARGUMENTS = {"decimal": "(10,2)", "enum": "(free,paid)"}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("mark", ["", "?"])
def test_each_type_is_read_optional_and_not(kind: str, mark: str) -> None:
    field = parse_field(f"thing:{kind}{ARGUMENTS.get(kind, '')}{mark}")

    assert (field.name, field.kind, field.optional) == ("thing", kind, mark == "?")
    assert (field.unique, field.index, field.default) == (False, False, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phone:str?:unique:max=20", Field("phone", "str", optional=True, unique=True, minimum=1, maximum=20)),
        ("about:text:min=3", Field("about", "text", minimum=3, maximum=10_000)),
        ("age:int:max=150:min=0:default=18:index", Field("age", "int", index=True, default=18, minimum=0, maximum=150)),
        ("debt:int:max=-1:default=-5", Field("debt", "int", default=-5, minimum=-(2**31), maximum=-1)),
        (
            "price:decimal(4, 2):default=9.9:max=10",
            Field(
                "price",
                "decimal",
                default=Decimal("9.90"),
                minimum=Decimal("-99.99"),
                maximum=Decimal("10.00"),
                digits=4,
                places=2,
            ),
        ),
        ("born:date:min=1900-01-01", Field("born", "date", minimum=date(1900, 1, 1))),
        ("on:bool:default=false", Field("on", "bool", default=False)),
        ("plan:enum(free, paid)?:default=paid", Field("plan", "enum", True, default="paid", choices=("free", "paid"))),
        ('motto:str:default="a: b"', Field("motto", "str", default="a: b", minimum=1, maximum=255)),
        ('motto:str:default="":min=0', Field("motto", "str", default="", minimum=0, maximum=255)),
        ("class_:str", None),
    ],
)
def test_constraints_are_read_in_any_order(text: str, expected: Field | None) -> None:
    if expected is None:
        with pytest.raises(FieldError):
            parse_field(text)
    else:
        assert parse_field(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "can't be a field's name"),
        (":", "can't be a field's name"),
        ("Phone:str", "can't be a field's name"),
        ("_phone:str", "can't be a field's name"),
        ("phone_:str", "can't be a field's name"),
        ("phone__no:str", "can't be a field's name"),
        ("2nd:str", "can't be a field's name"),
        ("phöne:str", "can't be a field's name"),
        ("phone\n:str", "can't be a field's name"),
        (f"{'x' * 41}:str", "at most 40"),
        ("class:str", "a word of Python"),
        ("metadata:json", "means something to"),
        ("registry:str", "means something to"),
        ("model_config:str", "means something to"),
        ("json:json", "means something to"),
        ("copy:str", "means something to"),
        ("self:str", "means something to"),
        ("datetime:datetime", "means something to"),
        ("password_hash:str", "is there already"),
        ("phone", "has no type"),
        ("phone:", "there is no type ''"),
        ("phone:string", "there is no type 'string'"),
        ("phone:STR", "there is no type 'STR'"),
        ("phone:str??", "there is no type 'str??'"),
        ("team:ref(teams)", "'ref' is for resources"),
        ("phone:str(20)", "takes nothing in parentheses"),
        ("price:decimal", "write decimal(DIGITS,PLACES)"),
        ("price:decimal(10)", "write decimal(DIGITS,PLACES)"),
        ("price:decimal(0,0)", "write decimal(DIGITS,PLACES)"),
        ("price:decimal(2,3)", "write decimal(DIGITS,PLACES)"),
        ("price:decimal(29,2)", "at most 28 digits"),
        ("plan:enum", "write enum(A,B,…)"),
        ("plan:enum()", "write enum(A,B,…)"),
        ("plan:enum(a,a)", "different values"),
        ("plan:enum(a,)", "write enum(A,B,…)"),
        ("plan:enum(it's)", "write enum(A,B,…)"),
        ("phone:str:uniq", "there is no constraint 'uniq'"),
        ("phone:str:unique=yes", "there is no constraint 'unique=yes'"),
        ("phone:str:max", "there is no constraint 'max'"),
        ("phone:str:pattern=a", "there is no constraint 'pattern=a'"),
        ("phone:str:", "there is no constraint ''"),
        ("phone:str:unique:unique", "unique is said twice"),
        ("phone:str:max=1:max=2", "max is said twice"),
        ('motto:str:default="a', "double quote is not closed"),
        ("phone:str:max=-1", "is a length"),
        ("phone:str:max=many", "is a length"),
        ("phone:str:max=10001", "at most 10000"),
        ("phone:str:min=0:max=0", "leaves nothing"),
        ("phone:str:min=300", "min 300 is more than max 255"),
        ("phone:str:max=٣", "is a length"),
        ("age:int:min=x", "is no value of int"),
        ("age:int:min=1.5", "is no value of int"),
        (f"age:int:max={2**31}", "holds -2147483648 to 2147483647"),
        (f"age:bigint:max={2**63}", "holds -"),
        ("price:decimal(4,2):min=0.001", "is no value of decimal(4,2)"),
        ("price:decimal(4,2):max=100", "holds -99.99 to 99.99"),
        ("price:decimal(4,2):max=NaN", "is no value of decimal(4,2)"),
        ("born:date:min=2026-02-30", "is no value of date"),
        ("born:date:min=today", "is no value of date"),
        ("on:bool:default=yes", "is no value of bool"),
        ("on:bool:min=0", "the type bool takes no min"),
        ("site:url:max=20", "the type url takes no max"),
        ("plan:enum(a,b):default=c", "is no value of enum(a,b)"),
        ("age:int:min=18:default=17", "beyond min 18"),
        ("phone:str:max=3:default=1234", "beyond max 3"),
        ("phone:str:default=a\x00b", "is no value of str"),
        (f"phone:str:default={'1' * 61}", "at most 60 characters"),
        ("seen_at:datetime:default=2026", "the type datetime takes no default"),
        ("extra:json:default={}", "the type json takes no default"),
        ("on:bool:unique", "the type bool can't be unique"),
        ("about:text:unique", "the type text can't be unique"),
        ("about:text:index", "the type text can't be index"),
        ("phone:str:unique:index", "leave index out"),
        ("phone:str:index:max=501", "at most 500"),
        ("phone:str:max=1:unique", "too few for unique"),
        ("age:int:min=1:max=50:unique", "too few for unique"),
        ("rate:decimal(1,0):unique", "too few for unique"),
        ("day:date:min=2026-01-01:max=2026-01-31:unique", "too few for unique"),
        ("phone:str:unique:default=1", "would do for one row"),
    ],
)
def test_what_breaks_the_grammar_is_said_in_a_line(text: str, words: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_field(text, taken={"password_hash"})

    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


NAMES = st.from_regex(r"[a-z](_?[a-z0-9]){0,20}", fullmatch=True)
LENGTHS = st.integers(0, 300)
NUMBERS = st.integers(-(2**31), 2**31 - 1)
DEFAULTS = st.one_of(NUMBERS, st.sampled_from(["a", "true", "2026-01-31"]))


@st.composite
def fields(draw: st.DrawFn) -> str:
    """A field as somebody may write it: often right."""
    kind = draw(st.sampled_from(TYPES))
    if kind == "decimal":
        kind += f"({draw(st.integers(1, 28))},{draw(st.sampled_from([0, 1, 2, 5, 28]))})"
    if kind == "enum":
        kind += f"({','.join(draw(st.lists(st.sampled_from('abcdef'), min_size=1, unique=True)))})"
    bounds = {"str": LENGTHS, "text": LENGTHS, "date": st.dates()}.get(kind, NUMBERS)
    constraints = [
        *draw(st.sampled_from([[], ["unique"], ["index"]])),
        *(f"min={draw(bounds)}" for _ in range(draw(st.integers(0, 1)))),
        *(f"max={draw(bounds)}" for _ in range(draw(st.integers(0, 1)))),
        *(f"default={draw(DEFAULTS)}" for _ in range(draw(st.integers(0, 1)))),
    ]
    return ":".join([draw(NAMES), kind + draw(st.sampled_from(["", "?"])), *constraints])


@given(fields())
def test_every_field_that_is_taken_becomes_python(text: str) -> None:
    try:
        code = FieldCode(parse_field(text))
    except FieldError:
        return

    lines = [code.column, code.migrated_column, code.sent_type, code.created, code.changed, code.read]
    for line in [*lines, code.good, code.usual, *code.wrong]:
        ast.parse(line)
    low, high = code.field.minimum, code.field.maximum
    example: Any = code.example
    if code.field.kind in {"str", "text"}:
        assert low <= len(example) <= high
    elif code.field.kind in {"int", "bigint", "decimal"}:
        assert low <= example <= high
    elif code.field.kind == "date":
        assert (low or date.min) <= example <= (high or date.max)


def test_what_a_field_says_fits_a_line() -> None:
    long = FieldCode(parse_field("thing:str:min=500:max=500"))
    choices = FieldCode(parse_field(f"thing:enum({','.join(letter * 40 for letter in 'abcd')})"))

    assert max(map(len, [long.good, long.read, long.sent_type])) < 120
    assert len(ast.literal_eval(f"({choices.choices_check})")) > 160
    assert all(len(piece) < 100 for piece in choices.choices_check.split('" "'))


def test_the_example_of_a_number_uses_all_its_digits_when_it_must() -> None:
    assert FieldCode(parse_field("rate:decimal(28,28)")).example == 1 - Decimal(2).scaleb(-28)


@given(st.text(max_size=60))
def test_no_text_is_worse_than_refused(text: str) -> None:
    for candidate in (text, f"thing:{text}", f"thing:str:{text}", f"thing:decimal(5,2):default={text}"):
        try:
            parse_field(candidate)
        except FieldError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - most are refused, some are not


@pytest.mark.parametrize(
    "kind", ["int", "bigint", "decimal(6,2)", "date", "str:max=2", "str:min=9", "datetime", "uuid"]
)
def test_accounts_of_tests_never_share_a_value_that_is_unique(kind: str) -> None:
    code = FieldCode(parse_field(f"thing:{kind}:unique"))
    names = "import datetime as dt, uuid\nfrom decimal import Decimal\n"
    scope: dict[str, object] = {}
    exec(f"{names}values = [{code.usual} for number in range(1, 60)]\ngood = {code.good}", scope)

    values = scope["values"]
    assert isinstance(values, list)
    assert len({scope["good"], *values}) == 60
