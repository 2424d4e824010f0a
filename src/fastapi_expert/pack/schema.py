"""Where a value breaks a JSON Schema."""

from __future__ import annotations

from typing import Any

from jsonschema_rs import Draft202012Validator


def fault_in(value: object, schema: dict[str, Any]) -> tuple[str, str] | None:
    """Tell where a value breaks a JSON Schema and how, nearest the top; None where it doesn't. The top has no place."""
    errors = Draft202012Validator(schema, offline=True).iter_errors(value)
    error = min(errors, key=lambda refused: len(refused.instance_path), default=None)
    return None if error is None else (".".join(str(step) for step in error.instance_path), error.message)
