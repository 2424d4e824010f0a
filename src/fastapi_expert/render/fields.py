"""The grammar of a field that a user names: `NAME:TYPE[?][:CONSTRAINT…]`, such as `phone:str?:max=20:unique`.

The types: str, text, int, bigint, decimal(DIGITS,PLACES), bool, date, datetime, uuid, email, url, json (an object),
enum(A,B,…) and, between resources, ref(RESOURCE), whose column is NAME_id. A `?` after the type makes the field
optional. The constraints: unique, index, default=…, min=… and max=…, which bound the length of a str or text and the
value of a number or date. A value in double quotes may hold a colon.
What a field becomes in code is said by `field_code`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

Value = str | int | Decimal | bool | date

TYPES = ("str", "text", "int", "bigint", "decimal", "bool", "date", "datetime", "uuid", "email", "url", "json", "enum")
TEXTS = frozenset({"str", "text"})
BOUNDED = TEXTS | {"int", "bigint", "decimal", "date"}
WITH_DEFAULT = BOUNDED | {"bool", "enum"}
WITHOUT_INDEX = frozenset({"text", "json"})
NEVER_UNIQUE = WITHOUT_INDEX | {"bool", "enum"}
INTEGER_BITS = {"int": 31, "bigint": 63}
LENGTHS = {"str": (1, 255), "text": (0, 10_000)}  # without `min` and `max`
LONGEST = {"str": 10_000, "text": 500_000}
INDEXED_LENGTH = 500  # an index entry holds 2,704 bytes, a character takes up to 4
LONGEST_DEFAULT = 60  # of a text: no formatter breaks it, and a line holds 120 characters
DIGITS = 28  # as many as Python's decimals compute with
NAME_LENGTH = 40  # a constraint's name, which holds it, has 63 at most
LEAST_UNIQUE = 100  # values that a unique field must leave

SORTABLE = frozenset({"str", "int", "bigint", "decimal", "date", "datetime", "email", "enum"})
UNFILTERED = frozenset({"text", "json"})

# What a class body of the generated code reads, and a field of that name would hide from the lines below it.
READ_IN_CLASSES = frozenset({"bool", "datetime", "dict", "dt", "func", "int", "str", "uuid"})
# Attributes of SQLAlchemy's and Pydantic's base classes, and parameters of their constructors.
INHERITED = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "kwargs", "metadata", "parse_file", "parse_obj", "parse_raw"}
    | {"registry", "schema", "schema_json", "self", "update_forward_refs", "validate"}
)

_NAME = re.compile(r"[a-z](_?[a-z0-9])*")
_TYPE = re.compile(r"([a-z0-9_]*)(?:\(([^()]*)\))?(\??)")
_COLON = re.compile(r':(?=(?:[^"]*"[^"]*")*[^"]*$)')  # outside quotes
_CHOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")
_TRUTH = {"true": True, "false": False}


class FieldError(ValueError):
    """A field that breaks the grammar, or can't be had."""


@dataclass(frozen=True)
class Field:
    """A field, checked: its bounds leave values, and its default is one of them.

    Attributes:
        name: snake_case.
        kind: one of `TYPES`.
        optional: it may be null.
        unique: no two rows share a value.
        index: rows are looked up by it.
        default: what a new row has when nothing is said.
        minimum: the least length of a text, an int; the least value of a number or date, of its own type; or None.
        maximum: the greatest.
        digits: of a decimal, in all.
        places: of a decimal, after the point.
        choices: of an enum.
        target: the resource that a ref refers to.
    """

    name: str
    kind: str
    optional: bool = False
    unique: bool = False
    index: bool = False
    default: Value | None = None
    minimum: Any = None
    maximum: Any = None
    digits: int = 0
    places: int = 0
    choices: tuple[str, ...] = ()
    target: str = ""

    @property
    def sortable(self) -> bool:
        """A listing can be sorted by it: it has an order that people know, is never null, and fits an index."""
        fits = self.kind != "str" or self.maximum <= INDEXED_LENGTH
        return self.kind in SORTABLE and not self.optional and fits


def parse_field(text: str, taken: Collection[str] = (), resources: Collection[str] | None = None) -> Field:
    """Read a field.

    Args:
        text: as the grammar says.
        taken: names that the code around the field has already.
        resources: what a ref may refer to; None where there are no refs.

    Raises:
        FieldError: it breaks the grammar, or its name or a value can't be had; one line that says which.
    """
    if text.count('"') % 2:
        raise FieldError("a double quote is not closed")
    name, *rest = _COLON.split(text)
    _check_name(name, taken)
    if not rest:
        raise FieldError(f"has no type: write {name}:str, or another of {', '.join(TYPES)}")
    bare = replace(_read_type(rest[0], resources), name=name)
    if bare.target:
        bare = replace(bare, name=f"{name}_id")
        _check_name(bare.name, taken)
    constraints = _read_constraints(rest[1:])
    least, greatest = natural_bounds(bare)
    field = replace(
        bare,
        unique="unique" in constraints,
        index="index" in constraints,
        minimum=_read_bound(bare, "min", constraints.get("min"), least),
        maximum=_read_bound(bare, "max", constraints.get("max"), greatest),
    )
    _check_bounds(field)
    _check_index(field)
    default = constraints.get("default")
    return field if default is None else _with_default(field, default)


def natural_bounds(field: Field) -> tuple[Any, Any]:
    """The least and the greatest length or value that a type has of itself."""
    if field.kind in INTEGER_BITS:
        end = 2 ** INTEGER_BITS[field.kind]
        return -end, end - 1
    if field.kind == "decimal":
        end_value = (Decimal(10) ** field.digits - 1).scaleb(-field.places)
        return -end_value, end_value
    return LENGTHS.get(field.kind, (None, None))


def _check_name(name: str, taken: Collection[str]) -> None:
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise FieldError(
            f"{name!r} can't be a field's name: use lower-case letters, digits and single underscores, "
            f"a letter first, at most {NAME_LENGTH} characters"
        )
    if keyword.iskeyword(name):
        raise FieldError(f"{name!r} is a word of Python: choose another name")
    if name in READ_IN_CLASSES or name in INHERITED or name.startswith("model_"):
        raise FieldError(f"{name!r} means something to Pydantic, SQLAlchemy or the code around it: choose another name")
    if name in taken:
        raise FieldError(f"{name!r} is there already")


def _read_type(text: str, resources: Collection[str] | None) -> Field:
    match = _TYPE.fullmatch(text)
    kind, arguments, optional = match.groups() if match else (text, None, "")
    if kind == "ref":
        return Field("", kind, bool(optional), target=_read_target((arguments or "").strip(), resources))
    if match is None or kind not in TYPES:
        raise FieldError(f"there is no type {text!r}: the types are {', '.join(TYPES)}")
    field = Field("", kind, bool(optional))
    if kind == "decimal":
        digits, places = _read_digits(arguments)
        return replace(field, digits=digits, places=places)
    if kind == "enum":
        return replace(field, choices=_read_choices(arguments))
    if arguments is not None:
        raise FieldError(f"the type {kind} takes nothing in parentheses")
    return field


def _read_target(name: str, resources: Collection[str] | None) -> str:
    if resources is None:
        raise FieldError("'ref' is for resources that refer to each other: this field can't")
    if name not in resources:
        raise FieldError(f"there is no resource {name!r} to refer to: there are {', '.join(sorted(resources))}")
    return name


def _read_digits(arguments: str | None) -> tuple[int, int]:
    match = re.fullmatch(r" *(\d{1,3}) *, *(\d{1,3}) *", arguments or "", re.ASCII)
    digits, places = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= digits <= DIGITS or places > digits:
        raise FieldError(
            f"write decimal(DIGITS,PLACES) with at most {DIGITS} digits in all, PLACES of them after the point"
        )
    return digits, places


def _read_choices(arguments: str | None) -> tuple[str, ...]:
    choices = tuple(choice.strip() for choice in (arguments or "").split(","))
    if len(set(choices)) < len(choices) or not all(_CHOICE.fullmatch(choice) for choice in choices):
        raise FieldError("write enum(A,B,…) with different values of letters, digits, '_', '.' and '-'")
    return choices


def _read_constraints(parts: list[str]) -> dict[str, str]:
    constraints: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if (key, equals) not in {("unique", ""), ("index", ""), ("default", "="), ("min", "="), ("max", "=")}:
            raise FieldError(f"there is no constraint {part!r}: they are unique, index, default=…, min=… and max=…")
        if key in constraints:
            raise FieldError(f"{key} is said twice")
        quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
        constraints[key] = value[1:-1] if quoted else value
    return constraints


def _read_bound(field: Field, key: str, text: str | None, natural: Any) -> Any:  # noqa: ANN401 - as in Field
    if text is None:
        return natural
    if field.kind not in BOUNDED:
        raise FieldError(f"the type {field.kind} takes no {key}")
    if field.kind not in TEXTS:
        return _read_value(field, key, text)
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or int(text) > LONGEST[field.kind]:
        raise FieldError(f"{key} of a {field.kind} is a length, at most {LONGEST[field.kind]}")
    return int(text)


def _read_value(field: Field, key: str, text: str) -> Value:
    try:
        match field.kind:
            case "int" | "bigint":
                if re.fullmatch(r"-?\d{1,19}", text, re.ASCII):
                    return int(text)
            case "decimal":
                number = re.fullmatch(r"-?\d{1,28}(?:\.(\d{1,28}))?", text, re.ASCII)
                if number and len(number[1] or "") <= field.places:
                    return Decimal(text).quantize(Decimal(1).scaleb(-field.places))
            case "date":
                if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                    return date.fromisoformat(text)
            case "bool":
                return _TRUTH[text]
            case "enum":
                return field.choices[field.choices.index(text)]
            case _:
                if text.isprintable():
                    return text
    except (InvalidOperation, KeyError, ValueError):
        pass
    raise FieldError(f"{key}={text!r} is no value of {_written(field)}")


def _check_bounds(field: Field) -> None:
    least, greatest = natural_bounds(field)
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        raise FieldError(f"min {low} is more than max {high}")
    if field.kind in TEXTS and high == 0:
        raise FieldError("max 0 leaves nothing to say")
    if field.kind not in TEXTS and least is not None and (low < least or high > greatest):
        raise FieldError(f"a {_written(field)} holds {least} to {greatest}")


def _check_index(field: Field) -> None:
    for wanted, impossible in (("unique", NEVER_UNIQUE), ("index", WITHOUT_INDEX)):
        if getattr(field, wanted) and field.kind in impossible:
            raise FieldError(f"the type {field.kind} can't be {wanted}")
    if field.index and field.kind == "ref":
        raise FieldError("a ref has an index already: leave index out")
    if field.unique and field.index:
        raise FieldError("what is unique has an index already: leave index out")
    if (field.unique or field.index) and field.kind == "str" and field.maximum > INDEXED_LENGTH:
        raise FieldError(f"an index holds at most {INDEXED_LENGTH} characters: give a max")
    if field.unique and _count_of_values(field) < LEAST_UNIQUE:
        raise FieldError(f"min and max leave less than {LEAST_UNIQUE} values, too few for unique")


def _count_of_values(field: Field) -> int:
    match field.minimum, field.maximum:
        case int(low), int(high):
            return int(10 ** min(high, 3)) if field.kind == "str" else high - low + 1
        case Decimal() as low, Decimal() as high:
            return int((high - low).scaleb(field.places)) + 1
        case date() as low, date() as high:
            return (high - low).days + 1
    return LEAST_UNIQUE


def _with_default(field: Field, text: str) -> Field:
    if field.kind not in WITH_DEFAULT:
        raise FieldError(f"the type {field.kind} takes no default")
    if field.unique:
        raise FieldError("a default that is unique would do for one row")
    value = _read_value(field, "default", text)
    if isinstance(value, str) and len(value) > LONGEST_DEFAULT:
        raise FieldError(f"a default has at most {LONGEST_DEFAULT} characters: write a longer one into the code")
    size = len(value) if isinstance(value, str) else value
    for bound, sign in ((field.minimum, 1), (field.maximum, -1)):
        if field.kind in BOUNDED and bound is not None and (size < bound if sign > 0 else size > bound):
            raise FieldError(f"default={text!r} is beyond {'min' if sign > 0 else 'max'} {bound}")
    return replace(field, default=value)


def _written(field: Field) -> str:
    match field.kind:
        case "decimal":
            return f"decimal({field.digits},{field.places})"
        case "enum":
            return f"enum({','.join(field.choices)})"
    return field.kind
