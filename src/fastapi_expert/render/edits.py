"""Somebody's module read, and imports put into it, with everything else left as it is."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, TypeAlias

import libcst as cst
from libcst import matchers as m

Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


class EditError(Exception):
    """The module can't be edited safely; the message says why."""


def parse(source: bytes) -> cst.Module:
    """Read a module.

    Raises:
        EditError: it is no Python, or nested too deeply.
    """
    try:
        ast.parse(source)  # refuses what is nested so deeply that it would end the program inside libcst
        return cst.parse_module(source)
    except (cst.ParserSyntaxError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise EditError("it can't be read as Python") from error


def import_line(module: str, name: str, alias: str = "") -> str:
    """Write the import of a name."""
    return f"from {module} import {name} as {alias}" if alias else f"from {module} import {name}"


def with_import(module: cst.Module, imported: str, name: str, alias: str = "", comment: str = "") -> cst.Module:
    """Put an import where isort would have it, as far as the imports that are there are in order.

    Args:
        module: what gets the import.
        imported: the module from which something is imported.
        name: what is imported from it.
        alias: what it is called; empty for its own name.
        comment: at the end of the line.
    """
    body = list(module.body)
    imports = [index for index, node in enumerate(body) if _is_import(node)]
    top = [index for index in imports if _only_imports_before(body, index)]
    same = next((index for index in top if _module_of(body[index]) == imported and _takes_names(body[index])), None)
    if same is not None and not alias and not comment:
        return module.with_changes(body=[*body[:same], _with_name(body[same], name), *body[same + 1 :]])
    line = import_line(imported, name, alias)
    new = cst.parse_statement(f"{line}  # {comment}" if comment else line, config=module.config_for_parsing)
    package = imported.split(".")[0]
    neighbours = [index for index in top if _module_of(body[index]).split(".")[0] == package]
    late = [index for index in imports if index not in top and _module_of(body[index]).split(".")[0] == package]
    relative = [index for index in top if _module_of(body[index]).startswith(".")]
    if late and not neighbours:  # what stands before them may be what makes them possible, such as a change of sys.path
        place = late[-1] + 1
    elif neighbours:
        before = [index for index in neighbours if _module_of(body[index]) < imported]
        place = before[-1] + 1 if before else neighbours[0]
        if not before:
            new, body[place] = _in_place_of(new, body[place], blank=False)
    elif relative:
        place = relative[0]
        new, body[place] = _in_place_of(new, body[place], blank=True)
    else:
        place = top[-1] + 1 if top else _after_docstring(body)
        new = new.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return module.with_changes(body=[*body[:place], new, *body[place:]])


def _in_place_of(new: Statement, old: Statement, *, blank: bool) -> tuple[Statement, Statement]:
    lines = [cst.EmptyLine(indent=False)] if blank else []
    return new.with_changes(leading_lines=old.leading_lines), old.with_changes(leading_lines=lines)


def _takes_names(node: cst.CSTNode) -> bool:
    one_line = m.ImportFrom(names=[m.AtLeastN(m.ImportAlias(), n=1)], lpar=None)
    return m.matches(node, m.SimpleStatementLine(body=[one_line]))


def _with_name(node: Any, name: str) -> Any:  # noqa: ANN401 - a line that `_takes_names` has matched
    (line,) = node.body
    names = sorted([*line.names, cst.ImportAlias(cst.Name(name))], key=lambda alias: _sorted_as(alias.name.value))
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    commas = [comma] * (len(names) - 1) + [cst.MaybeSentinel.DEFAULT]
    separated = [alias.with_changes(comma=each) for alias, each in zip(names, commas, strict=True)]
    return node.with_changes(body=[line.with_changes(names=separated)])


def _sorted_as(name: str) -> tuple[int, str]:
    """As isort has it: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _is_import(node: cst.CSTNode) -> bool:
    return m.matches(node, m.SimpleStatementLine(body=[m.OneOf(m.Import(), m.ImportFrom())]))


def _only_imports_before(body: Sequence[cst.CSTNode], index: int) -> bool:
    return all(_is_import(node) or _is_docstring(node) for node in body[:index])


def _is_docstring(node: cst.CSTNode) -> bool:
    return m.matches(node, m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())]))


def _after_docstring(body: Sequence[cst.CSTNode]) -> int:
    return int(bool(body) and _is_docstring(body[0]))


def _module_of(node: cst.CSTNode) -> str:
    """The name that an import sorts by: a relative one begins with its dots."""
    statement = cst.ensure_type(node, cst.SimpleStatementLine).body[0]
    if isinstance(statement, cst.ImportFrom):
        dotted = cst.Module([]).code_for_node(statement.module) if statement.module else ""
        return "." * len(statement.relative) + dotted
    name = cst.ensure_type(statement, cst.Import).names[0].name
    return cst.Module([]).code_for_node(name)
