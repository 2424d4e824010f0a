"""The Python blocks of documents, each parsed once, with where its names come from and what is wrong on purpose."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from fastapi_expert.lint.deliberate import is_shown_as_wrong, lines_shown_as_wrong
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.fragments import CodeFault, Fragment, read_fragment
from fastapi_expert.lint.origins import Names
from fastapi_expert.pack.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.markdown import Fence
    from fastapi_expert.pack.reading import Pack
    from fastapi_expert.pack.source import Source

LANGUAGES = frozenset({"python", "python3", "py", "py3", "pycon", "pyi"})

Placed = ast.stmt | ast.expr | ast.alias | ast.keyword | ast.excepthandler


@dataclass(frozen=True, eq=False)
class Block:
    """A fenced block of Python.

    Attributes:
        fence: where it stands.
        code: its tree, or why there is none.
    """

    fence: Fence
    code: Fragment | CodeFault


@dataclass(frozen=True, eq=False)
class Example:
    """A block that parses and is meant to be followed.

    Attributes:
        source: the file it stands in.
        fence: where in the file.
        fragment: its tree.
    """

    source: Source
    fence: Fence
    fragment: Fragment

    @cached_property
    def names(self) -> Names:
        """Where its names come from."""
        return Names(self.fragment.tree)

    @cached_property
    def guarded(self) -> frozenset[ast.AST]:
        """The imports that the code goes on without if they fail."""
        found = set[ast.AST]()
        if "try" not in self.fence.content:
            return frozenset()
        for node in self.names.each(ast.Try):
            if any(self._catches_import_error(handler) for handler in node.handlers):
                found.update(inner for part in node.body for inner in ast.walk(part))
        return frozenset(found)

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """The calls that are meant, each with the origin of what is called."""
        return [(call, path) for call, path in self.names.calls if self.is_meant(call)]

    def is_meant(self, node: Placed) -> bool:
        """The line of the node isn't marked as wrong."""
        return node.lineno not in self._wrong_lines

    def fault(self, node: Placed, message: str, help_: str) -> Fault:
        """A fault at a node."""
        line, column = self.fragment.place(node)
        offset = self.fence.lines[line - 1] + min(column - 1, len(self._lines[line - 1]))
        return Fault(self.source, offset, message, help_)

    @cached_property
    def _lines(self) -> list[str]:
        return self.fence.content.split("\n")

    @cached_property
    def _wrong_lines(self) -> frozenset[int]:
        return lines_shown_as_wrong(self._lines)

    def _catches_import_error(self, handler: ast.ExceptHandler) -> bool:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        caught = {"builtins.ImportError", "builtins.ModuleNotFoundError", "builtins.Exception"}
        return any(kind is None or self.names.path(kind) in caught for kind in kinds)


_BLOCKS: WeakKeyDictionary[Document, tuple[Block, ...]] = WeakKeyDictionary()
_EXAMPLES: WeakKeyDictionary[Document, tuple[Example, ...]] = WeakKeyDictionary()


def python_blocks(document: Document) -> tuple[Block, ...]:
    """The Python blocks of a document, parsed on the first call."""
    if document not in _BLOCKS:
        fences = (fence for fence in document.markdown.fences if fence.language in LANGUAGES)
        _BLOCKS[document] = tuple(Block(fence, read_fragment(fence.content)) for fence in fences)
    return _BLOCKS[document]


def examples(pack: Pack) -> Iterator[Example]:
    """The blocks that parse and aren't shown as wrong, of every document that the user asked for."""
    for document in pack.asked(Document):
        if document not in _EXAMPLES:
            _EXAMPLES[document] = tuple(
                Example(document.source, block.fence, block.code)
                for block in python_blocks(document)
                if isinstance(block.code, Fragment) and not is_shown_as_wrong(document, block.fence)
            )
        yield from _EXAMPLES[document]
