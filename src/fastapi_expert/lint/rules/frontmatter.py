"""FM: frontmatter that every client reads, and reads the same."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi_expert.lint.clients import effects
from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import AGENT, SKILL, agent, skill
from fastapi_expert.pack.documents import Agent, Skill
from fastapi_expert.pack.frontmatter import Frontmatter, find, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_rs import Draft202012Validator

    from fastapi_expert.pack.reading import Pack
    from fastapi_expert.pack.source import Source

UNKNOWN_KEYS_SHOWN = 20  # a block with more of them is no frontmatter
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"

_GREETS = "Greets people by name. Use when someone is to be greeted."
_KEY_AND_VALUE = re.compile(r"(?P<indent>[ \t]*)[\w.-]+:[ \t]+(?P<value>[^\s\[{|>&*!].*)")


def _named(pack: Pack) -> list[Agent | Skill]:
    """What must have frontmatter."""
    return [*pack.asked(Agent), *pack.asked(Skill)]


def _heads(pack: Pack) -> Iterator[tuple[Agent | Skill, Frontmatter]]:
    """The agents and skills whose frontmatter has an end."""
    for document in _named(pack):
        if document.frontmatter is not None and document.frontmatter.closed:
            yield document, document.frontmatter


@rule(
    "FM001",
    "error",
    wrong=skill("# Greeting\n\nSay hello, then the name.\n"),
    right=skill(SKILL),
)
def no_frontmatter(pack: Pack) -> Iterator[Fault]:
    """An agent and a skill start with frontmatter, in the first line.

    Name and description stand there; without them a client has nothing to list or to choose by. In folders below
    `agents/` a file without frontmatter is taken for a note.
    """
    for document in _named(pack):
        if document.frontmatter is None and not (isinstance(document, Agent) and document.nested):
            message = f"the first line is not `---`, so there is no frontmatter{effects(document, 'no frontmatter')}"
            yield Fault(document.source, 0, message, "start with `---`, name, description, `---`")


@rule(
    "FM002",
    "error",
    wrong=agent(AGENT.replace("inherit\n---", "inherit\n")),
    right=agent(AGENT),
)
def unterminated(pack: Pack) -> Iterator[Fault]:
    """The frontmatter ends with a line that holds only `---`.

    Without its end the block swallows the body, and the file has neither frontmatter nor text.
    """
    for document in _named(pack):
        if document.frontmatter is not None and not document.frontmatter.closed:
            message = f"the frontmatter has no closing `---` line{effects(document, 'no frontmatter')}"
            yield Fault(document.source, 0, message, "put `---` in a line of its own after the last key")


@rule(
    "FM003",
    "error",
    wrong=skill(SKILL.replace("by name.", "by name --- or by title.")),
    right=skill(SKILL.replace("by name.", "by name, or by title.")),
)
def dashes(pack: Pack) -> Iterator[Fault]:
    """Between its first and last line the frontmatter holds no `---`.

    Claude Code and skills-ref end the block at the next `---`, be it in a value or in a comment, and lose the rest.
    """
    for document, frontmatter in _heads(pack):
        at = document.source.text.find("---", frontmatter.start, frontmatter.end)
        if at >= 0:
            message = f"`---` inside the frontmatter{effects(document, 'dashes')}"
            yield Fault(document.source, at, message, "use another dash, or none")


@rule(
    "FM004",
    "error",
    wrong=skill(SKILL.replace("---\n#", "license: [MIT\n---\n#")),
    right=skill(SKILL.replace("---\n#", "license: MIT\n---\n#")),
)
def not_yaml(pack: Pack) -> Iterator[Fault]:
    """The frontmatter is YAML: keys and values.

    What one client guesses another drops, and none tells the author.
    """
    for document, frontmatter in _heads(pack):
        who = effects(document, "not YAML")
        for fault in frontmatter.faults:
            if fault.kind in {"syntax", "nesting"}:
                message = f"not valid YAML, {fault.message}{who}"
                yield Fault(document.source, fault.offset, message, "put the value in quotes, or mend what is open")
        if frontmatter.root is not None and frontmatter.fields is None:
            message = f"the frontmatter is not a set of keys and values{who}"
            yield Fault(document.source, frontmatter.root.start, message, "write each field as `key: value`")


@rule(
    "FM005",
    "error",
    wrong=skill(SKILL.replace("---\n#", "metadata:\n\tauthor: Ada\n---\n#")),
    right=skill(SKILL.replace("---\n#", "metadata:\n  author: Ada\n---\n#")),
)
def tab(pack: Pack) -> Iterator[Fault]:
    """Spaces indent the frontmatter, never tabs.

    YAML forbids tabs as indentation.
    """
    for document, frontmatter in _heads(pack):
        for fault in frontmatter.faults:
            if fault.kind == "tab":
                message = f"a tab where YAML wants spaces{effects(document, 'tab')}"
                fix = _spaces_for_tabs(document.source, frontmatter, fault.offset)
                yield Fault(document.source, fault.offset, message, "indent with two spaces", fix)


def _spaces_for_tabs(source: Source, frontmatter: Frontmatter, offset: int) -> Fix:
    block = source.text[frontmatter.start : frontmatter.end]
    tabs = {
        frontmatter.start + at
        for indent in re.finditer(r"^[ \t]+", block, re.MULTILINE)
        for at in range(indent.start(), indent.end())
        if block[at] == "\t"
    }
    return Fix(tuple(Edit(at, at + 1, "  ") for at in sorted(tabs | {offset})))


@rule(
    "FM006",
    "error",
    wrong=skill(SKILL.replace(_GREETS, f"{_GREETS} Example: hello, Ada.")),
    right=skill(SKILL.replace(_GREETS, f'"{_GREETS} Example: hello, Ada."')),
)
def colon(pack: Pack) -> Iterator[Fault]:
    """A value that holds `: ` is in quotes.

    To YAML an unquoted `: ` starts another key; descriptions are where it happens.
    """
    for document, frontmatter in _heads(pack):
        seen: set[Fix] = set()
        for fault in frontmatter.faults:
            if fault.kind != "colon":
                continue
            fix = _quotes(document.source, frontmatter, fault.offset)
            if fix in seen:
                continue
            message = f"an unquoted `:` inside a value{effects(document, 'colon')}"
            yield Fault(document.source, fault.offset, message, "put the whole value in quotes", fix)
            if fix is not None:
                seen.add(fix)


def _quotes(source: Source, frontmatter: Frontmatter, colon: int) -> Fix | None:
    """Quote the value that the colon lies in, if the value starts in the colon's line."""
    line, _ = source.position(colon)
    start = source.line_starts[line - 1]
    match = _KEY_AND_VALUE.match(source.text, start, frontmatter.end)
    if match is None or match.start("value") > colon:
        return None
    indent = len(match["indent"])
    end = line + 1
    while source.line_starts[end - 1] < frontmatter.end and re.match(rf"[ \t]{{{indent + 1}}}", source.line(end)):
        end += 1  # the value goes on in lines that are indented more deeply than its key
    value = source.text[match.start("value") : source.line_starts[end - 1]].rstrip()
    quoted = f'"{value}"' if not re.search(r'["\\]', value) else "'" + value.replace("'", "''") + "'"
    return Fix((Edit(match.start("value"), match.start("value") + len(value), quoted),))


@rule(
    "FM007",
    "error",
    wrong=skill(SKILL.replace("---\n#", "license: MIT\nlicense: BSD\n---\n#")),
    right=skill(SKILL.replace("---\n#", "license: MIT\n---\n#")),
)
def duplicate_key(pack: Pack) -> Iterator[Fault]:
    """Every key stands once.

    YAML forbids repeated keys; who loads the file takes one of the values and says nothing.
    """
    for document, frontmatter in _heads(pack):
        for fault in frontmatter.faults:
            if fault.kind == "duplicate":
                message = f"the key {fault.message!r} stands here again{effects(document, 'duplicate key')}"
                yield Fault(document.source, fault.offset, message, "keep one of them")


@rule(
    "FM008",
    "error",
    wrong=skill(SKILL.replace("---\n#", "metadata:\n  author: &ada Ada\n---\n#")),
    right=skill(SKILL.replace("---\n#", "metadata:\n  author: Ada\n---\n#")),
)
def reference(pack: Pack) -> Iterator[Fault]:
    """The frontmatter uses no anchors, aliases or tags.

    A kilobyte of aliases can stand for gigabytes, so careful readers refuse them; two linters hang on them.
    """
    for document, frontmatter in _heads(pack):
        first = next((fault for fault in frontmatter.faults if fault.kind == "reference"), None)
        if first is not None:
            message = f"the YAML {first.message} was not followed{effects(document, 'reference')}"
            yield Fault(document.source, first.offset, message, "write the value out, or quote it if it is text")


class Refusal(NamedTuple):
    """What the JSON Schema of an agent or a skill refuses.

    Attributes:
        keyword: the schema's keyword, such as `type`.
        wanted: the keyword's value.
        path: keys and indexes that lead to the refused value.
        value: the refused value.
        form: what the schema says about the field, if anything.
        offset: where the value stands.
    """

    keyword: str
    wanted: Any
    path: tuple[str | int, ...]
    value: Any
    form: str
    offset: int

    @property
    def is_blank(self) -> bool:
        """A name or a description that is there, but says nothing."""
        blank = self.value is None or (isinstance(self.value, str) and not self.value.strip())
        return blank and self.names_the_file

    @property
    def names_the_file(self) -> bool:
        """It is about the name or the description, which have rules of their own."""
        return self.path in {("name",), ("description",)}


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of `agent` or `skill` frontmatter."""
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _schema_name(document: Agent | Skill) -> str:
    return "agent" if isinstance(document, Agent) else "skill"


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator  # not needed by a run of other families

    return Draft202012Validator(schema(name))


@lru_cache(maxsize=4096)
def refusals(document: Agent | Skill) -> list[Refusal]:
    """What the schema refuses in a frontmatter that could be read."""
    frontmatter = document.frontmatter
    if frontmatter is None or not frontmatter.closed or (frontmatter.root is None and frontmatter.faults):
        return []
    fields = frontmatter.fields
    if fields is None and frontmatter.root is not None:
        return []
    found = []
    name = _schema_name(document)
    values = plain(fields) if fields else {}
    if _plainly_fits(schema(name), values):
        return []
    for error in _validator(name).iter_errors(values):
        path = tuple(error.instance_path)
        *steps, keyword = error.schema_path
        part: Any = schema(name)
        for step in steps:
            part = part[step]
        offset = find(fields, path).start if fields and path else 0
        found.append(Refusal(str(keyword), part[keyword], path, error.instance, part.get("description", ""), offset))
    return found


def _plainly_fits(schema: dict[str, Any], values: dict[str, Any]) -> bool:
    """Most frontmatter is texts of the right form, and to see that takes a fraction of the validator's import."""
    known = schema["properties"]
    return all(name in values for name in schema["required"]) and all(
        name in known
        and _is_text_for(schema["$defs"].get(str(known[name].get("$ref")).rpartition("/")[2], known[name]), value)
        for name, value in values.items()
    )


def _is_text_for(form: dict[str, Any], value: object) -> bool:
    kinds = form.get("type", ())
    if not isinstance(value, str) or "string" not in ([kinds] if isinstance(kinds, str) else kinds):
        return False
    fits = form.get("minLength", 0) <= len(value) <= form.get("maxLength", len(value))
    return fits and "enum" not in form and re.search(form.get("pattern", ""), value) is not None


def _refused_values(pack: Pack) -> Iterator[tuple[Agent | Skill, Refusal]]:
    """What the schema refuses in the value of a field that says something."""
    for document, _ in _heads(pack):
        for refusal in refusals(document):
            if refusal.path and not refusal.is_blank:
                yield document, refusal


@rule(
    "FM009",
    "error",
    wrong=skill(SKILL.replace("description: Greets people by name. Use when someone is to be greeted.\n", "")),
    right=skill(SKILL),
)
def missing_field(pack: Pack) -> Iterator[Fault]:
    """An agent and a skill have a name and a description.

    The name is how they are called, the description is all that a model sees when it decides whether to.
    """
    for document, _ in _heads(pack):
        missing: dict[str, int] = {}
        for refusal in refusals(document):
            if refusal.keyword == "required":
                missing |= {name: 0 for name in refusal.wanted if name not in refusal.value}
            elif refusal.is_blank:
                missing[str(refusal.path[0])] = refusal.offset
        if isinstance(document, Agent) and (document.for_copilot or document.for_opencode):
            missing.pop("name", None)  # they take the file's name
        for name, offset in missing.items():
            message = f"there is no {name}{effects(document, f'no {name}')}"
            yield Fault(document.source, offset, message, f"add a line `{name}: …`")


@rule(
    "FM010",
    "error",
    wrong=agent(AGENT.replace("inherit\n---", "inherit\ntools: 7\n---")),
    right=agent(AGENT.replace("inherit\n---", "inherit\ntools: Read, Grep\n---")),
)
def wrong_value(pack: Pack) -> Iterator[Fault]:
    """Every field has a value of its kind.

    Lenient clients ignore a value that they can't use; Copilot, Gemini CLI and OpenCode drop the file or refuse to
    start.
    """
    for document, refusal in _refused_values(pack):
        if refusal.names_the_file and refusal.keyword in {"maxLength", "pattern"}:
            continue
        field = ".".join(str(step) for step in refusal.path)
        message = f"{field} can't be {_shown(refusal.value)}{effects(document, str(refusal.path[0]))}"
        yield Fault(document.source, refusal.offset, message, f"it takes {_wanted(refusal)}")


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "keys and values"
        case list():
            return "a list"
        case str() if len(value) > 40:
            return f"a text of {len(value)} characters"
    return repr(value) if not isinstance(value, bool) else str(value).lower()


_KINDS = {
    "string": "a text",
    "array": "a list",
    "object": "keys and values",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def _wanted(refusal: Refusal) -> str:
    """What the schema asks for, in words."""
    match refusal.keyword, refusal.wanted:
        case "enum", values:
            return " or ".join(str(value) for value in values)
        case "type", str() as kind:
            return _KINDS[kind]
        case "type", kinds:
            return " or ".join(_KINDS[kind] for kind in kinds)
        case "minimum", value:
            return f"{value:,} or more"
        case "exclusiveMinimum", value:
            return f"more than {value:,}"
        case "maxLength", value:
            return f"at most {value:,} characters"
        case "minLength", value:
            return f"at least {value:,} characters"
    return refusal.form.rstrip(".") or str(refusal.wanted)


@rule(
    "FM011",
    "error",
    wrong=skill(SKILL.replace("Greets", "Greets and " * 100 + "greets")),
    right=skill(SKILL),
)
def too_long(pack: Pack) -> Iterator[Fault]:
    """A name and a description are no longer than every client takes.

    A skill's name has at most 64 characters and its description 1,024: the specification says so, and clients drop
    what is longer.
    """
    for document, refusal in _refused_values(pack):
        if refusal.names_the_file and refusal.keyword == "maxLength":
            field = str(refusal.path[0])
            who = effects(document, f"long {field}")
            message = f"the {field} has {len(refusal.value):,} characters, the limit is {refusal.wanted:,}{who}"
            yield Fault(document.source, refusal.offset, message, "shorten it")


@rule(
    "FM012",
    "warning",
    wrong={"skills/Greeting_People/SKILL.md": SKILL.replace("name: greeting", "name: Greeting_People")},
    right={"skills/greeting-people/SKILL.md": SKILL.replace("name: greeting", "name: greeting-people")},
)
def name_form(pack: Pack) -> Iterator[Fault]:
    """A name is made of lower-case letters, digits and single hyphens.

    The Agent Skills specification allows nothing else, and Gemini CLI takes only such names for agents.
    """
    for document, refusal in _refused_values(pack):
        if refusal.path == ("name",) and refusal.keyword == "pattern":
            if isinstance(document, Agent) and document.for_copilot:
                continue  # to Copilot it is a title
            message = f"the name {_shown(refusal.value)} is not made of lower-case letters, digits and single hyphens"
            yield Fault(document.source, refusal.offset, message, f"write it like `{_kebab(refusal.value)}`")


def _kebab(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "greeting-people"


@rule(
    "FM013",
    "warning",
    wrong=skill(SKILL.replace("name: greeting", "name: greetings")),
    right=skill(SKILL),
)
def other_name(pack: Pack) -> Iterator[Fault]:
    """A skill is named as its folder, an agent as its file.

    Clients go by one or by the other, so a link by name finds the skill in one client and not in the next.
    """
    for document, _ in _heads(pack):
        name = document.text_field("name")
        if name is None or (isinstance(document, Agent) and document.for_copilot):
            continue
        place, wanted = ("folder", document.folder.name) if isinstance(document, Skill) else ("file", document.stem)
        if name.value != wanted and str(name.value).strip():
            message = f"the name is {_shown(name.value)} but the {place} is {wanted!r}"
            message += effects(document, "name and folder differ")
            fix = Fix((Edit(name.start, name.end, wanted),), safe=False)
            yield Fault(document.source, name.start, message, f"make them the same; links go by the {place}", fix)


@rule(
    "FM014",
    "warning",
    wrong=agent(AGENT.replace("model:", "modle:")),
    right=agent(AGENT),
)
def unknown_key(pack: Pack) -> Iterator[Fault]:
    """Every key is one that some client knows.

    A misspelt key is ignored without a word, and Gemini CLI drops an agent for a key that it doesn't know.
    """
    for document, _ in _heads(pack):
        if document.fields is None:
            continue
        known = schema(_schema_name(document))["properties"]
        present = {name for name, _ in document.fields.names()}
        unknown = ((name, key) for name, key in document.fields.names() if name not in known)
        for name, key in islice(unknown, UNKNOWN_KEYS_SHOWN):
            meant, sure = _meant(name, _schema_name(document))
            message = f"no client knows the key {_shown(name)}{effects(document, 'unknown key')}"
            if meant is None:
                yield Fault(document.source, key.start, message, "put it below `metadata`, or leave it out")
            else:
                fix = Fix((Edit(key.start, key.end, meant),)) if sure and meant not in present else None
                yield Fault(document.source, key.start, message, f"did you mean `{meant}`?", fix)


@cache
def _meant(name: str, kind: str) -> tuple[str | None, bool]:
    """The key of a schema that a misspelt one is closest to, and whether it can be no other."""
    from difflib import get_close_matches  # only a finding needs it

    letters = _letters(name)
    by_letters = {_letters(key): key for key in schema(kind)["properties"]}
    close = get_close_matches(letters, by_letters, n=2, cutoff=0.75)
    if not close:
        return None, False
    swapped = [key for key in by_letters if sorted(key) == sorted(letters)]
    very_close = get_close_matches(letters, by_letters, n=2, cutoff=0.9)
    best = swapped or very_close or close
    return by_letters[best[0]], len(best) == 1


def _letters(key: str) -> str:
    """A key without what people vary: case, hyphens and underscores."""
    return re.sub(r"[-_]", "", key.lower())
