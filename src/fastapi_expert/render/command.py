"""`fastapi-expert new`: a project from a template."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi_expert.pack.location import content_root
from fastapi_expert.render.changes import TargetError
from fastapi_expert.render.project import Project, plan_project, write_project
from fastapi_expert.render.template import OptionError, Template, TemplateError, read_template
from fastapi_expert.render.tidy import TidyError

TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def _boolean(text: str) -> bool:
    try:
        return TRUTH[text.lower()]
    except KeyError:
        raise ArgumentTypeError(f"{text!r} is neither on nor off") from None


def _value_type(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - what argparse takes as `type`
    return {"boolean": _boolean, "integer": int, "number": float}.get(schema.get("type", "string"), str)


def add_option_arguments(parser: ArgumentParser, template: Template) -> None:
    """Give the parser an argument for each option of the template, and a `--no-…` for each that is on or off."""
    for title, options in template.groups().items():
        group = parser.add_argument_group(title)
        for option, schema in options.items():
            is_switch = schema.get("type") == "boolean"
            is_list = schema.get("type") == "array"
            group.add_argument(
                flag_of(option, schema),
                dest=f"option_{option}",
                action="append" if is_list else "store",
                type=_value_type(schema),
                choices=schema.get("enum"),
                default=SUPPRESS,
                metavar=schema.get("metavar", "on|off" if is_switch else None),
                help=f"{schema['description']}{said_default(schema)}".replace("%", "%%"),
            )
            if is_switch:
                flag = flag_of(option, schema).replace("--", "--no-", 1)
                group.add_argument(flag, dest=f"option_{option}", action="store_false", default=SUPPRESS, help=SUPPRESS)


def flag_of(option: str, schema: Mapping[str, Any]) -> str:
    """How the option is written; one that may be repeated is written in the singular."""
    if schema.get("positional"):
        return str(schema["metavar"])
    name = option.removesuffix("s") if schema.get("type") == "array" else option
    return f"--{name.replace('_', '-')}"


def said_default(schema: Mapping[str, Any]) -> str:
    """What an option is when nothing is said, in parentheses; a list is empty then."""
    match schema["default"]:
        case []:
            return " (may be repeated)"
        case True:
            return " (default: on)"
        case False:
            return " (default: off)"
        case "":
            return " (default: none)"
        case default:
            return f" (default: {default})"


def option_values(arguments: Namespace) -> dict[str, object]:
    """The options that were named on the command line, with their values."""
    return {
        name.removeprefix("option_"): value for name, value in vars(arguments).items() if name.startswith("option_")
    }


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `new`."""
    template = read_template(content_root() / "templates" / "service")
    parser.add_argument("directory", metavar="NAME", type=Path, help="folder to make; its last part names the service")
    parser.add_argument("--name", metavar="WORD", help="what the service is called, if not as its folder")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    parser.add_argument("--force", action="store_true", help="replace files of a repository without code, its README")
    parser.epilog = "--no-NAME is short for --NAME off"
    add_option_arguments(parser, template)
    parser.set_defaults(run=partial(run, template))


def run(template: Template, arguments: Namespace) -> int:
    """Render the template into a new folder.

    Returns:
        0 when it was written (or would be), 2 when it can't be.
    """
    try:
        project = plan_project(
            template, arguments.directory, option_values(arguments), name=arguments.name, force=arguments.force
        )
        if arguments.dry_run:
            _show(project)
            return 0
        write_project(project)
    except (OptionError, TargetError, TemplateError, TidyError) as error:
        print(f"fastapi-expert new: {error}", file=sys.stderr)
        return 2
    python = sum(path.endswith(".py") for path in project.files)
    print(f"{arguments.directory}: {len(project.files)} files, {python} of them Python, tests included")
    print(f"next: cd {arguments.directory}, then as README.md says: install once, `python check.py` proves it all")
    return 0


def _show(project: Project) -> None:
    for path, content in sorted(project.files.items()):
        print(f"{len(content):>8}  {path}")
    print(f"{len(project.files)} files would be written to {project.root}; nothing was")
