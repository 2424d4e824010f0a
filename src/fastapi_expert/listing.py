"""`fastapi-expert list`: the templates with their options, and the skills."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace
from pathlib import Path

from fastapi_expert.pack.documents import Skill
from fastapi_expert.pack.location import content_root
from fastapi_expert.pack.reading import read_pack
from fastapi_expert.render.command import flag_of, said_default
from fastapi_expert.render.patterns import patterns_of
from fastapi_expert.render.template import read_template


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `list`: there are none."""
    parser.set_defaults(run=run)


def run(_arguments: Namespace) -> int:
    """Print what the pack holds."""
    root = content_root()
    print(f"templates in {root / 'templates'}")
    for description in sorted(root.glob("templates/*/template.yaml")):
        template = read_template(description.parent)
        print(f"  {template.name}: {template.summary}")
        for title, options in template.groups().items():
            print(f"    {title}")
            for option, schema in options.items():
                print(f"      {flag_of(option, schema)}: {schema['description']}{said_default(schema)}")
        if given := patterns_of(template).values():
            print("    patterns for any FastAPI project (`add NAME`)")
            for pattern in given:
                print(f"      {pattern.name}: {pattern.summary}")
    if (root / "skills").is_dir():  # not where a single skill brought this program along
        _print_skills(root / "skills")
    return 0


def _print_skills(folder: Path) -> None:
    print(f"skills in {folder}")
    for skill in read_pack([folder]).asked(Skill):
        about = skill.text_field("description")
        print(f"  {skill.folder.name}")
        if about is not None:
            print(textwrap.indent(textwrap.fill(str(about.value), 110), "    "))
