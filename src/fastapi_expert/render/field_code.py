"""What a field becomes in each layer of a service: lines of Python that a template puts where they belong.

A template reads them in a loop (`# % for field in fields`, `# + {{ field.column }}`). Its modules import what any kind
of field needs; rendering takes out what none used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from fastapi_expert.render.fields import INTEGER_BITS, LEAST_UNIQUE, LONGEST_DEFAULT, TEXTS, Field, natural_bounds

# Of each kind: the type of the attribute, of what is sent, of the column, and an example that has no bounds.
_PYTHON = {
    "int": "int",
    "bigint": "int",
    "decimal": "Decimal",
    "bool": "bool",
    "date": "dt.date",
    "datetime": "datetime",
    "uuid": "uuid.UUID",
    "json": "dict[str, Any]",
    "ref": "Key",
}
_SENT = {
    "int": "Int32",
    "bigint": "Int64",
    "decimal": "Decimal",
    "bool": "bool",
    "date": "Day",
    "datetime": "Instant",
    "uuid": "uuid.UUID",
    "email": "Email",
    "url": "Url",
    "json": "JsonObject",
}
_COLUMN = {
    "text": "Text()",
    "int": "Integer()",
    "bigint": "BigInteger()",
    "bool": "Boolean()",
    "date": "Date()",
    "datetime": "DateTime(timezone=True)",
    "uuid": "Uuid()",
    "email": "String(length=254)",
    "url": "String(length=2083)",
    "enum": "String(length=50)",
}
_EXAMPLES = {
    "bool": (True, False),
    "datetime": ("2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z"),
    "uuid": ("0197b1a2-6f3c-7c55-9d0e-2f4b6a8c1e3d", "0197b1a2-6f3c-7c55-9d0e-2f4b6a8c1e3e"),
    "email": ("grace@example.com", "alan@example.com"),
    "url": ("https://example.com/", "https://example.org/"),
    "json": ({"colour": "green"}, {"colour": "blue", "sizes": [1, 2]}),
}
_WRONG: dict[str, tuple[str, ...]] = {
    "str": ('"a\\x00b"', "2**64", '["a list"]'),
    "text": ('"a\\x00b"', "2**64", '["a list"]'),
    "int": ('"1"', "1.5", "True"),
    "bigint": ('"1"', "1.5", "True"),
    "decimal": ('"much"', '"NaN"', '"Infinity"'),
    "bool": ('"true"', "1"),
    "date": ('"2026-02-30"', "0", '"0"', '"2026-01-31T00:00:00Z"'),
    "datetime": ('"2026-01-31T12:00:00"', "0", '"9999-12-31T23:59:59-05:00"'),
    "uuid": ('"no-uuid"', "1"),
    "email": ('"nobody"', "f\"{'x' * 300}@example.com\""),
    "url": ('"javascript:alert(1)"', "f\"https://example.com/{'x' * 2083}\""),
    "json": ("[]", '"{}"', '{"a": ["b\\x00"]}', '{"a": "b" * 20_000}'),
    "enum": ('"none of them"', "1"),
    "ref": ('"no-key"', "[]"),
}
_UNIQUE: dict[str, str] = {
    "datetime": 'f"2026-01-31T12:{number // 60:02}:{number % 60:02}Z"',
    "uuid": "str(uuid.UUID(int=number))",
    "email": 'f"user{number}@example.org"',
    "url": 'f"https://example.org/{number}"',
}


def _literal(value: object) -> str:
    """Write a value as Python, strings in double quotes."""
    match value:
        case str() if len(value) > LONGEST_DEFAULT:  # an example, filled up
            return f'{_literal(value.rstrip("."))}.ljust({len(value)}, ".")'
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Decimal():
            return f'Decimal("{value}")'
        case date():
            return f"dt.date({value.year}, {value.month}, {value.day})"
        case dict():
            return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
        case int() if not isinstance(value, bool):
            return f"{value:_}" if abs(value) >= 10_000 else str(value)
    return repr(value)


def _sendable(value: object) -> object:
    """The value as JSON has it."""
    return str(value) if isinstance(value, Decimal | date) else value


@dataclass(frozen=True)
class Reference:
    """The resource that a field refers to, in code.

    Attributes:
        name: in kebab case.
        plural: in kebab case.
        owned: its rows have owners.
        soft_delete: its deleted rows stay.
        delete: they can be deleted.
        circular: it refers back, by itself or by others.
    """

    name: str
    plural: str
    owned: bool
    soft_delete: bool
    delete: bool
    circular: bool

    @property
    def model(self) -> str:
        """The class of its rows."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def snake(self) -> str:
        """Its name in names of functions."""
        return self.name.replace("-", "_")

    @property
    def folder(self) -> str:
        """Its folder below `app/domains/`, which is the name of its table as well."""
        return self.plural.replace("-", "_")

    def lookup(self, column: str) -> str:
        """The statement that finds one by what a column holds, among what the caller may see."""
        conditions = [f'{self.model}.id == bindparam("{column}")']
        conditions += [f'{self.model}.owner_id == bindparam("owner_id")'] * self.owned
        conditions += [f"{self.model}.deleted_at.is_(None)"] * self.soft_delete
        return f"select({self.model}.id).where({', '.join(conditions)})"


@dataclass(frozen=True)
class FieldCode:
    """A field in code.

    Attributes:
        field: what it is.
        ref: what it refers to, if it does.
    """

    field: Field
    ref: Reference | None = None

    @property
    def name(self) -> str:
        """What it is called in every layer."""
        return self.field.name

    @property
    def optional(self) -> bool:
        """It may be null."""
        return self.field.optional

    @property
    def unique(self) -> bool:
        """No two rows share a value."""
        return self.field.unique

    @property
    def index(self) -> bool:
        """It has an index that is not unique."""
        return self.field.index

    @property
    def words(self) -> str:
        """Its name as people write it."""
        return self._spoken.replace("_", " ")

    @property
    def code(self) -> str:
        """Its name in the code of an error."""
        return self._spoken.replace("_", "-")

    @property
    def pascal(self) -> str:
        """Its name in the name of a class."""
        return "".join(word.capitalize() for word in self._spoken.split("_"))

    @property
    def _spoken(self) -> str:
        return self.name.removesuffix("_id") if self.ref else self.name

    @property
    def _or_none(self) -> str:
        return " | None" if self.optional else ""

    @property
    def _column_type(self) -> str:
        match self.field.kind:
            case "str":
                return f"String(length={self.field.maximum})"
            case "ref" if self.ref:
                # SQLAlchemy puts tables in order, and warns of a circle that nothing breaks.
                breaks = ", use_alter=True" if self.ref.circular and self.optional else ""
                return f'ForeignKey("{self.ref.folder}.id"{breaks})'
            case "decimal":
                return f"Numeric(precision={self.field.digits}, scale={self.field.places})"
        return _COLUMN[self.field.kind]

    @property
    def _python_type(self) -> str:
        return _PYTHON.get(self.field.kind, "str")

    @property
    def column(self) -> str:
        """Its line in a model."""
        return self._column_with("unique", "index")

    @property
    def plain_column(self) -> str:
        """Its line in a model whose table says itself what is unique."""
        return self._column_with("index")

    def _column_with(self, *keys: str) -> str:
        is_json = self.field.kind == "json"
        kind = "JSONB(none_as_null=True)" if is_json else re.sub(r"[a-z]+=(?=\d)", "", self._column_type)
        more = "".join(f", {key}=True" for key in keys if getattr(self.field, key))
        if self.ref:
            more = ", index=True"
        return f"{self.name}: Mapped[{self._python_type}{self._or_none}] = mapped_column({kind}{more})"

    @property
    def choices_check(self) -> str:
        """The condition that keeps an enum's column to its choices, in pieces that fit a line, or empty."""
        first, *others = self.field.choices or ("",)
        pieces = [f"{self.name} IN ('{first}'", *(f", '{choice}'" for choice in others), ")"]
        return " ".join(map(_literal, pieces)) if first else ""

    @property
    def migrated_column(self) -> str:
        """Its column in a migration."""
        kind = "postgresql.JSONB()" if self.field.kind == "json" else f"sa.{self._column_type}"
        return f'sa.Column("{self.name}", {kind}, nullable={self.optional}),'

    @property
    def sent_type(self) -> str:
        """The definition of the type that requests have for it."""
        field, parts = self.field, []
        if self.ref:
            return f"{self.pascal}Value = Key"
        least, greatest = natural_bounds(field)
        low, high = ("min_length", "max_length") if field.kind in TEXTS else ("ge", "le")
        if field.kind == "decimal":
            parts += [f"max_digits={field.digits}", f"decimal_places={field.places}"]
        if field.kind in INTEGER_BITS or field.kind == "bool":
            parts.append("strict=True")
        for key, bound, natural in ((low, field.minimum, least), (high, field.maximum, greatest)):
            if bound is not None and (field.kind in TEXTS or bound != natural) and (key, bound) != ("min_length", 0):
                parts.append(f"{key}={_literal(bound)}")
        parts.append(f"examples=[{_literal(_sendable(self.example))}]")
        sent = "Text" if field.kind in TEXTS else _SENT.get(field.kind, "")
        if field.kind == "enum":
            sent = f"Literal[{', '.join(_literal(choice) for choice in field.choices)}]"
        scaled = f", AfterValidator(scaled({field.places}))" if field.kind == "decimal" else ""
        return f"{self.pascal}Value = Annotated[{sent}, Field({', '.join(parts)}){scaled}]"

    @property
    def created(self) -> str:
        """Its line in the model of a new row."""
        given = "" if self.field.default is None and not self.optional else f" = {_literal(self.field.default)}"
        return f"{self.name}: {self.pascal}Value{self._or_none}{given}"

    @property
    def changed(self) -> str:
        """Its line in the model of a change: what is missing stays as it is."""
        return f"{self.name}: {self.pascal}Value | MISSING{self._or_none} = MISSING"

    @property
    def read(self) -> str:
        """Its line in the model of an answer."""
        kind = f"{self.pascal}Value" if self.field.kind == "enum" else self._python_type
        example = (
            "" if self.field.kind in {"enum", "ref"} else f" = Field(examples=[{_literal(_sendable(self.example))}])"
        )
        return f"{self.name}: {kind}{self._or_none}{example}"

    def filtered(self, keys: str) -> str:
        """Its line in the model of a query, where a number is written as text.

        Args:
            keys: what ids are, `uuid` or `integer`.
        """
        by_kind = {"int": "Int32", "bigint": "Int64", "bool": "bool"}
        if keys == "integer":
            by_kind["ref"] = "Annotated[Int64, Field(ge=1)]"
        return f"{self.name}: {by_kind.get(self.field.kind, f'{self.pascal}Value')} | None = None"

    @property
    def made(self) -> str:
        """What rows made by tests have: as `usual`, in Python's own types."""
        return self._in_python(self.usual)

    @property
    def made_good(self) -> str:
        """The same of `good`."""
        return self._in_python(self.good)

    def _in_python(self, sent: str) -> str:
        kinds = {"decimal": "Decimal", "date": "dt.date.fromisoformat", "datetime": "datetime.fromisoformat"}
        wrapper = (kinds | {"uuid": "uuid.UUID"}).get(self.field.kind)
        return f"{wrapper}({sent})" if wrapper else sent

    @property
    def made_reference(self) -> str:
        """An argument that gives a row made by tests what it would do without: something to refer to."""
        if self.ref is None or not self.optional:
            return ""
        return f", {self.name}=(await new_{self.ref.snake}(service, ada)).id"

    @property
    def unset(self) -> str:
        """What it is in an answer when nothing was sent."""
        return _literal(_sendable(self.field.default))

    @property
    def may_be_unset(self) -> bool:
        """It need not be sent."""
        return self.optional or self.field.default is not None

    @property
    def example(self) -> object:
        """A good value."""
        return self._examples[0]

    @cached_property
    def _examples(self) -> tuple[object, object]:
        """Two good values, different where the field has two."""
        field, low, high = self.field, self.field.minimum, self.field.maximum
        if field.kind in TEXTS:
            words = self.words.capitalize()
            first, second = (text[:high].ljust(low, ".") for text in (words, f"Another {self.words}"))
            return first, second if second != first else "X" + first[1:]
        if field.kind in INTEGER_BITS or field.kind == "decimal":
            step, room = Decimal(1).scaleb(-field.places), LEAST_UNIQUE if field.unique else 1
            number = max(Decimal(low), min(Decimal(1), Decimal(high) - room * step)).quantize(step)
            numbers = number, min(Decimal(high), number + step)
            return numbers if field.kind == "decimal" else (int(numbers[0]), int(numbers[1]))
        if field.kind == "date":
            earliest, latest = (low or date.min).toordinal(), (high or date.max).toordinal()
            day = max(earliest, min(date(2026, 1, 31).toordinal(), latest - LEAST_UNIQUE))
            return date.fromordinal(day), date.fromordinal(min(day + 1, latest))
        if field.kind == "enum":
            return field.choices[0], field.choices[-1]
        return _EXAMPLES[field.kind]

    @property
    def good(self) -> str:
        """A good value as a test sends and gets it."""
        return _literal(_sendable(self.example))

    @property
    def usual(self) -> str:
        """What accounts made by tests have: another good value, one for each `number` where the field is unique."""
        if not self.unique:
            return _literal(_sendable(self._examples[1]))
        if self.field.kind == "str":
            return f'f"{{number:0{max(2, self.field.minimum)}}}"'
        start = self.example
        match start:
            case Decimal():
                return f'str({_literal(start)} + number * Decimal("{Decimal(1).scaleb(-self.field.places)}"))'
            case int():
                return f"{start} + number"
            case date():
                return f"str({_literal(start)} + dt.timedelta(days=number))"
        return _UNIQUE[self.field.kind]

    @property
    def wrong(self) -> list[str]:
        """Values that must be refused, as Python that a test holds."""
        field, low, high = self.field, self.field.minimum, self.field.maximum
        found = list(_WRONG[field.kind])
        if not field.optional:
            found.append("None")
        if field.kind in TEXTS:
            found += [f'"x" * {low - 1}'] * (low > 0)
            found.append(f'"x" * {high + 1}')
        elif field.kind in INTEGER_BITS:
            found += [str(low - 1), str(high + 1)]
        elif field.kind == "decimal":
            step = Decimal(1).scaleb(-field.places)
            found += [f'"{low - step}"', f'"{high + step}"', f'"{step / 10:f}"']
        elif field.kind == "date":
            found += [f'"{low - timedelta(days=1)}"'] if isinstance(low, date) and low > date.min else []
            found += [f'"{high + timedelta(days=1)}"'] if isinstance(high, date) and high < date.max else []
        return found
