"""BU: what an agent preloads is paid on every run, so a house pack keeps to budgets."""

from __future__ import annotations

from math import ceil
from string import ascii_lowercase
from typing import TYPE_CHECKING

from fastapi_expert.lint import house
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import HOUSE_AGENT, SKILL, SKILL_PATH
from fastapi_expert.lint.samples import house as house_sample
from fastapi_expert.pack.documents import Agent, Document, Skill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

LINES, TOKENS = 500, 5_000  # of a SKILL.md, as the Agent Skills specification recommends
_SENTENCE = "Say it once more, with care.\n"


def _sum(characters: int, limit: int) -> str | None:
    """The arithmetic in words, if the characters make more tokens than the limit."""
    tokens = ceil(characters / house.CHARACTERS_PER_TOKEN)
    if tokens <= limit:
        return None
    return f"{characters:,} characters / {house.CHARACTERS_PER_TOKEN} = {tokens:,} tokens, the budget is {limit:,}"


def _body_fault(document: Document, limit: int) -> Iterator[Fault]:
    arithmetic = _sum(len(document.body), limit)
    if arithmetic is not None:
        help_ = "shorten it, or move what is needed rarely to references/"
        yield Fault(document.source, document.body_start, f"the body is too long: {arithmetic}", help_)


@rule(
    "BU001",
    "error",
    wrong=house_sample(skill=SKILL + _SENTENCE * 140),
    right=house_sample(skill=SKILL + _SENTENCE * 130),
)
def long_skill(pack: Pack) -> Iterator[Fault]:
    """In a house pack, a SKILL.md body keeps to its budget of tokens.

    An agent reads the whole body of each skill that it links before its first word.
    """
    for part in house.house_packs(pack):
        for skill in part.asked(Skill):
            yield from _body_fault(skill, house.SKILL_TOKENS)


def _many_skills(count: int) -> dict[str, str]:
    names = [f"greeting-{number}" for number in range(count)]
    links = "".join(f"  - {name}\n" for name in names)
    agent = HOUSE_AGENT.replace("  - greeting\n", f"  - greeting\n{links}")
    text = SKILL + _SENTENCE * 130
    skills = {
        f"skills/{name}/SKILL.md": text.replace("name: greeting", f"name: {name}")
        .replace("Greets people", f"Greets {letter * 3} and {letter * 4}")
        .replace("someone", letter * 5)
        for name, letter in zip(names, ascii_lowercase, strict=False)
    }
    return house_sample(agent=agent) | skills


@rule(
    "BU002",
    "error",
    wrong=_many_skills(11),
    right=_many_skills(10),
)
def long_skills(pack: Pack) -> Iterator[Fault]:
    """In a house pack, all SKILL.md bodies together keep to their budget of tokens.

    An agent that links all skills reads all their bodies before its first word.
    """
    for part in house.house_packs(pack):
        skills = part.all(Skill)
        arithmetic = _sum(sum(len(skill.body) for skill in skills), house.SKILLS_TOKENS)
        if arithmetic is not None:
            longest = max(skills, key=lambda skill: len(skill.body))
            document = next(iter(part.all(Agent)), longest)
            message = f"the {len(skills)} skills together are too long: {arithmetic}"
            help_ = f"start with {longest.folder.name}, the longest at {len(longest.body):,} characters"
            yield Fault(document.source, document.body_start, message, help_)


@rule(
    "BU003",
    "error",
    wrong=house_sample(agent=HOUSE_AGENT + _SENTENCE * 210),
    right=house_sample(agent=HOUSE_AGENT + _SENTENCE * 190),
)
def long_agent(pack: Pack) -> Iterator[Fault]:
    """In a house pack, an agent's body keeps to its budget of tokens.

    The body is the agent's system prompt: it is paid on every run and dilutes what matters.
    """
    for part in house.house_packs(pack):
        for agent in part.asked(Agent):
            yield from _body_fault(agent, house.AGENT_TOKENS)


@rule(
    "BU004",
    "error",
    wrong=house_sample(skill=SKILL.replace("by name.", "by name. " + "Never rude. " * 20)),
    right=house_sample(skill=SKILL.replace("by name.", "by name. Never rude.")),
)
def long_description(pack: Pack) -> Iterator[Fault]:
    """In a house pack, a skill's description keeps to its budget of characters.

    The descriptions of all skills stand in every session, also where none of them is used.
    """
    for part in house.house_packs(pack):
        for skill in part.asked(Skill):
            description = skill.text_field("description")
            length = len(str(description.value)) if description else 0
            if description is not None and length > house.DESCRIPTION_CHARACTERS:
                message = f"the description has {length} characters, the budget is {house.DESCRIPTION_CHARACTERS}"
                yield Fault(skill.source, description.start, message, "say what it does and when to use it, no more")


@rule(
    "BU005",
    "warning",
    wrong={SKILL_PATH: SKILL + _SENTENCE * 501},
    right={SKILL_PATH: SKILL + _SENTENCE * 490},
)
def long_body(pack: Pack) -> Iterator[Fault]:
    """A SKILL.md keeps below 500 lines and 5,000 tokens.

    The Agent Skills specification recommends both: the whole text is read each time, however little of it is needed.
    """
    for skill in pack.asked(Skill):
        characters, lines = len(skill.body), skill.body.count("\n") + 1
        tokens = ceil(characters / house.CHARACTERS_PER_TOKEN)
        told = []
        if lines > LINES:
            told.append(f"{lines:,} lines of {LINES:,}")
        if tokens > TOKENS:
            told.append(f"{characters:,} characters / {house.CHARACTERS_PER_TOKEN} = {tokens:,} tokens of {TOKENS:,}")
        if told:
            message = f"the body is long: {' and '.join(told)}"
            yield Fault(skill.source, skill.body_start, message, "move what is needed rarely to references/")
