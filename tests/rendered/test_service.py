"""The service template where it lies, and what it renders to: each rendering proves itself with its own `check.py`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.template import read_template

from .running import prove_parts

TEMPLATE = content_root() / "templates" / "service"
PROPERTIES = read_template(TEMPLATE).options["properties"]
OPTIONS = [option for option, schema in PROPERTIES.items() if schema["type"] == "boolean" and not schema.get("given")]


def flags(switched_on: list[str]) -> list[str]:
    """Say every option on the command line."""
    return [f"--{option.replace('_', '-')}={'on' if option in switched_on else 'off'}" for option in OPTIONS]


PATHS = [
    *("--prefix", "/api/v2", "--register-path", "/register", "--login-path", "/log-in", "--me-path", "/me"),
    *("--refresh-path", "/log-in/refresh", "--logout-path", "/log-out"),
]
LIFETIMES = ["--access-token-minutes", "60", "--refresh-token-days", "7"]
# Each type, optional and not, with each constraint that it takes, and names that are words elsewhere.
FIELDS = [
    f"--field={field}"
    for field in (
        *("phone:str?:max=20:unique", "initials:str:min=2:max=4:unique", "order:str:default=none", "text:text?"),
        *("age:int?:min=0:max=150", "seat:int:unique", "score:bigint", "balance:decimal(10,2):default=0.00:min=0"),
        *("rate:decimal(4,4)?", "member_no:decimal(12,0):unique", "active:bool:default=true", "subscribed:bool?"),
        *("date:date", "born:date?:min=1900-01-01:max=2026-12-31", "badge_day:date:unique", "seen_at:datetime?"),
        *("joined_at:datetime:unique", "external_id:uuid:unique", "device:uuid?:index", "work_email:email:unique"),
        *("contact:email?", "site:url?:index", "home_page:url:unique", "settings:json?", "tags:json"),
        *("plan:enum(free,paid):default=free", "shirt_size:enum(s,m,l)?:index"),
    )
]
USERNAME = ["--login", "username", "--field", "email:email?:unique"]
INTEGER = ["--keys", "integer"]
JSON = ["--login-body", "json"]
OTHER_VALUES = [*PATHS, *LIFETIMES, *FIELDS, *USERNAME, *INTEGER, *JSON]

# What the values meet most of; "other values" meets everything.
ACCOUNTS = flags(["profile", "registration", "profile_update", "account_deletion", "refresh_tokens", "password_change"])

VARIANTS = {
    "default": [],
    "everything": flags(OPTIONS),
    "nothing": flags([]),
    "paths": [*PATHS, *ACCOUNTS],
    "lifetimes": [*LIFETIMES, *ACCOUNTS],
    "fields": [*FIELDS, *ACCOUNTS],
    "username": [*USERNAME, *ACCOUNTS, "--roles=on"],
    "integer": INTEGER,
    "json": [*JSON, *ACCOUNTS],
    "other values": OTHER_VALUES,
    "other values and nothing else": [*OTHER_VALUES, *flags([])],
    **{f"only {option}": flags([option]) for option in OPTIONS},
}


def prove(service: Path) -> None:
    """Run the service's own proof."""
    done = subprocess.run(
        [sys.executable, "check.py"], cwd=service, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_template_runs_as_it_lies() -> None:
    """With everything on it is the same code, as the next test sees, and proves itself whole."""
    prove_parts(TEMPLATE, "tests/test_main.py", "tests/test_openapi.py", "tests/auth", "tests/users", "tests/tasks")


def test_with_everything_on_rendering_only_takes_the_statements_away() -> None:
    """What runs as it lies is what is rendered, values included."""
    template = read_template(TEMPLATE)
    rendered = template.render(dict.fromkeys(OPTIONS, True))

    for path, source in template.sources.items():
        if not path.endswith(".jinja"):
            lines = [line for line in source.splitlines() if not line.lstrip().startswith(("# % ", "# = ", "# +"))]
            assert rendered.get(path, "").splitlines() == lines, path


@pytest.mark.parametrize("arguments", VARIANTS.values(), ids=VARIANTS)
def test_what_is_rendered_proves_itself(open_folder: Path, arguments: list[str]) -> None:
    service = open_folder / "corner-shop"

    assert main(["new", str(service), *arguments]) == 0

    for file in service.rglob("*"):
        if file.is_file() and file.suffix != ".zip":
            assert not re.search(r"specimen|# [%=+] ", file.read_text(encoding="utf-8"), re.IGNORECASE), file
    prove(service)
