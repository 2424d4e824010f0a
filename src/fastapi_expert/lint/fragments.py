"""Python as documents show it: whole modules, and fragments that stand for more than they say."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fastapi_expert.lint.origins import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

# For each byte of UTF-8 itself, if a name may hold it; else a space.
_NAMES_ONLY = bytes(byte if byte >= 0x80 or chr(byte).isalnum() or chr(byte) == "_" else 32 for byte in range(256))
_PROMPT = re.compile(r"[ \t]*(>>>|\.\.\.)( |$)")
_HEADER = re.compile(
    r"(?P<indent>[ \t]*)(?:(async|class|def|elif|else|except|finally|for|if|match|case|try|while|with)\b|\)).*?:"
    r"(?=\s*(#.*)?$)"
)
# A notebook's commands, and values that they give; a line of `%` or `!` starts nothing else in Python.
_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?:\w+ *= *)?(?:%%?[a-zA-Z]|!+ *[\w./~]).*$", re.MULTILINE)
_IMPORTS = (ast.Import, ast.ImportFrom)
# The fields in which a statement holds others.
_HOLDERS: tuple[type[ast.AST], ...] = (*ast.stmt.__subclasses__(), ast.ExceptHandler, ast.match_case)
_INNER = {
    kind: [name for name in kind._fields if name in {"body", "handlers", "orelse", "finalbody", "cases"}]
    for kind in _HOLDERS
}
# The end of a body, if that is shown, and the next part of its statement.
_CONTINUED = re.compile(
    r"(?:[ \t]*(?:\#.*)?\n)*+(?P<body>[ \t]+.*\n(?:(?:[ \t].*|\#.*)?\n)*+)?(?P<part>except|finally|elif|else)\b"
)
_PLACEHOLDER = re.compile(r"<[a-zA-Z][\w-]*(?:(?: [\w-]+){0,5} at 0x[0-9a-f]+)?>")
_TEMPLATE_TAG = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}|\{#[^#\n]*#\}")
_DOTTED = re.compile(r"^([ \t]*(?:async )?(?:class|def) )([\w.]+)", re.MULTILINE)
_DECORATED = re.compile(r"[ \t]*(?:@|(?:async|class|def)\b)")
_CALLED = re.compile(r"(?P<indent>[ \t]*)(?P<name>[A-Za-z_][\w.]*)\(")
_ELIDED = (
    re.compile(r",(?:\s++|#[^\n]{0,200}+\n){0,4}\.\.\.(?=\s*[,)\]}])"),
    re.compile(r"(?<=[(\[{])\s*\.\.\.\s*,"),
    re.compile(r"(?<=\w)\.\.\.(?=\s*\))"),
)


class CodeFault(NamedTuple):
    """Why code doesn't parse, and the 1-based line and column where."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, eq=False)
class Fragment:
    """Code that parses in one of its readings.

    Attributes:
        text: what parses, each line in the place of one of the code as written.
        written: the code as written.
        imports: its imports, in their order.
        opening: the line that has to stand above it, for code that begins within a `try` or an `if`.
    """

    text: str
    written: str
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    opening: str = ""

    @cached_property
    def names(self) -> Names:
        """Its syntax tree, and where the names in it come from.

        The tree is made anew: most blocks are done with when they have parsed, and to keep all trees costs more time.
        """
        tree = parse(self.text, self.opening)
        return Names(ast.Module([], []) if isinstance(tree, CodeFault) else tree)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its names and keywords, and the words in its texts and comments."""
        return frozenset(self.text.encode(errors="replace").translate(_NAMES_ONLY).decode().split())

    def place(self, node: ast.stmt | ast.expr | ast.alias | ast.keyword | ast.excepthandler) -> tuple[int, int]:
        """The 1-based line and column, in characters, at which a node starts in the code as written."""
        written = self.written.split("\n")
        index = min(node.lineno, len(written)) - 1
        line = "".join(self.text.split("\n")[index : index + 1])
        before = line.encode()[: node.col_offset].decode(errors="ignore")
        return index + 1, len(before) + _shift(line, written[index]) + 1


def parse(code: str, opening: str = "") -> ast.Module | CodeFault:
    """The tree of a whole module. Code that is too deep for Python's own parser is a fault.

    Args:
        code: the module.
        opening: a line to put above it; the lines of the tree are counted without it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is not what is asked here
            if opening:
                return ast.increment_lineno(ast.parse(f"{opening}\n{code}"), -1)
            return ast.parse(code)
    except SyntaxError as error:
        return CodeFault(max((error.lineno or 1) - bool(opening), 1), error.offset or 1, error.msg)
    except (RecursionError, MemoryError):
        return CodeFault(1, 1, "it is nested too deeply")
    except ValueError as error:  # a NUL
        return CodeFault(1, 1, str(error))


@lru_cache(maxsize=4096)
def read_fragment(code: str) -> Fragment | CodeFault:
    """The first reading of the code that parses, or the fault of the plain one; of the same code once."""
    text = textwrap.dedent(code) if code[:1].isspace() else code
    plain = parse(text)
    opening = _opening(text) if isinstance(plain, CodeFault) else ""
    if opening:
        plain = parse(text, opening)
    if not isinstance(plain, CodeFault):
        return Fragment(text, code, tuple(_imports(plain)), opening)
    for reading in _readings(text):
        tree = parse(reading, opening)
        if not isinstance(tree, CodeFault):
            return Fragment(reading, code, tuple(_imports(tree)), opening)
    written = code.split("\n")
    index = min(plain.line, len(written)) - 1
    indentation = len(written[index]) - len(text.split("\n")[index])
    return CodeFault(plain.line, plain.column + indentation, plain.message)


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    stack: list[ast.AST] = [*reversed(tree.body)]
    while stack:
        node = stack.pop()
        if isinstance(node, _IMPORTS):
            yield node
        for name in _INNER.get(type(node), ()):
            stack += getattr(node, name)[::-1]


def _shift(line: str, written: str) -> int:
    """How many characters of the written line the parsed one doesn't start with."""
    if written.endswith(line):
        return len(written) - len(line)
    return max(len(line.lstrip()) and _indentation(written) - _indentation(line), 0)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _opening(code: str) -> str:
    """The line above code that goes on with a part of a statement which began before it; else nothing."""
    match = _CONTINUED.match(code)
    if match is None:
        return ""
    statement = "try:" if match["part"] in {"except", "finally"} else "if ...:"
    return statement if match["body"] else f"{statement} ..."


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
    if _TEMPLATE_TAG.search(code):
        code = _TEMPLATE_TAG.sub(lambda match: ("_" if match[0][1] == "{" else " ") * len(match[0]), code)
        yield code
    signatures = _with_definitions(code)
    if signatures != code:
        yield signatures
    for pattern in _ELIDED:
        code = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), code)
    yield _with_bodies(code)


def _with_definitions(code: str) -> str:
    """Make definitions of signatures as documents print them: `pixel.at(x: int) -> Colour`, `class pixel.Colour:`."""
    lines = _DOTTED.sub(lambda match: match[1] + match[2].replace(".", "_"), code).split("\n")
    depth, start = 0, None
    for number, line in enumerate(lines):
        if start is None:
            if not _CALLED.match(line):
                continue
            start = number
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if depth > 0:
            continue
        said, mark, comment = line.partition("  #")
        if ":" in "".join(lines[start : number + 1]) or "->" in said:
            lines[number] = f"{said.rstrip()}: ...{mark}{comment}"
            lines[start] = _CALLED.sub(
                lambda match: f"{match['indent']}def {match['name'].replace('.', '_')}(", lines[start], count=1
            )
        depth, start = 0, None
    return "\n".join(lines)


def _with_bodies(code: str) -> str:
    """Give a body to each header that has none, and a function to decorators at the end."""
    lines = code.rstrip().split("\n")
    real = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    for number, following in zip(real, [*real[1:], None], strict=True):
        if lines[number].lstrip()[0] == "@" and following is not None and not _DECORATED.match(lines[following]):
            lines[number] = lines[number].replace("@", "+", 1)  # an expression of the same length
        header = _HEADER.match(lines[number])
        if header is None:
            continue
        indent = len(lines[following]) - len(lines[following].lstrip()) if following is not None else 0
        if indent <= len(header["indent"]):
            lines[number] = f"{header[0]} ..."
    if real and lines[real[-1]].lstrip().startswith("@"):
        lines.append("def _(): ...")
    return "\n".join(lines)
