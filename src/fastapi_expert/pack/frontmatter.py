"""The YAML block at the head of an agent or a skill, with the place of every key and value.

Values follow the core schema of YAML 1.2.2, which is what the clients read. The block is composed from parser events:
aliases are never followed and deep nesting stops the reading, so a hostile block costs no more than its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml
from yaml.reader import Reader

from fastapi_expert.pack.source import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi_expert.pack.source import Source

LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPTH_LIMIT = 50
HEALING_LIMIT = 20

_OPENING = re.compile(r"---[ \t]*(\r\n?|\n|\Z)")
_CLOSING = re.compile(r"^---[ \t]*(\r\n?|\n|\Z)", re.MULTILINE)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, eq=False)
class Node:
    """A YAML value and its place, `start` to `end`, in characters of the file."""

    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Scalar(Node):
    """A text, number, boolean or null."""

    value: str | int | float | bool | None
    style: str | None = None


@dataclass(frozen=True, eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node]


@dataclass(frozen=True, eq=False)
class Mapping(Node):
    """Keys and values in the order of the file, repeated keys included."""

    entries: list[tuple[Node, Node]]

    def names(self) -> Iterator[tuple[str, Scalar]]:
        """Each key that is a plain value, as text and with its place."""
        for key, _ in self.entries:
            if isinstance(key, Scalar):
                yield str(key.value), key

    def get(self, name: str) -> Node | None:
        """The value of a key; of the last one where the key is repeated, as clients do that load it."""
        return self._values.get(name)

    @cached_property
    def _values(self) -> dict[object, Node]:
        return {key.value: value for key, value in self.entries if isinstance(key, Scalar)}


class YamlFault(NamedTuple):
    """One thing that keeps strict YAML readers from the block.

    Attributes:
        kind: `colon` is an unquoted `: ` in a value, `tab` a tab where only spaces may stand, `reference` an anchor,
            alias or tag, `duplicate` a repeated key, `nesting` too many levels, `character` one that YAML forbids,
            `syntax` anything else.
        offset: where, in characters of the file.
        message: the parser's words.
    """

    kind: Literal["colon", "tab", "reference", "duplicate", "nesting", "character", "syntax"]
    offset: int
    message: str


@dataclass(frozen=True, eq=False)
class Frontmatter:
    """The block between the two `---` lines.

    Attributes:
        start: offset of the first character after the opening line.
        end: offset of the closing line, or of the end of the file.
        body: offset of the first character after the closing line.
        closed: there is a closing line.
        root: the value, or None where it can't be read at all. An unquoted `: ` and a tab are read past.
        faults: what strict readers refuse.
    """

    start: int
    end: int
    body: int
    closed: bool
    root: Node | None
    faults: tuple[YamlFault, ...]

    @property
    def fields(self) -> Mapping | None:
        """The value when it is a mapping, as it should be."""
        return self.root if isinstance(self.root, Mapping) else None


def read_frontmatter(source: Source) -> Frontmatter | None:
    """The block at the head of a file, or None where the first line is not `---`."""
    text = source.text
    opening = _OPENING.match(text, len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0)
    if opening is None:
        return None
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        return Frontmatter(opening.end(), len(text), len(text), closed=False, root=None, faults=())
    root, faults = _read(text[opening.end() : closing.start()], opening.end())
    return Frontmatter(opening.end(), closing.start(), closing.end(), closed=True, root=root, faults=faults)


def plain(node: Node) -> Any:  # noqa: ANN401 - YAML holds anything
    """The value as plain Python data."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {str(plain(key)): plain(value) for key, value in entries}
    raise TypeError(node)


def find(root: Node, path: Iterable[str | int]) -> Node:
    """The value at a path of keys and indexes, or the last one on the way that exists."""
    node = root
    for step in path:
        match node:
            case Mapping() if (value := node.get(str(step))) is not None:
                node = value
            case Sequence(items=items) if isinstance(step, int) and step < len(items):
                node = items[step]
            case _:
                break
    return node


def _read(block: str, offset: int) -> tuple[Node | None, tuple[YamlFault, ...]]:
    """Compose the block. What clients repair, an unquoted `: ` and tabs, is made harmless at equal length and read."""
    faults: list[YamlFault] = []
    forbidden = Reader.NON_PRINTABLE.search(block)
    if forbidden is not None:  # it may stand for a space or for nothing: what the rest means is anybody's guess
        return None, (YamlFault("character", offset + forbidden.start(), f"character U+{ord(forbidden[0]):04X}"),)
    text = block
    for _ in range(HEALING_LIMIT):
        composer = _Composer(offset)
        try:
            root = composer.compose(text)
        except yaml.YAMLError as error:
            fault = _fault(error, text, offset)
            if fault.kind == "colon" and any(known.kind == "tab" for known in faults):
                break  # the tab stood before a key: what belongs to what is anybody's guess
            faults.append(fault)
            at = fault.offset - offset
            if fault.kind == "colon":
                text = f"{text[:at]};{text[at + 1 :]}"
            elif fault.kind == "tab":
                text = re.sub(r"^[ \t]+", lambda match: " " * len(match[0]), text, flags=re.MULTILINE)
            else:
                break
        except _NestingError as error:
            faults.append(YamlFault("nesting", error.offset, f"more than {DEPTH_LIMIT} levels"))
            break
        else:
            return root, (*faults, *composer.faults)
    return None, tuple(faults)


def _fault(error: yaml.YAMLError, text: str, offset: int) -> YamlFault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    at = min(mark.index, len(text)) if mark else 0
    kind: Literal["colon", "tab", "syntax"] = "syntax"
    if "mapping values are not allowed" in problem and text.startswith(":", at):
        kind = "colon"
    elif text.startswith("\t", at):
        kind = "tab"
    context = getattr(error, "context", None)
    return YamlFault(kind, offset + at, f"{problem} {context}" if context else problem)


class _NestingError(Exception):
    def __init__(self, offset: int) -> None:
        self.offset = offset


@dataclass
class _Composer:
    """Builds nodes from parser events without recursion."""

    offset: int
    faults: list[YamlFault] = field(default_factory=list)

    def compose(self, text: str) -> Node | None:
        """The first document's value.

        Raises:
            yaml.YAMLError: the text is no YAML.
            _NestingError: more levels than anyone needs.
        """
        root: Node | None = None
        open_nodes: list[tuple[int, type[yaml.Event], list[Node]]] = []
        events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        for event in events:
            start, end = self.offset + event.start_mark.index, self.offset + event.end_mark.index
            node: Node
            match event:
                case yaml.ScalarEvent():
                    self._refuse_reference(event, start)
                    quoted = not event.implicit[0]
                    node = Scalar(start, end, event.value if quoted else _core(event.value), event.style)
                case yaml.DocumentEndEvent():
                    break  # what follows is another document: no client reads it
                case yaml.CollectionStartEvent():
                    if len(open_nodes) == DEPTH_LIMIT:
                        raise _NestingError(start)
                    self._refuse_reference(event, start)
                    open_nodes.append((start, type(event), []))
                    continue
                case yaml.AliasEvent():
                    self.faults.append(YamlFault("reference", start, f"alias *{event.anchor}"))
                    node = Scalar(start, end, None)
                case yaml.CollectionEndEvent():
                    start, kind, parts = open_nodes.pop()
                    if issubclass(kind, yaml.SequenceStartEvent):
                        node = Sequence(start, end, parts)
                    else:
                        node = Mapping(start, end, list(zip(parts[::2], parts[1::2], strict=True)))
                        self._refuse_duplicates(node)
                case _:
                    continue
            if open_nodes:
                open_nodes[-1][2].append(node)
            else:
                root = node
        return root

    def _refuse_reference(self, event: yaml.NodeEvent, start: int) -> None:
        if event.anchor:
            self.faults.append(YamlFault("reference", start, f"anchor &{event.anchor}"))
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            self.faults.append(YamlFault("reference", start, f"tag {tag}"))

    def _refuse_duplicates(self, mapping: Mapping) -> None:
        seen: set[str] = set()
        for name, key in mapping.names():
            if name in seen:
                self.faults.append(YamlFault("duplicate", key.start, name))
            seen.add(name)


def _core(value: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema (YAML 1.2.2, 10.3.2); octal, hexadecimal and infinite numbers stay text."""
    if value in {"", "~", "null", "Null", "NULL"}:
        return None
    if value in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return value[0] in "tT"
    if _INTEGER.fullmatch(value) and len(value) <= 18:
        return int(value)
    if _FLOAT.fullmatch(value) and isfinite(number := float(value)):
        return number
    return value
