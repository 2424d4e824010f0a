"""Resources and patterns added to a service: what is rendered lints, type-checks and passes its own tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import LEFTOVERS, content_root
from fastapi_expert.render.migrations import autogenerate
from fastapi_expert.render.template import read_template
from fastapi_expert.render.tidy import tidy

from .running import prove_parts
from .test_service import prove

TEMPLATES = content_root() / "templates"

# Each type, optional and not, with each constraint that it takes, and names that are words elsewhere.
EVERY_TYPE = (
    *("thing", "phone:str?:max=20:unique", "initials:str:min=2:max=4:unique", "order:str:default=none", "text:text?"),
    *("age:int?:min=0:max=150", "seat:int:unique", "score:bigint", "balance:decimal(10,2):default=0.00:min=0"),
    *("rate:decimal(4,4)?", "member_no:decimal(12,0):unique", "active:bool:default=true", "subscribed:bool?"),
    *("date:date", "born:date?:min=1900-01-01:max=2026-12-31", "badge_day:date:unique", "seen_at:datetime?"),
    *("joined_at:datetime:unique", "external_id:uuid:unique", "device:uuid?:index", "work_email:email:unique"),
    *("contact:email?", "site:url?:index", "home_page:url:unique", "settings:json?", "tags:json"),
    *("plan:enum(free,paid):default=free", "shirt_size:enum(s,m,l)?:index"),
    *("service:str:max=1", "seal:str:min=500:max=500:unique", "share:decimal(28,28):unique", f"{'x' * 37}:date?"),
    f"colour:enum({','.join(f'a-colour-whose-name-is-{number}' for number in range(6))})",
)
SORTED = ("order", "seat", "score", "balance", "date", "joined_at", "work_email", "plan")
FILTERED = ("phone", "age", "seat", "score", "rate", "active", "subscribed", "born", "joined_at", "external_id", "site")
LISTED = (
    *(f"--sort={name}" for name in SORTED),
    *(f"--filter={name}" for name in (*FILTERED, "contact", "plan", "service")),
)
# One after another; people and books refer to each other, and a category to another.
MANY = (
    (*EVERY_TYPE, *LISTED),
    (
        *("category", "name:str", "parent:ref(category)?", "--no-owned", "--soft-delete"),
        *("--listing=offset", "--sort=name", "--filter=parent_id"),
    ),
    ("person", "name:str:max=50"),
    (
        *("book", "title:str", "author:ref(person)", "isbn:str:max=20:unique", "category:ref(category)?"),
        *("--filter=author_id", "--listing=offset", "--sort=title"),
    ),
    ("person", "name:str:max=50", "favourite:ref(book)?:unique"),
    ("status", "label:str:unique", "mentor:ref(person):unique", "--soft-delete", "--no-create"),
    ("log", "line:text", "--no-update", "--no-delete", "--no-read", "--no-owned"),
    ("customer-support-ticket", "subject:str", "--no-list"),
    ("idea", "name:str", *(f"--no-{operation}" for operation in ("create", "list", "update", "read"))),
    ("hour", "day:date:unique", "--no-delete"),
    ("series", "name:str", "--plural=series-list", "--no-update"),
)
FEW = (
    ("person", "name:str:unique", "seen_at:datetime?", "--sort=name", "--no-owned"),
    (
        *("book", "title:str", "author:ref(person):unique", "editor:ref(person)?", "sequel:ref(book)?"),
        *("--filter=author_id", "--filter=sequel_id"),
    ),
)

SMALL = [
    *("--no-example", "--no-jobs", "--no-telemetry", "--no-api-keys", "--no-roles", "--no-refresh-tokens"),
    *("--no-rate-limit", "--no-password-change", "--no-docker", "--no-ci"),
]


def test_the_template_runs_inside_the_service(open_folder: Path) -> None:
    service = open_folder / "service"
    shutil.copytree(TEMPLATES / "service", service, ignore=shutil.ignore_patterns(*LEFTOVERS, ".data"))
    shutil.copytree(TEMPLATES / "resource", service, ignore=shutil.ignore_patterns(*LEFTOVERS), dirs_exist_ok=True)
    assert autogenerate(service, "add museum pieces") is not None

    prove_parts(service, "tests/museum_pieces", "tests/core/test_migrations.py")


def test_with_the_defaults_rendering_only_takes_the_statements_away() -> None:
    template = read_template(TEMPLATES / "resource")
    settings = {"pyproject.toml": read_template(TEMPLATES / "service").sources["pyproject.toml"]}
    lying = {
        path: "".join(
            line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(("# % ", "# = ", "# +"))
        )
        for path, text in template.sources.items()
        if path.startswith("app/")
    }
    rendered = {path: text for path, text in template.render().items() if path in lying}

    assert tidy(rendered | settings) == tidy(lying | settings)


@pytest.mark.parametrize(
    ("options", "resources"),
    [
        (["--no-example"], MANY),
        (["--keys=integer", "--no-example", "--no-idempotency", "--no-roles", "--prefix=/v2"], FEW),
    ],
    ids=["many", "few, other options"],
)
def test_resources_added_one_after_another_prove_themselves(
    open_folder: Path, options: list[str], resources: tuple[tuple[str, ...], ...], capsys: pytest.CaptureFixture[str]
) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), *options]) == 0

    for resource in resources:
        assert main(["add", "resource", *resource, "--to", str(service)]) == 0
    capsys.readouterr()
    assert main(["update", "--to", str(service)]) == 0
    assert capsys.readouterr().out == "nothing to do\n"

    folders = [folder.parent.relative_to(service).as_posix() for folder in service.glob("tests/*/sample.py")]
    assert len(folders) == len({resource[0] for resource in resources})
    prove_parts(service, *folders, "tests/core/test_migrations.py", "tests/test_openapi.py")


def test_a_resource_passes_the_whole_proof_of_its_service(open_folder: Path) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), *SMALL]) == 0

    priced = ("title:str:unique", "price:decimal(8,2)", "--filter=title", "--sort=price", "--sort=title")
    assert main(["add", "resource", "album", *priced, "--to", str(service)]) == 0

    prove(service)


def test_what_the_service_s_own_code_raises_is_one_line(open_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), *SMALL]) == 0
    users = service / "app/domains/users/models.py"
    users.write_text(users.read_text() + '\nraise ValueError("first\\nsecond")\n')
    line = len(users.read_text().splitlines())
    capsys.readouterr()

    assert main(["add", "resource", "album", "title:str", "--to", str(service)]) == 2

    said = capsys.readouterr().err
    assert said == f"fastapi-expert add: app/domains/users/models.py, line {line}: ValueError: first second\n"
    assert not (service / "app/domains/albums").exists()


def test_a_pattern_added_later_joins_edited_code(open_folder: Path) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), *SMALL]) == 0
    users = service / "app/domains/users/router.py"
    users.write_text(users.read_text() + "\n\nEDITED = True\n")

    assert main(["add", "api-keys", "--to", str(service)]) == 0

    assert "EDITED = True" in users.read_text()
    assert (service / "app/domains/api_keys/router.py").exists()
    prove(service)
