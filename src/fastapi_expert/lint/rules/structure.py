"""ST: what opens is closed, and an agent's examples are whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.rules.links import template_file_exists
from fastapi_expert.lint.samples import HOUSE_AGENT, SKILL, house, skill
from fastapi_expert.pack.conversation import PARTS
from fastapi_expert.pack.documents import Agent, Document, Page, Skill, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

_TAG = re.compile(r"<(?P<close>/)?(?P<name>[a-z][a-z0-9]*([_-][a-z0-9]+)*)(\s[^<>]*[^<>/])?>")
_LONE_TAG = re.compile(rf"^[ \t]*(?P<tag>{_TAG.pattern})[ \t]*$", re.MULTILINE)
_EXAMPLE_TAGS = frozenset({"example", "commentary", "br", "hr", "p", "li", "summary"})
_MAYBE_TIGHT = re.compile(r"\n##+[^\s#]")
_TIGHT_HEADING = re.compile(r"^(?P<signs>#{2,6})[^\W\d_]\w*( |$)", re.MULTILINE)
_BACKTICKED = re.compile(r"`([^`\n]+)`")


@rule(
    "ST001",
    "error",
    wrong=skill(SKILL + "\n```sh\necho hello\n"),
    right=skill(SKILL + "\n```sh\necho hello\n```\n"),
)
def unclosed_fence(pack: Pack) -> Iterator[Fault]:
    """Every fenced block is closed.

    An open fence turns the rest of the file, or of the list item that it stands in, into code.
    """
    for document in pack.asked(Document):
        source = document.source
        for fence in document.markdown.fences:
            if not fence.closed:
                gap = "" if source.text[: fence.content_end].endswith(("\n", "\r")) else source.line_end
                edit = Edit(fence.content_end, fence.content_end, f"{gap}{fence.prefix}{fence.marker}{source.line_end}")
                help_ = f"close it with {fence.marker} in a line of its own, indented as the opening"
                yield Fault(source, fence.start, "this fence is never closed", help_, Fix((edit,), safe=False))


@rule(
    "ST002",
    "error",
    wrong=house(agent=HOUSE_AGENT.replace("\n</example>", "")),
    right=house(),
)
def unclosed_example(pack: Pack) -> Iterator[Fault]:
    """Every `<example>` and `<commentary>` of an agent is opened and closed.

    The text after an open tag reads as part of the example.
    """
    for agent in pack.asked(Agent):
        for fault in agent.conversations[1]:
            yield Fault(agent.source, fault.start, fault.message, "pair each tag with its partner")


@rule(
    "ST003",
    "warning",
    wrong=house(agent=HOUSE_AGENT.replace("Context: someone new is here\n", "")),
    right=house(),
)
def incomplete_example(pack: Pack) -> Iterator[Fault]:
    """An agent's example has a context, a user, an assistant and a commentary.

    The commentary says why the agent fits; without it a model copies the words and misses the case.
    """
    strict = {agent.source.path for part in house_packs(pack) for agent in part.asked(Agent)}
    for agent in pack.asked(Agent):
        for conversation in agent.conversations[0]:
            missing = [part for part in PARTS if part not in conversation.parts]
            # Elsewhere an example without any of them is of another kind.
            if missing and (conversation.parts or agent.source.path in strict):
                message = f"the example has no {' and no '.join(missing)}"
                help_ = "write `Context:`, `user:`, `assistant:` and <commentary>…</commentary>"
                yield Fault(agent.source, conversation.start, message, help_)


@rule(
    "ST004",
    "error",
    wrong=house(agent=HOUSE_AGENT.replace("service/app/main.py", "service/app/mian.py")),
    right=house(),
)
def example_out_of_place(pack: Pack) -> Iterator[Fault]:
    """In a house pack, an agent's example names a skill and a file of a template that exist.

    An example is in place only if the reader can go from it to what carries it.
    """
    for part in house_packs(pack):
        skills = {skill.folder.name for skill in part.all(Skill)}
        templates = {template.folder.name: template.folder for template in part.all(Template)}
        for agent in part.asked(Agent):
            for conversation in agent.conversations[0]:
                names = _BACKTICKED.findall(conversation.text)
                missing = [] if skills.intersection(names) else ["skill"]
                files = [name.partition("/") for name in names]
                if not any(
                    first in templates and rest and template_file_exists(templates[first] / rest)
                    for first, _, rest in files
                ):
                    missing.append("template file")
                if missing:
                    message = f"the example names no {' and no '.join(missing)} that exists"
                    help_ = "name them in backticks: Skill `NAME`, template `TEMPLATE/PATH`"
                    yield Fault(agent.source, conversation.start, message, help_)


@rule(
    "ST005",
    "error",
    wrong=skill(SKILL.partition("# Greeting")[0]),
    right=skill(SKILL),
)
def empty_body(pack: Pack) -> Iterator[Fault]:
    """An agent and a skill have a text below the frontmatter.

    An agent without one has no instructions, a skill without one is opened for nothing.
    """
    for document in (*pack.asked(Agent), *pack.asked(Skill)):
        if document.frontmatter is not None and document.frontmatter.closed and not document.body:
            yield Fault(document.source, 0, "there is no text below the frontmatter", "write the instructions there")


@rule(
    "ST006",
    "warning",
    wrong=skill(SKILL + "\n<rules>\nBe kind.\n</rules>\n\n<rules>\nBe brief.\n"),
    right=skill(SKILL + "\n<rules>\nBe kind.\n</rules>\n\n<rules>\nBe brief.\n</rules>\n"),
)
def unpaired_tag(pack: Pack) -> Iterator[Fault]:
    """A tag that sets a part of the text off is opened and closed.

    A model takes everything after an open tag for its content. Judged are tags that stand alone in their lines, in
    files that use the same tag in pairs elsewhere.
    """
    for document in (*pack.asked(Agent), *pack.asked(Skill), *pack.asked(Page)):
        if "</" not in document.source.text:
            continue
        alone = {match.start("tag"): match["name"] for match in document.markdown.search(_LONE_TAG)}
        names = set(alone.values()) - _EXAMPLE_TAGS
        if not names:
            continue
        open_tags: dict[str, list[int]] = {}
        paired, faults = set[str](), []
        for match in document.markdown.search(_TAG):
            name = match["name"]
            if name not in names:
                continue
            if not match["close"]:
                open_tags.setdefault(name, []).append(match.start())
            elif open_tags.get(name):
                open_tags[name].pop()
                paired.add(name)
            else:
                faults.append((match.start(), name, f"</{name}> closes nothing"))
        faults += [(at, name, f"<{name}> is never closed") for name, places in open_tags.items() for at in places]
        for at, name, message in sorted(faults):
            if name in paired and at in alone:
                yield Fault(document.source, at, message, "pair it, or delete it")


@rule(
    "ST007",
    "warning",
    wrong=skill(SKILL + "\n##Titles\n\nSay Dr first.\n"),
    right=skill(SKILL + "\n## Titles\n\nSay Dr first.\n"),
)
def heading_without_space(pack: Pack) -> Iterator[Fault]:
    """A space stands between the signs of a heading and its words.

    Without it CommonMark sees a paragraph, and no link finds the section.
    """
    for document in pack.asked(Document):
        if _MAYBE_TIGHT.search(document.source.text):
            for match in document.markdown.search(_TIGHT_HEADING):
                edit = Edit(match.end("signs"), match.end("signs"), " ")
                yield Fault(document.source, match.start(), "this is no heading", "put a space after #", Fix((edit,)))
