"""Types that requests are made of: what they let through is what a column holds and gives back."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from app.core.schemas import Day, Int32, Int64, JsonObject, Url, scaled

Price = Annotated[Decimal, Field(max_digits=5, decimal_places=2), AfterValidator(scaled(2))]


def nested(depth: int) -> dict[str, Any]:
    """An object in an object, so many times."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (Day, "2024-02-29", "2024-02-29"),
        (Int32, 2**31 - 1, 2**31 - 1),
        (Int64, -(2**63), -(2**63)),
        (Price, "1e2", "100.00"),
        (Price, 1.1, "1.10"),
        (Price, "-0", "0.00"),
        (Price, "999.99", "999.99"),
        (Url, "HTTPS://Example.com", "https://example.com/"),
        (JsonObject, {"a": ["\\u0000", {"b": None}]}, {"a": ["\\u0000", {"b": None}]}),
    ],
)
def test_what_fits_is_kept_as_a_column_keeps_it(kind: Any, sent: object, kept: object) -> None:  # noqa: ANN401
    adapter = TypeAdapter[Any](kind)

    assert adapter.dump_python(adapter.validate_python(sent), mode="json") == kept


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (Day, "2023-02-29"),
        (Day, "2024-02-29T00:00:00Z"),
        (Day, "٢٠٢٤-٠٢-٢٩"),
        (Day, 0),
        (Day, True),
        (Int32, 2**31),
        (Int64, 2**63),
        (Price, "1000"),
        (Price, "0.001"),
        (Price, "NaN"),
        (Price, "1e400"),
        (Url, "ftp://example.com"),
        (Url, "javascript:alert(1)"),
        (Url, "https://example.com/" + "x" * 2064),
        (Url, "https://example.com/" + "é" * 500),
        (Url, "https://example.com/\ud800"),
        (JsonObject, []),
        (JsonObject, {"a": "\x00"}),
        (JsonObject, {"\x00": 1}),
        (JsonObject, {"a": ["\ud800"]}),
        (JsonObject, {"a": float("nan")}),
        (JsonObject, {"a": float("inf")}),
        (JsonObject, {"a": "x" * 10_000}),
        (JsonObject, nested(2000)),
    ],
)
def test_what_does_not_fit_is_refused(kind: Any, sent: object) -> None:  # noqa: ANN401 - a type as Pydantic takes it
    with pytest.raises(ValidationError):
        TypeAdapter[Any](kind).validate_python(sent)
