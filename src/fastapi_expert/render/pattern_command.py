"""`fastapi-expert add PATTERN`: turned on in a service that `new` made, and put into any other FastAPI project."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.render.changes import Change
from fastapi_expert.render.manifest import MANIFEST, Manifest
from fastapi_expert.render.patterns import KIND, patterns_of
from fastapi_expert.render.template import OptionError, Template
from fastapi_expert.render.update_command import (
    DONE,
    ERRORS,
    REFUSED,
    Left,
    add_change_arguments,
    carry_out,
    switch,
    switches,
    to_settle,
)

if TYPE_CHECKING:
    from fastapi_expert.render.foreign import Plan


def summaries(template: Template) -> dict[str, str]:
    """Everything that `add` can be asked for by name, with what it gives."""
    properties = template.options["properties"]
    options = {name: str(properties[option]["description"]) for name, option in switches(template).items()}
    return {name: pattern.summary for name, pattern in patterns_of(template).items()} | options


def add_pattern_arguments(parser: ArgumentParser, template: Template) -> None:
    """Describe the arguments of `add PATTERN`."""
    add_change_arguments(parser)
    about = "where the files go in a project that `new` did not make: a package, such as shop.api, or a dot for none"
    parser.add_argument("--package", metavar="NAME", help=f"{about} (default: the one that the application is in)")
    parser.set_defaults(run=partial(add_pattern, template))


def add_pattern(template: Template, arguments: Namespace) -> int:
    """Put a pattern into a project, or turn it on in a service.

    Returns:
        0 when it is done or there was nothing to do, 1 when conflicts are left, 2 when it is refused.
    """
    root, name = arguments.to.absolute(), arguments.pattern
    patterns, options = patterns_of(template), switches(template)
    try:
        if is_foreign(root):
            if name not in patterns:
                raise OptionError(f"{root} was not made by `new`, and {name} is part of a whole service")
            from fastapi_expert.render.foreign import plan_pattern  # libcst takes a third of a second to import

            plan = plan_pattern(root, template, name, arguments.package, force=arguments.force)
            return carry_out(lambda: plan.changes, arguments, what_is_left=partial(_what_is_left, plan, name))
    except ERRORS as error:
        print(f"fastapi-expert {arguments.command}: {error}", file=sys.stderr)
        return REFUSED
    option = name if name in options else patterns[name].option
    if not option:
        print(f"nothing to do: every service that `new` makes has {name}")
        return DONE
    return switch(template, True, Namespace(**vars(arguments) | {"pattern": option}))


def is_foreign(root: Path) -> bool:
    """Whether a project was not made by `new`.

    Raises:
        ManifestError: its manifest is damaged.
    """
    return not (root / MANIFEST).is_file() or Manifest.read(root).template == KIND


def _what_is_left(plan: Plan, asked: str, changes: Iterable[Change]) -> Left:
    steps = to_settle(changes)
    steps += [f"put these lines {each.where} ({each.why}):\n{_indented(each.lines)}" for each in plan.lines]
    steps += [
        f"{name}{'' if name == asked else ', which comes along'}, by hand:\n{_indented(text.splitlines())}"
        for name, text in plan.by_hand.items()
    ]
    steps.append(f"add to what the project requires, and install: {shlex.join(plan.requirements)}")
    steps.append(f"the same for its tests: {shlex.join(plan.test_requirements)}")
    if plan.untyped:
        steps.append(
            f"mypy has no types for {', '.join(plan.untyped)}: ignore_missing_imports in an override for these"
        )
    if plan.migrations:
        steps.append(plan.migrations)
    steps.append(f"python -m pytest {' '.join(plan.tests)}")
    if plan.in_the_way:
        names = ", ".join(plan.in_the_way)
        steps.append(f"other patterns need the names of {names}: --package NAME, said with the first, avoids that")
    details = {
        "lines": [line for each in plan.lines for line in each.lines],
        "by_hand": plan.by_hand,
        "untyped": plan.untyped,
        "requirements": plan.requirements,
        "test_requirements": plan.test_requirements,
    }
    return Left(steps, details=details)


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"          {line}".rstrip() for line in lines)
