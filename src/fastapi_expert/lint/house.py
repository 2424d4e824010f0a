"""The rules of the house: what only a pack made like ours is held to.

A pack says so by having templates of its own (`templates/NAME/template.yaml`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.pack.documents import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

CHARACTERS_PER_TOKEN = 4
# What the agent preloads is paid on every run.
SKILL_TOKENS = 1_000
SKILLS_TOKENS = 10_000
AGENT_TOKENS = 1_500
DESCRIPTION_CHARACTERS = 250


def house_packs(pack: Pack) -> Iterator[Pack]:
    """The parts of a pack that have templates, each by itself."""
    for root in sorted({template.root for template in pack.all(Template)}):
        yield pack.at(root)
