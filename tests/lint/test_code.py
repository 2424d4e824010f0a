from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.rules.code import module_error, parse_error
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import SKILL, skill
from tests.pack.laying import lay


@pytest.mark.parametrize(
    "code",
    [
        "",
        "# only a comment",
        "x = 1",
        "    return 1",
        "result = await session.execute(query)",
        "async with engine.begin() as connection:\n    ...",
        "async def read(item_id: int) -> Item:",
        "def a() -> int:\ndef b() -> str:  # signatures alone",
        "class Reader(Protocol):\n    def read(self) -> str:\n    def close(self) -> None:",
        "def read():\n    # left to the reader",
        '@router.get("/items")',
        ">>> def f():\n...     return 1\n...\n>>> f()\n1",
        "create(name, ...)",
        "create(..., name)",
        "create(name=1, ..., other=2)",
        "create(name=1, ...)",
        'settings = {"a": 1, ...}',
        "def read(item_id: int, ...): ...",
        'pattern = "\\d"',
        "import <package> as lib\nlib.greet(<your-name>)",
        "pixel.at(x: int, *, of: 'Image' = <object object at 0x7788c2ad5c80>) -> 'Colour'  # read only",
        "Image(size: tuple[int, int])\n\nImage.open(\n    path: str,\n    mode: str = 'r',\n) -> Image",
        "class pixel.Image(Protocol):\n    ...",
        "for page in read(\n    top=500,\n):\n    # left to the reader",
        "read(\n    top=500,  # at first\n    ...\n)",
        "read(filters...)",
        "@router.get('/items')\n\nDEBUG = True",
        "from shop.v{{ version | replace('-', '_') }} import Shop\n{% if paid %}\npay()\n{% endif %}  {# for now #}",
        "except ValueError as error:\n    raise HTTPException(400) from error",
        "# the rest of it\nexcept ValueError:\n    # left to the reader\nfinally:\n    close()",
        "    row = await read()\n    # or more\n\n    use(row)\nexcept ValueError:\n    ...\nelse:\n    done()",
        "        close()\n    finally:\n        done()",
        "elif kind == 'a':\n    first()\nelse:\n    second()",
    ],
)
def test_code_and_fragments_are_understood(code: str) -> None:
    assert parse_error(code) is None


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("x = = 1", 1, 5),
        ("# DO NOT DO THIS\nx = = 1", 2, 5),
        ("  a = 1\n  x = = 1", 2, 7),
        ("x = (\n", 1, 5),
        ("print 'hello'", 1, 1),
        ("def f():\nreturn 1 1", 2, 1),
        (">>> x = = 1", 1, 1),
        ("create(name, …)", 1, 14),
        ("except ValueError:\n    x = = 1", 2, 9),
        ("    work()\nexcept ValueError\n    ...", 2, 18),
        ("x = 1\nexcept ValueError:\n    ...", 2, 1),
        ("    x = 1\nexcept ValueError:\n    ...\nelif y:\n    ...", 4, 1),
        ("a = {{ b }}\nx = = 1", 2, 5),
        ("at(x: int) -> str\nx = = 1", 1, 5),
    ],
)
def test_a_fault_has_its_place(code: str, line: int, column: int) -> None:
    error = parse_error(code)

    assert error is not None
    assert error[:2] == (line, column)


@pytest.mark.parametrize(
    "code",
    [
        "(" * 10_000 + ")" * 10_000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "1 + " * 100_000 + "1",
        "x = a" + ".b" * 100_000,
        "x = " + "lambda: " * 50_000 + "1",
        "x = '\0'",
    ],
)
def test_code_that_pythons_parser_cannot_take_is_a_fault(code: str) -> None:
    assert module_error(code) is not None


@pytest.mark.parametrize(
    "code",
    ["type Point = tuple[float, float]", "def first[T](items: list[T]) -> T: ...", "greeting = t'hello {name}'"],
)
def test_syntax_of_newer_pythons_is_no_fault(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\nRun `scripts/new.py`.\n\n```python\n{code}\n```\n\n```python\nx = = 1\n```\n"))
    lay(tmp_path, {"skills/greeting/scripts/new.py": code})

    found = lint_paths([tmp_path], chosen_rules(["PY"])).findings

    assert [(finding.rule, finding.text) for finding in found] == [("PY001", "x = = 1")]


@pytest.mark.parametrize(
    "code",
    [
        "shopt -s extglob\nls !(*.txt) +(ab|cd)",
        "for (( EXPR1 ; EXPR2 )) [;] do COMMANDS; done",
        "if TESTS; then\n  COMMANDS;\n[elif TESTS; then\n  COMMANDS;]\nfi",
        "(venv) $ diff <(a) <(b)\nname (1)",
        "ada@host:~$ cat 'name\nname (1)",
        'curl "$URL/x" # it\'s (here',
        '@test "it greets" {\n  run greet\n  [ "$status" -eq 0 ]\n}',
    ],
)
def test_shell_in_its_forms_is_understood(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```bash\n{code}\n```\n"))

    assert lint_paths([tmp_path], chosen_rules(["LG"])).findings == []


@pytest.mark.parametrize("code", ['"a",\n"b",', '"a": 1,\n"b": [2],', '{"a": 1} // the first'])
def test_json_in_pieces_is_understood(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```json\n{code}\n```\n"))

    assert lint_paths([tmp_path], chosen_rules(["LG"])).findings == []


@pytest.mark.parametrize("code", ["echo 'hello", 'echo "$(date"', "echo hello)", 'echo "a" # x\necho "b', "f() { $x"])
def test_shell_that_does_not_parse_is_a_fault(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```bash\n{code}\n```\n"))

    assert [finding.rule for finding in lint_paths([tmp_path], chosen_rules(["LG"])).findings] == ["LG004"]


@pytest.mark.parametrize("info", ["python", "py title=x", "Python3", "{.python}", "pycon"])
def test_python_goes_by_many_names(tmp_path: Path, info: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```{info}\nx = = 1\n```\n"))

    assert [finding.rule for finding in lint_paths([tmp_path]).findings] == ["PY001"]


@pytest.mark.parametrize("info", ["", "text", "pytb", "sh"])
def test_other_blocks_are_not_python(tmp_path: Path, info: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```{info}\nx = = 1\n```\n"))

    assert lint_paths([tmp_path]).findings == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_fault_in_a_list_or_quote_is_found_where_it_stands(tmp_path: Path, line_end: str) -> None:
    text = f"{SKILL}\n- item\n\n  ```python\n  x = 1\n  y = = 2\n  ```\n\n> ```python\n> z = = 3\n> ```\n"
    lay(tmp_path, skill(text.replace("\n", line_end)))

    found = lint_paths([tmp_path], chosen_rules(["PY"])).findings

    assert [(finding.line, finding.column) for finding in found] == [(13, 7), (17, 7)]
    assert found[0].text == "  y = = 2"


def test_what_stands_after_a_beginning_that_is_not_shown_is_found_where_it_stands(tmp_path: Path) -> None:
    code = "    work()\nexcept ValueError:\n    from pydantic import BaseSettings"
    lay(tmp_path, skill(f"{SKILL}\n```python\n{code}\n```\n"))

    found = lint_paths([tmp_path], chosen_rules(["AP"])).findings

    assert [(finding.text, finding.column) for finding in found] == [("    from pydantic import BaseSettings", 26)]


@pytest.mark.parametrize(
    "code",
    [
        "import httpx2\nget = httpx2.Clint\n",
        "import httpx2 as web\nweb.Clint()",
        "import sqlalchemy.orm\nsqlalchemy.orm.Sesion()",
        "from sqlalchemy import orm\nsessions = orm\nsessions.Sesion()",
        "def f():\n    from httpx2 import Clint",
    ],
)
def test_names_that_a_module_lacks_are_found_wherever_they_stand(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```python\n{code}\n```\n"))

    assert [finding.rule for finding in lint_paths([tmp_path], chosen_rules(["PY"])).findings] == ["PY002"]


def test_equal_blocks_each_have_their_findings(tmp_path: Path) -> None:
    block = "```python\nfrom pydantic import BaseSettings\n```\n"
    lay(tmp_path, skill(f"{SKILL}\n{block}\nText.\n\n{block}\n## Wrong\n\n{block}"))

    found = lint_paths([tmp_path], chosen_rules(["AP"])).findings

    assert [finding.line for finding in found] == [10, 16]
