"""A service of an older template, worked on since, brought to this one.

`older_service/` is what `new olds --field 'phone:str?:max=20'` of 26 November 2026, 03:57 remembers of its rendering:
without jobs, idempotency keys and telemetry, and with users in pages by key.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from tests.rendered.running import run_module

ROUTER = "app/domains/users/router.py"
GREETINGS = {
    "app/domains/greetings/__init__.py": "",
    "app/domains/greetings/router.py": '''\
"""A greeting."""

from fastapi import APIRouter

router = APIRouter(prefix="/greetings", tags=["greetings"])


@router.get("", summary="Greet")
async def greet() -> str:
    """Greet whoever asks."""
    return "Good day."
''',
    "tests/greetings/__init__.py": "",
    "tests/greetings/test_router.py": '''\
"""A greeting."""

from tests.service import Service


async def test_it_greets(service: Service) -> None:
    assert (await service.client.get("/greetings")).json() == "Good day."
''',
}


@pytest.fixture
def service(open_folder: Path) -> Path:
    """The older service, as it was rendered."""
    shutil.copytree(Path(__file__).parent / "older_service", open_folder / ".fastapi-expert")
    with zipfile.ZipFile(open_folder / ".fastapi-expert/base.zip") as rendered:
        rendered.extractall(open_folder)
    return open_folder


def edit(file: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_edits_are_kept_conflicts_are_marked_and_what_was_settled_proves_itself(
    service: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in GREETINGS.items():
        (service / path).parent.mkdir(exist_ok=True)
        (service / path).write_text(text)
    edit(service / ROUTER, 'summary="Register"', 'summary="Sign up"')
    edit(service / ROUTER, "await users.page(query)\n", "await users.page(query)  # ours\n")
    edit(service / "app/core/passwords.py", "CONCURRENT_HASHES = ", "CONCURRENT_HASHES = 1 + ")

    assert main(["update", "--to", str(service), "--format", "json"]) == 1

    states = {change["path"]: change["state"] for change in json.loads(capsys.readouterr().out)["changes"]}
    assert (states[ROUTER], states["app/core/passwords.py"]) == ("conflict", "merge")
    assert not GREETINGS.keys() & states.keys()
    marked = (service / ROUTER).read_text()
    assert "await users.page(query)  # ours\n" in marked
    settled = re.sub(r"<{7} yours\n.*?={7}\n(.*?)>{7} template\n", r"\1", marked, flags=re.DOTALL)
    (service / ROUTER).write_text(settled)
    assert "CountedPage" in settled
    assert 'summary="Sign up"' in settled
    assert "CONCURRENT_HASHES = 1 + " in (service / "app/core/passwords.py").read_text()
    assert main(["update", "--to", str(service)]) == 0
    for command in (
        ("ruff", "check", "."),
        ("mypy",),
        ("pytest", "-q", "tests/greetings", "tests/users", "tests/core/test_migrations.py", "tests/test_worker.py"),
    ):
        run_module(service, *command)
