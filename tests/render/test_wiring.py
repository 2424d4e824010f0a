"""Statements put into somebody's module, and everything else in it left as it is."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from fastapi_expert.render.applications import find_applications
from fastapi_expert.render.edits import EditError
from fastapi_expert.render.patterns import Home, Wiring
from fastapi_expert.render.wiring import wired

HOME = Home(PurePosixPath(), "shop", PurePosixPath("tests/core"))
INNER = Wiring("app.core.limits", "Limits", "app.add_middleware(Limits, size=1)")
OUTER = Wiring("app.core.log", "Log", "app.add_middleware(Log, routes=app.routes)", last=True)


TRACED = Wiring("app.core.tracing", "traces", "app.include_router(traces)", argument="telemetry=traces.config")
KEYS = Wiring("app.keys.router", "router", "app.include_router(keys_router)", alias="keys_router")


def wire(folder: Path, source: str, *wiring: Wiring) -> str:
    """Put statements into a module that makes one application."""
    (folder / "main.py").write_bytes(source.encode())
    (application,) = find_applications(folder)
    return wired(source.encode(), application, wiring or (INNER, OUTER), HOME).decode()


def test_a_module_keeps_its_words_and_gets_what_is_missing_in_its_place(tmp_path: Path) -> None:
    source = '''\
"""The shop."""

from fastapi import FastAPI   # three spaces

from shop.api import router
from shop.views import pages

app = FastAPI( title = 'Shop' )

app.include_router(router)  # all of it

@app.get('/')
def root(): return  1

app.include_router(pages)
print("ready")
'''

    assert (
        wire(tmp_path, source)
        == '''\
"""The shop."""

from fastapi import FastAPI   # three spaces

from shop.api import router
from shop.core.limits import Limits
from shop.core.log import Log
from shop.views import pages

app = FastAPI( title = 'Shop' )
app.add_middleware(Limits, size=1)

app.include_router(router)  # all of it

@app.get('/')
def root(): return  1

app.include_router(pages)
app.add_middleware(Log, routes=app.routes)
print("ready")
'''
    )


def test_a_factory_is_wired_inside_under_its_own_name(tmp_path: Path) -> None:
    source = """\
import fastapi
from .settings import Settings


def make(settings: Settings) -> fastapi.FastAPI:
\tapi: fastapi.FastAPI = fastapi.FastAPI()
\tapi.state.settings = settings
\treturn api
"""

    assert (
        wire(tmp_path, source)
        == """\
import fastapi
from shop.core.limits import Limits
from shop.core.log import Log

from .settings import Settings


def make(settings: Settings) -> fastapi.FastAPI:
\tapi: fastapi.FastAPI = fastapi.FastAPI()
\tapi.add_middleware(Limits, size=1)
\tapi.add_middleware(Log, routes=api.routes)
\tapi.state.settings = settings
\treturn api
"""
    )


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    source = "from fastapi import FastAPI\r\n\r\napp = FastAPI()\r\n"

    after = wire(tmp_path, source)

    assert "import Limits\r\n" in after
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize(
    "use",
    ["from shop.core.limits import Limits", "from shop.core import limits\nlimits.Limits"],
    ids=["imported", "through its module"],
)
def test_what_is_there_is_not_put_there_again(tmp_path: Path, use: str) -> None:
    source = f"from fastapi import FastAPI\n{use}\napp = FastAPI()\n"

    assert wire(tmp_path, source, INNER) == source
    once = wire(tmp_path, source)
    assert wire(tmp_path, once) == once


@pytest.mark.parametrize(
    "other", ["from shop.settings import settings\nsettings.Limits()", "from x.y import Limits as L"]
)
def test_another_thing_of_the_name_is_no_reason_to_leave_it_out(tmp_path: Path, other: str) -> None:
    source = f"from fastapi import FastAPI\n{other}\napp = FastAPI()\n"

    assert "from shop.core.limits import Limits\n" in wire(tmp_path, source, INNER)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from fastapi import FastAPI\napp = FastAPI(\n", "line 2 can't be read"),
        ("from fastapi import FastAPI\n\ndef make():\n    return FastAPI()\n", "not put in a variable"),
        ("from fastapi import FastAPI\n\nclass Server:\n    app = FastAPI()\n", "not put in a variable"),
    ],
    ids=["broken", "without a name", "in a class"],
)
def test_what_can_not_be_edited_safely_is_said(tmp_path: Path, source: str, why: str) -> None:
    with pytest.raises(EditError, match=why):
        wire(tmp_path, source)


def test_a_name_of_a_module_that_is_imported_from_joins_its_line(tmp_path: Path) -> None:
    source = """\
from fastapi import FastAPI

from shop.core.limits import PATIENCE, Sizes, limited  # ours

app = FastAPI()
"""

    wired = wire(tmp_path, source, INNER)

    assert "from shop.core.limits import PATIENCE, Limits, Sizes, limited  # ours\n" in wired
    assert wired.count("shop.core.limits") == 1


@pytest.mark.parametrize(
    ("made", "after"),
    [
        ("FastAPI()", "FastAPI(telemetry=traces.config)"),
        ("FastAPI( title='Shop' )", "FastAPI( title='Shop', telemetry=traces.config )"),
        ("FastAPI(title='Shop',)", "FastAPI(title='Shop', telemetry=traces.config,)"),
        (
            "FastAPI(\n    title='Shop',  # ours\n    debug=True,  # for now\n)",
            "FastAPI(\n    title='Shop',  # ours\n    debug=True,  # for now\n    telemetry=traces.config,\n)",
        ),
        ("FastAPI(\n\ttitle='Shop'\n)", "FastAPI(\n\ttitle='Shop',\n\ttelemetry=traces.config\n)"),
    ],
    ids=["none", "one, spaced", "a comma", "lines with comments", "a line, without a comma"],
)
def test_an_argument_goes_after_the_others_as_they_are_written(tmp_path: Path, made: str, after: str) -> None:
    wired = wire(tmp_path, f"from fastapi import FastAPI\n\napp = {made}\n", TRACED)

    assert f"\napp = {after}\napp.include_router(traces)\n" in wired


@pytest.mark.parametrize("argument", ["telemetry={}", "**settings"])
def test_an_argument_that_is_there_or_may_be_is_not_said_again(tmp_path: Path, argument: str) -> None:
    with pytest.raises(EditError, match="telemetry="):
        wire(tmp_path, f"from fastapi import FastAPI\napp = FastAPI({argument})\n", TRACED)


def test_a_common_name_gets_another_one(tmp_path: Path) -> None:
    source = (
        "from fastapi import FastAPI\nfrom shop.views import router\n\napp = FastAPI()\napp.include_router(router)\n"
    )

    wired = wire(tmp_path, source, KEYS)

    assert "from shop.keys.router import router as keys_router\nfrom shop.views import router\n" in wired
    assert "app = FastAPI()\napp.include_router(keys_router)\napp.include_router(router)\n" in wired
    assert wire(tmp_path, wired, KEYS) == wired


def test_an_import_goes_after_those_of_its_package_wherever_they_are(tmp_path: Path) -> None:
    source = """\
import sys

from fastapi import FastAPI

sys.path.append("src")

from shop.views import pages  # noqa: E402

app = FastAPI()
"""

    wired = wire(tmp_path, source, INNER)

    assert "from shop.views import pages  # noqa: E402\nfrom shop.core.limits import Limits\n" in wired
