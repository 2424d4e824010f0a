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
from fastapi_expert.pack.documents import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi_expert.lint.origins import Names
    from fastapi_expert.pack.markdown import Fence
    from fastapi_expert.pack.reading import Pack

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
    """A block that parses.

    Attributes:
        document: what it stands in.
        fence: where.
        fragment: its code.
    """

    document: Document
    fence: Fence
    fragment: Fragment

    @property
    def names(self) -> Names:
        """Where its names come from."""
        return self.fragment.names

    @property
    def words(self) -> frozenset[str]:
        """The words of its code: what none of them names need not be looked for in its tree."""
        return self.fragment.words

    @cached_property
    def guarded(self) -> frozenset[ast.AST]:
        """The imports that the code goes on without if they fail."""
        found = set[ast.AST]()
        if "try" not in self.words:
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
        """Neither the line of the node is marked as wrong, nor is the whole block shown as wrong."""
        return node.lineno not in self._wrong_lines and not self._is_wrong

    def fault(self, node: Placed, message: str, help_: str) -> Fault:
        """A fault at a node."""
        line, column = self.fragment.place(node)
        offset = self.fence.lines[line - 1] + min(column - 1, len(self._lines[line - 1]))
        return Fault(self.document.source, offset, message, help_)

    @cached_property
    def _is_wrong(self) -> bool:
        return is_shown_as_wrong(self.document, self.fence)

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
_EXAMPLES: WeakKeyDictionary[Pack, tuple[Example, ...]] = WeakKeyDictionary()


def python_blocks(document: Document) -> tuple[Block, ...]:
    """The Python blocks of a document, parsed on the first call."""
    if document not in _BLOCKS:
        fences = (fence for fence in document.markdown.fences if fence.language in LANGUAGES)
        _BLOCKS[document] = tuple(Block(fence, read_fragment(fence.content)) for fence in fences)
    return _BLOCKS[document]


def examples(pack: Pack, *words: str) -> Sequence[Example]:
    """The blocks that parse, of every document that the user asked for.

    Args:
        pack: where to look.
        words: where there are any, only the blocks that hold one of them.
    """
    if pack not in _EXAMPLES:
        _EXAMPLES[pack] = tuple(
            Example(document, block.fence, block.code)
            for document in pack.asked(Document)
            for block in python_blocks(document)
            if isinstance(block.code, Fragment)
        )
    found = _EXAMPLES[pack]
    return [example for example in found if not example.words.isdisjoint(words)] if words else found
