"""`fastapi-expert add`: a pattern for any FastAPI project, or a resource, in every layer, for one that `new` made."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Sequence
from functools import partial

from fastapi_expert.pack.location import content_root
from fastapi_expert.render.changes import Change
from fastapi_expert.render.manifest import Manifest
from fastapi_expert.render.migrations import head, read_revisions
from fastapi_expert.render.pattern_command import add_pattern_arguments, summaries
from fastapi_expert.render.resources import named, resource_template, with_resource
from fastapi_expert.render.template import Template, read_template
from fastapi_expert.render.update import migrations_of, plan_update
from fastapi_expert.render.update_command import add_change_arguments, carry_out


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `add`: a command for each pattern, and one for resources."""
    template = read_template(content_root() / "templates" / "service")
    things = parser.add_subparsers(dest="pattern", metavar="PATTERN | resource", required=True)
    for pattern, summary in sorted(summaries(template).items()):
        add_pattern_arguments(things.add_parser(pattern, help=summary.replace("%", "%%")), template)
    resource = things.add_parser("resource", help="a resource in every layer, with its migration and tests")
    _add_resource_arguments(resource, resource_template(template))
    resource.set_defaults(run=partial(add_resource, template))


def _add_resource_arguments(parser: ArgumentParser, template: Template) -> None:
    parser.add_argument("name", metavar="NAME", help="what one of them is called, in lower case, such as order-line")
    parser.add_argument("--plural", metavar="WORD", help="what several are called, where English has a rule of its own")
    for options in template.groups().values():
        for option, schema in options.items():
            place, about, default = f"resource_{option}", f"{schema['description']}", schema["default"]
            flag = f"--{option.replace('_', '-')}"
            if schema.get("positional"):
                parser.add_argument(place, nargs="+", metavar="FIELD:TYPE[:CONSTRAINT]", help=about)
            elif schema["type"] == "boolean":
                parser.add_argument(flag, action=BooleanOptionalAction, dest=place, default=default, help=about)
            elif schema["type"] == "array":
                more = f"{about} (may be repeated)"
                parser.add_argument(flag, action="append", dest=place, default=[], metavar="FIELD", help=more)
            else:
                choices = schema["enum"]
                parser.add_argument(flag, choices=choices, dest=place, default=default, help=about)
    add_change_arguments(parser)


def add_resource(template: Template, arguments: Namespace) -> int:
    """Put the resource that was described into a service, or bring it to the description.

    Returns:
        0 when it is done or there was nothing to do, 1 when conflicts are left, 2 when it is refused.
    """
    return carry_out(lambda: _plan(template, arguments), arguments, whole=True)


def _plan(template: Template, arguments: Namespace) -> Sequence[Change]:
    root = arguments.to.absolute()
    manifest = Manifest.read(root)
    options = template.defaults() | dict(manifest.options)
    name, plural = named(arguments.name, arguments.plural)
    arguments.pattern = plural  # the migration is named after it
    given = {key.removeprefix("resource_"): value for key, value in vars(arguments).items() if key != "resource"}
    values = {key: given[key] for groups in resource_template(template).groups().values() for key in groups}
    resources = with_resource(template, root, options, {"name": name, "plural": plural} | values)
    head(read_revisions(migrations_of(root)))  # before anything is written
    return plan_update(root, template, {"resources": resources}, manifest=manifest, force=arguments.force)
