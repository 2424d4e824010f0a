"""The resources that `add resource` puts into a service: each is what its manifest says of it, and is rendered anew."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pluralizer import Pluralizer

from fastapi_expert.render.field_code import FieldCode, Reference
from fastapi_expert.render.fields import UNFILTERED
from fastapi_expert.render.template import OptionError, Template, check_name, name_forms, read_template, renaming

Resource = Mapping[str, Any]  # its name, its plural, and the options of its template

NAME_LIMIT = 30
IDENTIFIER_LIMIT = 63  # of PostgreSQL, for the name of an index or a constraint
LINE_LIMIT = 120  # of the service's own settings of ruff
OPERATIONS = ("create", "list", "read", "update", "delete")
DOCUMENTATION = {"docs", "redoc", "health", "metrics"}  # paths that stand before those of resources


@cache
def resource_template(service: Template) -> Template:
    """Read the template that lies beside the service's."""
    return read_template(service.directory.with_name("resource"))


def named(word: str, plural: str | None) -> tuple[str, str]:
    """Give the singular and the plural of a resource that is named by either.

    Raises:
        OptionError: they are no names, or the same word.
    """
    english = Pluralizer()  # type: ignore[no-untyped-call]
    name = english.singular(word) or word if plural is None else word
    several = english.plural(name) if plural is None else plural
    for given in (word, name, several):
        check_name(given, NAME_LIMIT)
        if keyword.iskeyword(given):
            raise OptionError(f"{given!r} is a word of Python: choose another name")
    if name == several:
        raise OptionError(f"{name!r} is its own plural: name several of them with --plural, such as {name}-items")
    return name, several


def with_resource(
    service: Template, root: Path, options: Mapping[str, Any], resource: Resource
) -> list[dict[str, Any]]:
    """Give the resources of a service with this one among them, in place of one of its name.

    Raises:
        OptionError: it can't be had, alone or beside the others; one line says why.
    """
    present = [other for other in options["resources"] if other["name"] != resource["name"]]
    is_new = len(present) == len(options["resources"])
    folder = resource["plural"].replace("-", "_")
    if any(other["plural"] == resource["plural"] for other in present):
        raise OptionError(f"{resource['plural']} are there already, under another name")
    if is_new and (root / "app" / "domains" / folder).exists():
        raise OptionError(f"app/domains/{folder} is there already: choose another name")
    paths = {value.strip("/").split("/")[0] for value in options.values() if isinstance(value, str) and "/" in value}
    if resource["plural"] in paths | DOCUMENTATION:
        raise OptionError(f"/{resource['plural']} is a path of the service already: choose another name or --plural")
    resources = [*present, dict(resource)] if is_new else [*_replaced(options["resources"], resource)]
    _check(service, options, resources, resource)
    return resources


def _replaced(resources: Sequence[Resource], resource: Resource) -> list[dict[str, Any]]:
    return [dict(resource if other["name"] == resource["name"] else other) for other in resources]


def render_resources(service: Template, options: Mapping[str, Any]) -> dict[str, str]:
    """Render every resource of a service, by relative POSIX path.

    Raises:
        OptionError, TemplateError: as when rendering.
    """
    resources = options.get("resources", ())
    if not resources:
        return {}
    template = resource_template(service)
    targets = _targets(template, resources)
    rendered: dict[str, str] = {}
    for resource in resources:
        values = _values(options, targets, resource)
        references = _references(targets, resources, resource)
        rendered |= template.render(values, name=resource["name"], plural=resource["plural"], references=references)
    return rendered


def _values(options: Mapping[str, Any], targets: Mapping[str, set[str]], resource: Resource) -> dict[str, Any]:
    """The option values of a resource, those that the service around it says included."""
    values = {key: value for key, value in resource.items() if key not in {"name", "plural"}}
    referenced = any(resource["name"] in others for others in targets.values())
    return values | {"idempotency": options["idempotency"], "keys": options["keys"], "referenced": referenced}


def _references(
    targets: Mapping[str, set[str]], resources: Sequence[Resource], resource: Resource
) -> dict[str, Reference]:
    """What the fields of a resource may refer to, by name."""
    name = resource["name"]
    return {
        other["name"]: _reference(other, circular=other["name"] != name and name in _reached(targets, other["name"]))
        for other in resources
    }


def _reference(resource: Resource, *, circular: bool = False) -> Reference:
    keys = ("name", "plural", "owned", "soft_delete", "delete")
    return Reference(**{key: resource[key] for key in keys}, circular=circular)


def _targets(template: Template, resources: Sequence[Resource]) -> dict[str, set[str]]:
    """What each resource refers to."""
    known = {other["name"]: _reference(other) for other in resources}
    return {
        other["name"]: {field.field.target for field in _fields(template, other, known)} - {""} for other in resources
    }


def _fields(template: Template, resource: Resource, references: Mapping[str, Reference]) -> list[FieldCode]:
    return template.fields(template.defaults() | dict(resource), references)["fields"]


def _reached(targets: Mapping[str, set[str]], start: str) -> set[str]:
    """What a resource refers to, by itself or by others."""
    reached: set[str] = set()
    coming = {start}
    while coming:
        coming = set().union(*(targets[name] for name in coming)) - reached
        reached |= coming
    return reached


def _check(service: Template, options: Mapping[str, Any], resources: Sequence[Resource], resource: Resource) -> None:
    template = resource_template(service)
    targets = _targets(template, resources)
    references = _references(targets, resources, resource)
    values = template.complete(_values(options, targets, resource), references)
    fields = _fields(template, resource, references)
    if not any(resource[operation] for operation in OPERATIONS):
        raise OptionError("without any operation there is nothing to add")
    _check_listing(resource, {field.name: field for field in fields})
    for field in fields:
        if field.ref and field.ref.owned and not resource["owned"]:
            raise OptionError(f"{field.name}: what everybody shares can't refer to what is one user's own")
        _check_length(resource, field)
    _check_circles(template, resources)
    _check_words(template, values, resource)


def _check_length(resource: Resource, field: FieldCode) -> None:
    """Insist that what is named after the resource and a field can be, and that its line in the repository is one."""
    plural, model = resource["plural"], name_forms(resource["name"])["pascal"]
    index, constraint, error = f"ix_{plural}_owner_id_{field.name}_id", f"uq_{plural}_owner_id_{field.name}", "Taken"
    if field.ref:
        constraint, error = f"fk_{plural}_{field.name}_{field.ref.folder}", "Unknown"
    line = f'    "{constraint}": {model}{field.pascal}{error}Error,'
    if max(len(index), len(constraint)) > IDENTIFIER_LIMIT or len(line) > LINE_LIMIT:
        raise OptionError(f"{plural} and {field.name} are too long together: shorten one of them")


def _check_listing(resource: Resource, fields: Mapping[str, FieldCode]) -> None:
    for option in ("filter", "sort"):
        for name in resource[option]:
            if not resource["list"]:
                raise OptionError(f"--{option} {name}: there is no listing")
            if name not in fields:
                raise OptionError(f"--{option} {name}: there is no such field, only {', '.join(fields)}")
    for name in resource["filter"]:
        if fields[name].field.kind in UNFILTERED:
            raise OptionError(f"--filter {name}: the type {fields[name].field.kind} can't be compared")
    for name in resource["sort"]:
        if not fields[name].field.sortable:
            raise OptionError(f"--sort {name}: a listing is sorted by numbers, dates and short texts, never null")


def _check_circles(template: Template, resources: Sequence[Resource]) -> None:
    known = {other["name"]: _reference(other) for other in resources}
    needs = {
        other["name"]: {
            field.field.target for field in _fields(template, other, known) if field.ref and not field.optional
        }
        for other in resources
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = " → ".join(dict.fromkeys(error.args[1]))
        raise OptionError(f"{circle}: in a circle of refs, none could be the first: make one optional (?)") from error


def _check_words(template: Template, values: Mapping[str, Any], resource: Resource) -> None:
    """Insist that no identifier made of the name is one that the code uses for something else."""
    texts = [text for text in values["fields"] if ":ref(" not in text] or template.defaults()["fields"]
    files = template.render(dict(values) | {"fields": texts, "filter": [], "sort": []})
    words = set().union(*(_identifiers(text) for path, text in files.items() if path.endswith(".py")))
    stems = {name_forms(template.exemplar)[case] for case in ("snake", "pascal", "upper")}
    made = {word for word in words if any(stem in word for stem in stems)}
    renamed = renaming((template.exemplar, template.plural), (resource["name"], resource["plural"]))
    if len({renamed(word) for word in made}) < len(made):
        raise OptionError(f"{resource['name']}: a class and a constant would be called the same: choose a longer name")
    clashing = sorted({renamed(word) for word in made} & (words - made))
    if clashing:
        raise OptionError(
            f"{resource['name']}: the code around it means something else by {clashing[0]}: choose another"
        )


def _identifiers(text: str) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}
