"""Statements put into the module that makes an application, with everything else in it left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import libcst as cst
from libcst import matchers as m

from fastapi_expert.render.applications import Application
from fastapi_expert.render.edits import EditError, import_line, parse, with_import
from fastapi_expert.render.patterns import Home, Wiring

_NO_SPACE = cst.SimpleWhitespace("")
_EQUAL = cst.AssignEqual(_NO_SPACE, _NO_SPACE)


def lines_of(wiring: Iterable[Wiring], home: Home, variable: str = "app") -> list[str]:
    """Write the imports and the statements, as somebody would type them."""
    wanted = sorted(wiring, key=lambda statement: statement.last)
    imports = {import_line(home.module(each.module), each.name, each.alias) for each in wanted}
    arguments = [f"{variable} = FastAPI({each.argument})" for each in wanted if each.argument]
    return [*sorted(imports), *arguments, *(_code(each, variable) for each in wanted)]


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
        EditError: the module can't be read, or the application has no name to put statements on.
    """
    if application.fault:
        raise EditError(application.fault)
    if not application.variable:
        raise EditError("the application is not put in a variable by itself")
    module = parse(source)
    missing = [statement for statement in wiring if not _is_used(module, statement)]
    if not missing:
        return source
    module = _with_statements(module, application, missing)
    for statement in missing:
        module = with_import(module, home.module(statement.module), statement.name, statement.alias)
    return module.bytes


def _is_used(module: cst.Module, statement: Wiring) -> bool:
    source = m.Name(statement.module.rpartition(".")[2])  # the packages before it may be said in several ways
    name = m.ImportAlias(name=m.Name(statement.name))
    imported = m.ImportFrom(module=source | m.Attribute(attr=source), names=[m.ZeroOrMore(), name, m.ZeroOrMore()])
    through_module = m.Attribute(source, m.Name(statement.name))
    return bool(m.findall(module, imported | through_module))


def _code(statement: Wiring, variable: str) -> str:
    return re.sub(r"\bapp\b", variable, statement.code)


def _with_statements(module: cst.Module, application: Application, wiring: Sequence[Wiring]) -> cst.Module:
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
        raise EditError("the application is not made by a statement of its own")
    body = [
        *body[:made],
        _with_arguments(body[made], [each.argument for each in wiring if each.argument]),
        *body[made + 1 :],
    ]
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


def _with_arguments(statement: Any, arguments: Iterable[str]) -> Any:  # noqa: ANN401 - a line that `_makes` has matched
    for argument in arguments:
        name, _, value = argument.partition("=")
        call = statement.body[0].value
        if any(arg.star == "**" or (arg.keyword and arg.keyword.value == name) for arg in call.args):
            raise EditError(f"the application has its own `{name}=`, or may have")
        new = cst.Arg(cst.parse_expression(value), cst.Name(name), equal=_EQUAL)
        made = statement.body[0].with_changes(value=call.with_changes(args=_one_more(call, new)))
        statement = statement.with_changes(body=[made, *statement.body[1:]])
    return statement


def _one_more(call: cst.Call, new: cst.Arg) -> Sequence[cst.Arg]:
    """Put an argument after the others, on a line of its own where they have theirs."""
    if not call.args:
        return [new]
    last, before = call.args[-1], call.whitespace_before_args
    if not isinstance(before, cst.ParenthesizedWhitespace):
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        return [*call.args[:-1], last.with_changes(comma=between, whitespace_after_arg=_NO_SPACE), new]
    between = cst.Comma(whitespace_after=before.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[]))
    end = last.whitespace_after_arg
    if isinstance(last.comma, cst.Comma) and isinstance(last.comma.whitespace_after, cst.ParenthesizedWhitespace):
        end = last.comma.whitespace_after
        # A comment on the line of the last argument stays there.
        between = cst.Comma(
            whitespace_after=before.with_changes(first_line=end.first_line, empty_lines=end.empty_lines)
        )
        end = end.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
        new = new.with_changes(comma=cst.Comma(whitespace_after=end))
    else:
        new = new.with_changes(whitespace_after_arg=end)
    return [*call.args[:-1], last.with_changes(comma=between, whitespace_after_arg=_NO_SPACE), new]


def _acts_on(node: cst.CSTNode, variable: str) -> bool:
    call = m.Call(func=m.Attribute(value=m.Name(variable)))
    return m.matches(node, m.SimpleStatementLine(body=[m.Expr(call)]))
