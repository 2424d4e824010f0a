"""DE: descriptions by which a model finds the right agent or skill, whole and at once."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from fastapi_expert.lint.clients import LISTED_CHARACTERS, LISTING_CHARACTERS
from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import AGENT, SKILL, agent, skill
from fastapi_expert.pack.documents import Agent, Skill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.frontmatter import Scalar
    from fastapi_expert.pack.reading import Pack

ALIKE = 0.8  # the part of their words that two descriptions share when a model can't tell them apart
COMPARED = 20  # earlier descriptions with the same rare word that one is compared with
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENGLISH = re.compile(r"\b(a|an|and|the|for|with|of|to|in)\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(use[ds]?|using|when\w*|while|if|after|before|during|once|unless|until|trigger\w*|invo[ck]\w*|activat\w*|call\w*|"
    r"ask\w*|request\w*|need\w*|want\w*|must|should|require\w*|proactive\w*|automatic\w*|always|appl(?:y|ies)|for any|"
    r"help(?:s|ful|ing)? (?:you|with)|mention\w*|useful|ideal|best for|perfect for|suitable|specialized (?:in|for)|run|"
    r"auto-\w+|dispatch\w*|delegat\w*|spawn\w*|load\w*)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z][\w-]*(\s[^<>]*)?/?>")
_GREETS = "Greets people by name. Use when someone is to be greeted."


def _described(pack: Pack) -> Iterator[tuple[Agent | Skill, Scalar]]:
    """The agents and skills with a description."""
    documents: list[Agent | Skill] = [*pack.asked(Agent), *pack.asked(Skill)]
    for document in documents:
        description = document.text_field("description")
        if description is not None and str(description.value).strip():
            yield document, description


@rule(
    "DE001",
    "warning",
    wrong=skill(SKILL.replace(_GREETS, "Greetings by name, with titles and in several languages.")),
    right=skill(SKILL),
)
def no_occasion(pack: Pack) -> Iterator[Fault]:
    """A description says when, not only what.

    It is all that a model sees when it chooses; what only describes itself is chosen by luck. Judged are
    descriptions in English; a skill that no model may call by itself needs no occasion.
    """
    for document, description in _described(pack):
        text = str(description.value)
        fields = document.fields
        if fields is None or fields.get("when_to_use") or not _ENGLISH.search(text):
            continue
        hidden = document.value("disable-model-invocation") is True or document.value("mode") == "primary"
        if not hidden and not _WHEN.search(text):
            kind = "skill" if isinstance(document, Skill) else "agent"
            message = f"the description says what the {kind} is, but not when to use it"
            yield Fault(document.source, description.start, message, "add `Use when …` with what a user would say")


@rule(
    "DE002",
    "warning",
    wrong=skill(SKILL)
    | {
        "skills/salutation/SKILL.md": SKILL.replace("name: greeting", "name: salutation").replace(
            "by name", "by their name"
        )
    },
    right=skill(SKILL)
    | {
        "skills/salutation/SKILL.md": SKILL.replace("name: greeting", "name: salutation").replace(
            _GREETS, "Opens letters and mails. Use when something is written to someone."
        )
    },
)
def overlapping(pack: Pack) -> Iterator[Fault]:
    """No two agents and no two skills of a pack have nearly the same description.

    A model that can't tell them apart takes either, or both.
    """
    for part in pack.parts:
        for kind in (Agent, Skill):
            yield from _overlapping(part, kind)


def _overlapping(part: Pack, kind: type[Agent | Skill]) -> Iterator[Fault]:
    described = [(document, description) for document, description in _described(part) if isinstance(document, kind)]
    sets = [frozenset(_WORD.findall(str(description.value).lower())) for _, description in described]
    counts = Counter(chain.from_iterable(sets))
    by_word: dict[str, list[int]] = {}
    for number, (document, description) in enumerate(described):
        words = sets[number]
        if len(words) < 5:
            continue
        # Two sets that share that much share one of their rarest words.
        rare = sorted(words, key=lambda word: (counts[word], word))[: int(len(words) * (1 - ALIKE)) + 1]
        candidates = dict.fromkeys(chain.from_iterable(by_word.get(word, [])[:COMPARED] for word in rare))
        alike = [
            described[candidate][0]
            for candidate in candidates
            if (shared := len(words & sets[candidate])) >= ALIKE * (len(words) + len(sets[candidate]) - shared)
        ]
        for other in alike:
            if not _is_copy(document, other):
                name = other.source.path.relative_to(other.root).as_posix()
                message = f"nearly the same description as {name}"
                yield Fault(document.source, description.start, message, "say what sets them apart, or make them one")
                break
        for word in rare:
            by_word.setdefault(word, []).append(number)


def _is_copy(document: Agent | Skill, other: Agent | Skill) -> bool:
    """The same thing once more, kept in another folder for another client or language."""
    if isinstance(document, Skill) and isinstance(other, Skill):
        return document.folder.name == other.folder.name
    return document.source.path.name == other.source.path.name


@rule(
    "DE003",
    "warning",
    wrong=skill(SKILL.replace("by name", "by <name>")),
    right=skill(SKILL),
)
def tag_in_description(pack: Pack) -> Iterator[Fault]:
    """A skill's description holds no tags.

    It is pasted into the system prompt, where a tag can close what it doesn't belong to; uploads to Anthropic's API and
    Claude.ai refuse it.
    """
    for document, description in _described(pack):
        raw = document.source.text[description.start : description.end]
        match = _TAG.search(raw) if isinstance(document, Skill) else None
        if match is not None:
            message = f"`{match[0][:40]}` in the description reads as a tag"
            yield Fault(document.source, description.start + match.start(), message, "say it without < and >")


@rule(
    "DE004",
    "warning",
    wrong=agent(AGENT.replace("people. Use", "people.\\nUse")),
    right=agent(AGENT.replace("description: Greets people. Use", "description: |\n  Greets people.\n  Use")),
)
def literal_line_end(pack: Pack) -> Iterator[Fault]:
    r"""A description has real line ends, not a backslash and an n.

    Claude Code makes line ends of them in a project's agents; everywhere else the model reads `\n`.
    """
    for document, description in _described(pack):
        at = str(description.value).find("\\n")
        if at >= 0:
            raw = document.source.text.find("\\n", description.start, description.end)
            fix = None
            if not description.style and "\n" not in document.source.text[description.start : description.end]:
                lines = [line.rstrip() for line in str(description.value).split("\\n")]
                block = "|-\n" + "\n".join(f"  {line}".rstrip() for line in lines)
                fix = Fix((Edit(description.start, description.end, block),), safe=False)
            message = r"`\n` in the description is two characters, not a line end"
            yield Fault(
                document.source, max(raw, description.start), message, "write it as a block: `description: |`", fix
            )


@rule(
    "DE005",
    "warning",
    wrong=skill(SKILL.replace("---\n#", f"when_to_use: {'Say hello to whoever comes. ' * 60}\n---\n#")),
    right=skill(SKILL.replace("---\n#", "when_to_use: Say hello to whoever comes.\n---\n#")),
)
def cut_in_listing(pack: Pack) -> Iterator[Fault]:
    """A skill's description and when_to_use together fit into Claude Code's list of skills.

    It cuts each entry at 1,536 characters, and what is cut off is never seen.
    """
    for document, description in _described(pack):
        when = document.text_field("when_to_use")
        if isinstance(document, Skill) and when is not None:
            lengths = len(str(description.value)), len(str(when.value))
            if sum(lengths) > LISTED_CHARACTERS:
                message = (
                    f"description and when_to_use have {lengths[0]:,} + {lengths[1]:,} = {sum(lengths):,} characters, "
                    f"Claude Code cuts them at {LISTED_CHARACTERS:,}"
                )
                yield Fault(document.source, when.start, message, "shorten both")


def _many_skills(words: str) -> dict[str, str]:
    def text(number: int) -> str:
        told = " ".join(f"{chr(97 + number)}{chr(97 + step // 26)}{chr(97 + step % 26)}" for step in range(170))
        return SKILL.replace("greeting\n", f"greeting-{number}\n", 1).replace(_GREETS, f"Use when {told} {words}.")

    return {f"skills/greeting-{number}/SKILL.md": text(number) for number in range(11)}


@rule(
    "DE006",
    "warning",
    wrong=_many_skills("and " * 16 + "more"),
    right={path: text for path, text in _many_skills("more").items() if "-9/" not in path},
)
def long_listing(pack: Pack) -> Iterator[Fault]:
    """The descriptions of a pack's skills fit together into Claude Code's list of skills.

    The list gets a hundredth of the context window, 8,000 characters of 200,000 tokens; over that, descriptions are
    shortened, whoever's they are.
    """
    for part in pack.parts:
        listed = [(skill, text) for skill, text in _described(part) if isinstance(skill, Skill)]
        shown = [len(str(text.value)) for skill, text in listed if skill.value("disable-model-invocation") is not True]
        total = sum(min(length, LISTED_CHARACTERS) for length in shown)
        if total > LISTING_CHARACTERS:
            longest, text = max(listed, key=lambda pair: len(str(pair[1].value)))
            message = (
                f"{len(shown)} descriptions have {total:,} characters, {total // len(shown):,} each on average, and "
                f"Claude Code's list holds {LISTING_CHARACTERS:,} of 200,000 tokens: it will shorten them"
            )
            yield Fault(longest.source, text.start, message, "shorten the descriptions, this one first")
