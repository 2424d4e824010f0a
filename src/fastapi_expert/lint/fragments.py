"""Python as documents show it: whole modules, and fragments that stand for more than they say."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROMPT = re.compile(r"[ \t]*(>>>|\.\.\.)( |$)")
_HEADER = re.compile(
    r"(?P<indent>[ \t]*)(async|class|def|elif|else|except|finally|for|if|match|case|try|while|with)\b.*?:(?=\s*(#.*)?$)"
)
# A notebook's commands, and values that they give; a line of `%` or `!` starts nothing else in Python.
_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?:\w+ *= *)?(?:%%?[a-zA-Z]|!+ *[\w./~]).*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"<[a-zA-Z][\w-]*>")
_ELIDED = (re.compile(r",\s*\.\.\.(?=\s*[,)\]}])"), re.compile(r"(?<=[(\[{])\s*\.\.\.\s*,"))


class CodeFault(NamedTuple):
    """Why code doesn't parse, and the 1-based line and column where."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, eq=False)
class Fragment:
    """Code that parses in one of its readings.

    Attributes:
        tree: its syntax tree.
        text: what the tree was made from, each line in the place of one of the code as written.
        written: the code as written.
    """

    tree: ast.Module
    text: str
    written: str

    def place(self, node: ast.stmt | ast.expr | ast.alias | ast.keyword | ast.excepthandler) -> tuple[int, int]:
        """The 1-based line and column, in characters, at which a node starts in the code as written."""
        written = self.written.split("\n")
        index = min(node.lineno, len(written)) - 1
        line = "".join(self.text.split("\n")[index : index + 1])
        before = line.encode()[: node.col_offset].decode(errors="ignore")
        return index + 1, len(before) + _shift(line, written[index]) + 1


def parse(code: str) -> ast.Module | CodeFault:
    """The tree of a whole module. Code that is too deep for Python's own parser is a fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is not what is asked here
            return ast.parse(code)
    except SyntaxError as error:
        return CodeFault(error.lineno or 1, error.offset or 1, error.msg)
    except (RecursionError, MemoryError):
        return CodeFault(1, 1, "it is nested too deeply")
    except ValueError as error:  # a NUL
        return CodeFault(1, 1, str(error))


def read_fragment(code: str) -> Fragment | CodeFault:
    """The first reading of the code that parses, or the fault of the plain one."""
    text = textwrap.dedent(code) if code[:1].isspace() else code
    plain = parse(text)
    if not isinstance(plain, CodeFault):
        return Fragment(plain, text, code)
    for reading in _readings(text):
        tree = parse(reading)
        if not isinstance(tree, CodeFault):
            return Fragment(tree, reading, code)
    written = code.split("\n")
    index = min(plain.line, len(written)) - 1
    indentation = len(written[index]) - len(text.split("\n")[index])
    return CodeFault(plain.line, plain.column + indentation, plain.message)


def _shift(line: str, written: str) -> int:
    """How many characters of the written line the parsed one doesn't start with."""
    if written.endswith(line):
        return len(written) - len(line)
    return max(len(line.lstrip()) and _indentation(written) - _indentation(line), 0)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _readings(code: str) -> Iterator[str]:
    """What a fragment may stand for, each line in its place."""
    if _PROMPT.match(code.lstrip("\n")):
        yield "\n".join(_PROMPT.sub("", line, count=1) if _PROMPT.match(line) else "" for line in code.split("\n"))
    if _MAGIC.search(code):
        code = _MAGIC.sub(lambda match: f"{match['indent']}pass", code)
        yield code
    if _PLACEHOLDER.search(code):
        code = _PLACEHOLDER.sub(lambda match: "_" * len(match[0]), code)
        yield code
    for pattern in _ELIDED:
        code = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), code)
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
