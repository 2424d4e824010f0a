"""PY: Python that parses."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.pack.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

LANGUAGES = frozenset({"python", "python3", "py", "py3", "pycon", "pyi"})

_PROMPT = re.compile(r"[ \t]*(>>>|\.\.\.)( |$)")
_HEADER = re.compile(
    r"(?P<indent>[ \t]*)(async|class|def|elif|else|except|finally|for|if|match|case|try|while|with)\b.*?:(?=\s*(#.*)?$)"
)
_ELIDED = ((re.compile(r",\s*\.\.\.(?=\s*[,)\]}])"), ""), (re.compile(r"(?<=[(\[{])\s*\.\.\.\s*,"), ""))


@rule(
    "PY001",
    "error",
    wrong=skill(SKILL + "\n```python\ndef greet(name: str -> str:\n    return name\n```\n"),
    right=skill(SKILL + "\n```python\ndef greet(name: str) -> str:\n    return name\n```\n"),
)
def block_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every Python block parses.

    One in twenty of the blocks in published packs doesn't; models copy them as they are. Prompts, `...`, an await at
    the top and a signature without a body are understood.
    """
    for document in pack.asked(Document):
        for fence in document.markdown.fences:
            if fence.language in LANGUAGES:
                error = parse_error(fence.content)
                if error is not None:
                    line, column, message = error
                    help_ = "mend it, or name the language that it is"
                    offset = fence.offset(line, column)
                    yield Fault(document.source, offset, f"this Python doesn't parse: {message}", help_)


def parse_error(code: str) -> tuple[int, int, str] | None:
    """The 1-based line and column of the first fault and its description, or None if the code or fragment parses."""
    dedented = textwrap.dedent(code)
    error = module_error(dedented)
    if error is None or any(module_error(reading) is None for reading in _readings(dedented)):
        return None
    line, column, message = error
    lines, written = dedented.split("\n"), code.split("\n")
    index = min(line, len(lines)) - 1
    return line, column + len(written[index]) - len(lines[index]), message


def module_error(code: str) -> tuple[int, int, str] | None:
    """The same for a whole module. Code that is too deep for Python's own parser counts as a fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is not what is asked here
            ast.parse(code)
    except SyntaxError as error:
        return error.lineno or 1, error.offset or 1, error.msg
    except (RecursionError, MemoryError):
        return 1, 1, "it is nested too deeply"
    except ValueError as error:  # a NUL
        return 1, 1, str(error)
    return None


def _readings(code: str) -> Iterator[str]:
    """What a fragment may stand for."""
    if _PROMPT.match(code.lstrip("\n")):
        prompted = (line for line in code.split("\n") if _PROMPT.match(line))
        yield "\n".join(_PROMPT.sub("", line, count=1) for line in prompted)
    for pattern, replacement in _ELIDED:
        code = pattern.sub(replacement, code)
    yield _with_bodies(code)


def _with_bodies(code: str) -> str:
    """Give a body to each header that has none, and a function to decorators at the end."""
    lines = code.rstrip().split("\n")
    real = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    for number, following in zip(real, [*real[1:], None], strict=True):
        header = _HEADER.match(lines[number])
        if header is None:
            continue
        indent = len(lines[following]) - len(lines[following].lstrip()) if following is not None else 0
        if indent <= len(header["indent"]):
            lines[number] = f"{header[0]} ..."
    if real and lines[real[-1]].lstrip().startswith("@"):
        lines.append("def _(): ...")
    return "\n".join(lines)
