"""What `add resource` takes and refuses, what it shows, and that it does all of it or nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root
from fastapi_expert.render import update_command
from fastapi_expert.render.fields import FieldError, parse_field
from fastapi_expert.render.manifest import Manifest
from fastapi_expert.render.migrations import MigrationError
from fastapi_expert.render.project import rendered_files
from fastapi_expert.render.resources import named
from fastapi_expert.render.template import OptionError, read_template, with_article
from fastapi_expert.render.update_command import switches


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service without the example."""
    service = tmp_path_factory.mktemp("rendered") / "shop"
    assert main(["new", str(service), "--no-example"]) == 0
    return service


@pytest.fixture
def shop(rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, without the database that makes migrations: `tests/rendered` has it."""
    monkeypatch.setattr(update_command, "autogenerate", lambda root, message: None)
    return shutil.copytree(rendered, tmp_path / "shop")


def add(shop: Path, *arguments: str) -> int:
    """Add a resource."""
    return main(["add", "resource", *arguments, "--to", str(shop)])


def contents(root: Path) -> dict[str, bytes]:
    """All files of a project."""
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("word", "plural", "expected"),
    [
        ("order", None, ("order", "orders")),
        ("orders", None, ("order", "orders")),
        ("person", None, ("person", "people")),
        ("status", None, ("status", "statuses")),
        ("order-line", None, ("order-line", "order-lines")),
        ("datum", "datums", ("datum", "datums")),
    ],
)
def test_either_number_names_a_resource(word: str, plural: str | None, expected: tuple[str, str]) -> None:
    assert named(word, plural) == expected


def test_a_word_that_is_its_own_plural_wants_another() -> None:
    with pytest.raises(OptionError, match="--plural"):
        named("sheep", None)
    assert named("sheep", "flock") == ("sheep", "flock")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("order", "an order"),
        ("user", "a user"),
        ("unit", "a unit"),
        ("umbrella", "an umbrella"),
        ("hour", "an hour"),
        ("house", "a house"),
        ("event", "an event"),
        ("one off", "a one off"),
    ],
)
def test_articles_go_by_the_sound(words: str, expected: str) -> None:
    assert with_article(words) == expected


def test_a_ref_is_a_column_that_names_what_it_refers_to() -> None:
    field = parse_field("author:ref(person)?:unique", resources={"person"})

    assert (field.name, field.target, field.optional, field.unique) == ("author_id", "person", True, True)


@pytest.mark.parametrize(
    ("text", "resources", "reason"),
    [
        ("author:ref(person)", None, "for resources"),
        ("author:ref(ghost)", {"person"}, "no resource 'ghost'"),
        ("author:ref(person):index", {"person"}, "an index already"),
        ("author:ref(person):default=1", {"person"}, "takes no default"),
        ("author:ref", {"person"}, "no resource ''"),
    ],
)
def test_a_ref_that_cannot_be_is_refused(text: str, resources: set[str] | None, reason: str) -> None:
    with pytest.raises(FieldError, match=reason):
        parse_field(text, resources=resources)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["user", "name:str"], "is there already"),
        (["class", "name:str"], "word of Python"),
        (["Order", "name:str"], "lower-case"),
        (["page", "name:str"], "something else by Page"),
        (["doc", "name:str"], "/docs is a path"),
        (["sheep", "name:str"], "--plural"),
        (["a" * 31, "name:str"], "at most 30"),
        (["x", "name:str"], "a class and a constant"),
        (["s", "name:str"], "its own plural"),
        (["9lives", "name:str"], "'9lives' can't be a name"),
        (["order", "name:str", "--plural", ""], "'' can't be a name"),
        (["order", "name:str", "--sort", "ghost"], "no such field"),
        (["order", "note:text", "--sort", "note"], "sorted by"),
        (["order", "name:str?", "--sort", "name"], "sorted by"),
        (["order", "note:json", "--filter", "note"], "can't be compared"),
        (["order", "name:str", "--no-list", "--filter", "name"], "there is no listing"),
        (["order", "owner_id:int"], "is there already"),
        (["order", "name:strr"], "no type"),
        (["order", "parent:ref(order)"], "in a circle of refs"),
        (
            ["order", "name:str", *(f"--no-{name}" for name in ("create", "list", "read", "update", "delete"))],
            "without",
        ),
        (["a-name-with-29-letters-in-all", f"{'f' * 40}:str"], "too long together"),
        (["album", f"{'f' * 40}:str:unique"], "too long together"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_line(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    before = contents(shop)
    capsys.readouterr()

    assert add(shop, *arguments) == 2

    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 1
    assert contents(shop) == before


def test_what_all_share_refers_to_nothing_of_ones_own(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "person", "name:str")

    assert add(shop, "book", "author:ref(person)", "--no-owned") == 2
    assert "one user's own" in capsys.readouterr().err


def test_it_brings_each_layer_its_tests_and_what_they_need(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert add(shop, "status", "label:str", "--format", "json") == 0

    written = {change["path"] for change in json.loads(capsys.readouterr().out)["changes"]}
    layers = ("dependencies", "errors", "models", "repository", "router", "schemas", "service")
    assert {f"app/domains/statuses/{layer}.py" for layer in layers} <= written
    assert {"tests/statuses/sample.py", "tests/statuses/test_router.py", "app/core/conditional.py"} <= written
    assert "class Status(Base)" in (shop / "app/domains/statuses/models.py").read_text()
    assert [resource["name"] for resource in Manifest.read(shop).options["resources"]] == ["status"]


def test_the_same_again_changes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "order", "name:str")
    before = contents(shop)
    capsys.readouterr()

    assert add(shop, "orders", "name:str") == 0

    assert capsys.readouterr().out == "nothing to do\n"
    assert contents(shop) == before


def test_what_need_not_be_rendered_again_is_as_if_it_was(shop: Path) -> None:
    add(shop, "task", "name:str")  # where a pattern that is off has files of that name
    add(shop, "order", "kind:enum(a,b)", "task:ref(task)?")

    manifest = Manifest.read(shop)
    template = read_template(content_root() / "templates" / "service")
    assert manifest.base == rendered_files(template, manifest.name, manifest.options)


@pytest.mark.parametrize("option", switches(read_template(content_root() / "templates" / "service")).values())
def test_what_a_pattern_leaves_unaffected_is_the_same_without_it(option: str) -> None:
    template = read_template(content_root() / "templates" / "service")
    before, after = (template.defaults() | {option: value} for value in (True, False))
    with_it, without = template.render(before, name="shop"), template.render(after, name="shop")

    unaffected = template.unaffected(before, after, "shop")

    assert {path: with_it.get(path) for path in unaffected} == {path: without.get(path) for path in unaffected}
    assert len(unaffected) > len(with_it) / 2


def test_other_fields_are_merged_with_edits(shop: Path) -> None:
    add(shop, "order", "name:str")
    service = shop / "app/domains/orders/service.py"
    service.write_text(service.read_text().replace('"""Create an order."""', '"""Create an order, gladly."""'))

    assert add(shop, "order", "name:str", "total:decimal(10,2)?", "--listing", "offset") == 0

    assert "gladly" in service.read_text()
    assert "CountedPage" in (shop / "app/domains/orders/router.py").read_text()
    assert "total: Mapped[Decimal | None]" in (shop / "app/domains/orders/models.py").read_text()


def test_a_dry_run_shows_the_diffs_and_writes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(shop)
    capsys.readouterr()

    assert add(shop, "order", "name:str", "--dry-run") == 0

    assert "+++ b/app/domains/orders/router.py\n" in capsys.readouterr().out
    assert contents(shop) == before


def test_without_its_migration_all_is_taken_back(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_root: Path, _message: str) -> None:
        raise MigrationError("the database did not start")

    monkeypatch.setattr(update_command, "autogenerate", fail)
    before = contents(shop)
    capsys.readouterr()

    assert add(shop, "order", "name:str") == 2

    assert capsys.readouterr().err == "fastapi-expert add: the database did not start\n"
    assert contents(shop) == before


def test_a_column_that_rows_of_before_could_not_have_is_told(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(root: Path, _message: str) -> str:
        (root / "made.py").write_text(
            'def upgrade() -> None:\n    op.create_table("a", sa.Column("b", sa.Text(), nullable=False))\n'
            '    op.add_column("orders", sa.Column("size", sa.Integer(), nullable=False))\n'
            '    op.add_column("orders", sa.Column("note", sa.Text(), nullable=True))\n'
            '    op.add_column("orders", sa.Column("kind", sa.Text(), server_default="a", nullable=False))\n\n\n'
            'def downgrade() -> None:\n    op.add_column("orders", sa.Column("old", sa.Text(), nullable=False))\n'
        )
        return "made.py"

    monkeypatch.setattr(update_command, "autogenerate", write)
    capsys.readouterr()

    assert add(shop, "order", "name:str", "--format", "json") == 0

    told = [step for step in json.loads(capsys.readouterr().out)["to_do"] if "never null" in step]
    assert [step.split()[3] for step in told] == ["orders.size"]


def test_several_heads_are_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (last,) = shop.glob("app/migrations/versions/*_jobs.py")
    fork = last.read_text().replace('revision = "', 'revision = "0', 1)
    last.with_name("20991231_fork.py").write_text(fork)
    before = contents(shop)

    assert add(shop, "order", "name:str") == 2

    assert "alembic merge heads" in capsys.readouterr().err
    assert contents(shop) == before


def test_another_pattern_and_the_resource_go_together(shop: Path) -> None:
    add(shop, "order", "name:str")

    assert main(["remove", "idempotency", "--to", str(shop)]) == 0

    assert "dempotency" not in (shop / "app/domains/orders/router.py").read_text()
    assert main(["add", "idempotency", "--to", str(shop)]) == 0
    assert "IdempotencyDep" in (shop / "app/domains/orders/router.py").read_text()


def test_a_pattern_whose_folder_a_resource_has_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "task", "name:str")
    before = contents(shop)

    assert main(["add", "example", "--to", str(shop)]) == 2

    assert "app/domains/tasks/" in capsys.readouterr().err
    assert contents(shop) == before


def test_a_pattern_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["add", "happiness"])

    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
