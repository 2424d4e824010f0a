"""LG: blocks of JSON, YAML, TOML and shell that parse.

A block that leaves something out on purpose, or stands for more than one thing, is not judged.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.lint.deliberate import is_shown_as_wrong
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.pack.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi_expert.pack.markdown import Fence
    from fastapi_expert.pack.reading import Pack

TIME_LIMIT = 20  # seconds for all shell blocks of a run
# Something is left out, filled in later, or one of several.
_OPEN = re.compile(r"\.\.\.|\u2026|\{\{|\{%|<[A-Za-z_][\w .:|/-]*>|\$\{|\[[A-Z][A-Z _-]+\]|\[(?:;|elif|else)|<<<|>>>")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|(?<!\S)#[^\n]*', re.DOTALL)
_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[\]}])', re.DOTALL)
# Words, variables, quotes that are closed in their line, and comments; nothing is tried twice.
_SIMPLE_SHELL = re.compile(r"""(?:[\w\s./:=@,%+~^*-]|\$\w|"(?:[^"`$\\\n]|\$\w)*"|'[^'\n]*'|(?<!\S)\#.*)*+""")
_BATS = re.compile(r"^\s*@test ", re.MULTILINE)  # bash with a word more
_HEADED = re.compile(r"\s*---\n.*?\n---\s*\n", re.DOTALL)  # another file with its frontmatter
_PROMPT = re.compile(r"^\s*(?:\([\w.-]+\) ?|\w[\w.-]*@[^\s$#]* ?)?[$>%#] ", re.MULTILINE)


def _sample(language: str, code: str) -> dict[str, str]:
    return skill(f"{SKILL}\n```{language}\n{code}\n```\n")


def _blocks(pack: Pack, *languages: str) -> Iterator[tuple[Document, Fence]]:
    """The blocks of a language that are whole and not shown as wrong."""
    for document in pack.asked(Document):
        for fence in document.markdown.fences:
            if fence.language in languages and fence.closed and not _OPEN.search(fence.content):
                yield document, fence


def _fault(document: Document, fence: Fence, line: int, column: int, message: str) -> Iterator[Fault]:
    if not is_shown_as_wrong(document, fence):
        yield Fault(document.source, fence.offset(line, column), message, "mend it, or name the language that it is")


@rule(
    "LG001",
    "warning",
    wrong=_sample("json", '{"name": "Ada" "title": "Countess"}'),
    right=_sample("json", '{"name": "Ada", "title": "Countess"}'),
)
def json_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every JSON block parses.

    Models paste it into files that programs read. Comments, trailing commas, one object a line, and members or items
    without their braces are understood.
    """
    for document, fence in _blocks(pack, "json"):
        error = _json_error(fence.content)
        if error is not None:
            yield from _fault(document, fence, error.lineno, error.colno, f"this JSON doesn't parse: {error.msg}")


def _json_error(text: str) -> json.JSONDecodeError | None:
    """Why none of the readings of a block is JSON, or None."""

    def blanked(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])

    plain = _COMMA.sub(blanked, _COMMENT.sub(blanked, text))
    first = _error(plain)
    if first is None or not plain.strip():
        return None
    lines = [line for line in plain.split("\n") if line.strip()]
    inner = plain.rstrip().rstrip(",")
    if all(_error(line) is None for line in lines) or any(
        _error(_COMMA.sub(blanked, whole)) is None for whole in (f"{{{inner}}}", f"[{inner}]")
    ):
        return None
    paragraphs = [part for part in re.split(r"\n\s*\n|(?<=^[}\]])\n", plain, flags=re.MULTILINE) if part.strip()]
    return None if all(_error(part) is None for part in paragraphs) else first


def _error(text: str) -> json.JSONDecodeError | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    except (RecursionError, ValueError):
        return json.JSONDecodeError("it is nested too deeply", text, 0)
    return None


@rule(
    "LG002",
    "warning",
    wrong=_sample("yaml", "name: Ada\n\ttitle: Countess"),
    right=_sample("yaml", "name: Ada\ntitle: Countess"),
)
def yaml_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every YAML block parses.

    Models paste it into workflows and settings, where a colon or a tab in the wrong place stops everything.
    """
    import yaml
    from yaml.reader import Reader

    from fastapi_expert.pack.frontmatter import LOADER

    for document, fence in _blocks(pack, "yaml", "yml"):
        if _HEADED.match(fence.content):
            continue
        try:
            for _ in yaml.parse(Reader.NON_PRINTABLE.sub(" ", fence.content), LOADER):
                pass
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            problem = getattr(error, "problem", None) or str(error)
            yield from _fault(document, fence, line, column, f"this YAML doesn't parse: {problem}")
        except RecursionError:
            yield from _fault(document, fence, 1, 1, "this YAML is nested too deeply")


@rule(
    "LG003",
    "warning",
    wrong=_sample("toml", "[people\nname = 'Ada'"),
    right=_sample("toml", "[people]\nname = 'Ada'"),
)
def toml_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every TOML block parses.

    Models paste it into pyproject.toml and the like, where one fault stops every tool that reads the file.
    """
    import tomllib  # most packs hold none

    for document, fence in _blocks(pack, "toml"):
        try:
            tomllib.loads(fence.content)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (fence.content.count("\n"), 1)
            message = str(error).partition(" (at ")[0]
            # A fragment may set in two places what a file sets in one.
            if "overwrite" not in message and "twice" not in message and "already" not in message:
                yield from _fault(document, fence, line, column, f"this TOML doesn't parse: {message}")
        except RecursionError:
            yield from _fault(document, fence, 1, 1, "this TOML is nested too deeply")


@rule(
    "LG004",
    "warning",
    wrong=_sample("bash", 'if [ -n "$NAME" ]; then\n  echo "hello, $NAME"'),
    right=_sample("bash", 'if [ -n "$NAME" ]; then\n  echo "hello, $NAME"\nfi'),
)
def shell_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every block of shell parses.

    Models run it as it stands. Judged by `bash -n`, which reads and runs nothing; without bash nothing is said.
    """
    found = [
        (document, fence)
        for document, fence in _blocks(pack, "bash", "sh", "shell")
        # A plain command can't be wrong, and lines with a prompt are a session.
        if not _SIMPLE_SHELL.fullmatch(fence.content)
        and not _PROMPT.search(fence.content)
        and not _BATS.search(fence.content)
    ]
    errors = _bash_errors(tuple(dict.fromkeys(fence.content for _, fence in found)))
    for document, fence in found:
        if fence.content in errors:
            line, message = errors[fence.content]
            yield from _fault(document, fence, line, 1, f"bash can't parse this: {message}")


@lru_cache(maxsize=4)
def _bash_errors(scripts: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """Those of the scripts that bash can't parse, each with a 1-based line and what bash says."""
    if not scripts:
        return {}
    import shutil  # most runs need none of them
    import subprocess
    import tempfile

    bash = shutil.which("bash")
    if bash is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for number, script in enumerate(scripts):
            (Path(folder) / str(number)).write_bytes(script.encode(errors="replace"))
        command = [
            bash,
            "-c",
            'for ((n = 0; n <= $1; n++)); do "$0" -O extglob -n "$n" </dev/null; done',
            bash,
            str(len(scripts) - 1),
        ]
        try:
            output = subprocess.run(
                command,
                cwd=folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=TIME_LIMIT,
                check=False,
            ).stderr
        except (OSError, subprocess.TimeoutExpired):
            return {}
    return _told_by_bash(scripts, output.decode(errors="replace").split("\n"))


def _told_by_bash(scripts: tuple[str, ...], lines: Iterable[str]) -> dict[str, tuple[int, str]]:
    errors: dict[str, tuple[int, str]] = {}
    for line in lines:
        match = re.fullmatch(
            r"(?P<number>\d+): line (?P<line>\d+): (?P<message>(?:syntax error|unexpected EOF).*)", line
        )
        if match:
            errors.setdefault(scripts[int(match["number"])], (int(match["line"]), match["message"]))
    return errors
