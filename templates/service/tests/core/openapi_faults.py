"""Reads the application's own OpenAPI document, and derives from each schema an example and what it must refuse."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.main import create_app
from tests.service import NOBODYS_KEY, settings_for

Schema = dict[str, Any]
Location = tuple[str | int, ...]

SECRET = "hunter2-hunter2"  # what no answer may repeat
DOCUMENT: dict[str, Any] = create_app(settings_for("postgresql://nowhere")).openapi()
FORMATS = {
    "date-time": "2030-01-01T00:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "01980f5e-0000-7000-8000-000000000000",
}


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    description: dict[str, Any]

    @property
    def name(self) -> str:
        """Its operation id."""
        return str(self.description["operationId"])

    @property
    def url(self) -> str:
        """Its path, with an id of nothing for each parameter."""
        return self.url_with(str(NOBODYS_KEY))

    def url_with(self, parameter: str) -> str:
        """Its path, with this for each parameter."""
        steps = [parameter if step.startswith("{") else step for step in self.path.split("/")]
        return "http://test" + "/".join(steps)

    def parameters(self, place: str) -> dict[str, Schema]:
        """The schemas of its parameters in the query, the path or the headers, by name."""
        declared = self.description.get("parameters", [])
        return {parameter["name"]: parameter["schema"] for parameter in declared if parameter["in"] == place}

    @cached_property
    def body(self) -> tuple[str, Schema] | None:
        """The media type and the schema of its body."""
        for media_type, content in self.description.get("requestBody", {}).get("content", {}).items():
            return media_type, content["schema"]
        return None

    @property
    def takes_json(self) -> bool:
        """Whether it takes a body of JSON."""
        return self.body is not None and self.body[0] == "application/json"


OPERATIONS = [
    Operation(method.upper(), path, description)
    for path, methods in DOCUMENT["paths"].items()
    for method, description in methods.items()
]


def resolved(schema: Schema) -> Schema:
    """Follow a reference."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rsplit("/", 1)[-1]
    return dict(DOCUMENT["components"]["schemas"][name])


def alternatives(schema: Schema) -> list[Schema]:
    """What a schema may be: itself, or each member of its union."""
    schema = resolved(schema)
    members = schema.get("anyOf", schema.get("oneOf"))
    return [schema] if members is None else [found for member in members for found in alternatives(member)]


def example(schema: Schema) -> Any:  # noqa: ANN401 - any JSON
    """Give a value that the schema takes."""
    schema = resolved(schema)
    if "examples" in schema:
        return schema["examples"][0]
    schema = alternatives(schema)[0]
    for exact in ("const", "default"):
        if exact in schema:
            return schema[exact]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [example(schema["items"])]
        case "string":
            return FORMATS.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case kind:
            return kind == "boolean"


def takes_any_words(schema: Schema) -> bool:
    """Tell whether it is a text of some length or a decimal number, where nearly every short text is a good one."""
    members = alternatives(schema)
    return any(
        member.get("type") == "number" or ("maxLength" in member and "format" not in member) for member in members
    )


def faults(schema: Schema) -> Iterator[tuple[Location, Any]]:
    """Give values that the schema must refuse, each with the place of its one fault."""
    members = alternatives(schema)
    yield from (((), value) for value in wrong_values(members))
    for member in members:
        if member.get("type") == "object":
            whole = example(member)
            for name, field in member.get("properties", {}).items():
                for location, value in faults(field):
                    yield (name, *location), whole | {name: value}
            if member.get("additionalProperties") is False:
                yield ("unknown",), whole | {"unknown": SECRET}
        elif member.get("type") == "array":
            for location, value in faults(member["items"]):
                yield (0, *location), [value]
            if "maxItems" in member:
                yield (), [example(member["items"])] * (member["maxItems"] + 1)


def wrong_values(members: list[Schema]) -> Iterator[Any]:
    """Give values of a wrong type, over-long ones, and those that no column holds."""
    types = {member.get("type", "string") for member in members}
    if "null" not in types:
        yield None
    if "object" not in types:
        yield {"nested": SECRET}
    if "array" not in types:
        yield [SECRET]
    if not types & {"integer", "number"}:
        yield 2**64
    else:
        yield from (2**63, -(2**63) - 1, float("nan"), float("inf"), "9" * 5000)
    if types & {"string", "object", "array"}:
        yield f"{SECRET}\x00"
        yield f"{SECRET}\ud800"
        yield SECRET * 7000  # nothing takes 100,000 characters
