"""Which uses of libraries a piece of code may hold, told by its words; only then its names are worth resolving."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from fastapi_expert.lint.origins import GIVEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi_expert.lint.fragments import Fragment

_WORD = re.compile(r"(?<![!\w])\w+")
_OF_CLASS = re.compile(r".*(?:\(\)|\.[A-Z]\w+)(\.\w+)")
_LIST = re.compile(r"[(=]\s*\[")


class _Signs(NamedTuple):
    """What code that uses something so always has: words, a text, perhaps a list as an argument or a value."""

    words: frozenset[str]
    text: str
    has_list: bool


class Usages:
    """Some ways to use libraries, in the notation of `api_table.Change`."""

    def __init__(self, usages: Iterable[str]) -> None:
        """Find out what tells each of them."""
        self._by_name: dict[str, list[_Signs]] = {}
        for usage in usages:
            name = re.findall(r"\w+", usage.rpartition(".")[2])[0]
            of_class = _OF_CLASS.fullmatch(usage)
            words, text = frozenset(_WORD.findall(usage)) - GIVEN, of_class[1] if of_class else ""
            self._by_name.setdefault(name, []).append(_Signs(words, text, usage.endswith("([])")))

    def may_be_in(self, code: Fragment) -> bool:
        """The code has all that tells one of them."""
        words = code.words
        if "fastapi" in words:
            words |= {"starlette"}  # much of which FastAPI has, too
        return any(
            signs.words <= words and signs.text in code.text and not (signs.has_list and not _LIST.search(code.text))
            for name in words & self._by_name.keys()
            for signs in self._by_name[name]
        )
