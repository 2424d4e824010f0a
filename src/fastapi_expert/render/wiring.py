"""Statements put into the module that makes an application, with everything else in it left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import libcst as cst
from libcst import matchers as m

from fastapi_expert.render.applications import Application
from fastapi_expert.render.patterns import Home, Wiring

Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


class WiringError(Exception):
    """The statements can't be put there safely; the message says why."""


def lines_of(wiring: Iterable[Wiring], home: Home, variable: str = "app") -> list[str]:
    """Write the imports and the statements, as somebody would type them."""
    wanted = list(wiring)
    imports = dict.fromkeys(_import(statement, home) for statement in wanted)
    return [*sorted(imports), *(_code(statement, variable) for statement in sorted(wanted, key=lambda w: w.last))]


def wired(source: bytes, application: Application, wiring: Sequence[Wiring], home: Home) -> bytes:
    """Put the statements that are missing into the module that makes an application.

    Args:
        source: the module.
        application: one that is made in it.
        wiring: what the application is to have.
        home: where the patterns are.

    Returns:
        The module with the statements; the same bytes where it has them all.

    Raises:
        WiringError: the module can't be read, or the application has no name to put statements on.
    """
    if application.fault:
        raise WiringError(application.fault)
    if not application.variable:
        raise WiringError("the application is not put in a variable by itself")
    try:
        module = cst.parse_module(source)
    except (cst.ParserSyntaxError, UnicodeDecodeError) as error:
        raise WiringError("libcst can't read it") from error
    missing = [statement for statement in wiring if not _is_used(module, statement)]
    if not missing:
        return source
    module = _with_statements(module, application, missing)
    for statement in missing:
        module = _with_import(module, statement, home)
    return module.bytes


def _is_used(module: cst.Module, statement: Wiring) -> bool:
    imported = m.ImportAlias(name=m.Name(statement.name))
    through_module = m.Attribute(m.Name(statement.module.rpartition(".")[2]), m.Name(statement.name))
    return bool(m.findall(module, imported | through_module))


def _import(statement: Wiring, home: Home) -> str:
    return f"from {home.module(statement.module)} import {statement.name}"


def _code(statement: Wiring, variable: str) -> str:
    return re.sub(r"\bapp\b", variable, statement.code)


def _with_statements(module: cst.Module, application: Application, wiring: Iterable[Wiring]) -> cst.Module:
    function = None
    body: Sequence[cst.BaseStatement | cst.BaseSmallStatement] = module.body
    if application.function:
        function = next(
            node
            for node in module.body
            if isinstance(node, cst.FunctionDef) and node.name.value == application.function
        )
        body = function.body.body
    made = next((index for index, node in enumerate(body) if _makes(node, application.variable)), None)
    if made is None:
        raise WiringError("the application is not made by a statement of its own")
    done_to_it = [index for index, node in enumerate(body) if _acts_on(node, application.variable)]
    last = max([made, *done_to_it])
    new: dict[bool, list[cst.BaseStatement]] = {False: [], True: []}
    for statement in wiring:
        code = _code(statement, application.variable)
        new[statement.last].append(cst.parse_statement(code, config=module.config_for_parsing))
    whole = [*body[: made + 1], *new[False], *body[made + 1 : last + 1], *new[True], *body[last + 1 :]]
    if function is None:
        return module.with_changes(body=whole)
    changed = function.with_changes(body=function.body.with_changes(body=whole))
    return module.with_changes(body=[changed if node is function else node for node in module.body])


def _makes(node: cst.CSTNode, variable: str) -> bool:
    made = m.Assign(targets=[m.AssignTarget(m.Name(variable))], value=m.Call())
    annotated = m.AnnAssign(target=m.Name(variable), value=m.Call())
    return m.matches(node, m.SimpleStatementLine(body=[m.OneOf(made, annotated)]))


def _acts_on(node: cst.CSTNode, variable: str) -> bool:
    call = m.Call(func=m.Attribute(value=m.Name(variable)))
    return m.matches(node, m.SimpleStatementLine(body=[m.Expr(call)]))


def _with_import(module: cst.Module, statement: Wiring, home: Home) -> cst.Module:
    """Put an import where isort would have it, as far as the imports that are there are in order."""
    name = home.module(statement.module)
    body = list(module.body)
    imports = [index for index, node in enumerate(body) if _is_import(node)]
    top = [index for index in imports if _only_imports_before(body, index)]
    same = next((index for index in top if _module_of(body[index]) == name and _takes_names(body[index])), None)
    if same is not None:
        return module.with_changes(body=[*body[:same], _with_name(body[same], statement.name), *body[same + 1 :]])
    new = cst.parse_statement(_import(statement, home), config=module.config_for_parsing)
    neighbours = [index for index in top if _module_of(body[index]).split(".")[0] == name.split(".")[0]]
    relative = [index for index in top if _module_of(body[index]).startswith(".")]
    if neighbours:
        before = [index for index in neighbours if _module_of(body[index]) < name]
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
