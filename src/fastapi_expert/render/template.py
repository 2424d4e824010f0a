"""A template as it lies, and what it renders to: options in, `{path: text}` out, nothing written.

Python (and every other file in which `#` starts a comment) carries its options as Jinja statements in comments,
`# % if cors` … `# % endif`, so the file is valid as it lies. A file that ends in `.jinja` is ordinary Jinja. Imports
carry no statements: a file imports what it needs with everything on, and `tidy` takes out what an option left unused.
A line `# = port = {{ port }}` takes the place of the line below it, which says the same with the default. A line
`# + {{ field.column }}` is added: as the template lies it is a comment, so what only another value or the fields of a
user bring is written with it, between statements (`# % for field in fields` … `# % endfor`). A file of which the
statements leave nothing is not there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import jinja2
import yaml
from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment
from jsonschema_rs import Draft202012Validator

from fastapi_expert.pack.frontmatter import DEPTH_LIMIT, LOADER
from fastapi_expert.pack.location import LEFTOVERS
from fastapi_expert.pack.schema import fault_in
from fastapi_expert.render.field_code import FieldCode, Reference
from fastapi_expert.render.fields import FieldError, parse_field

DESCRIPTION_FILE = "template.yaml"
JINJA_SUFFIX = ".jinja"
DEFAULT_GROUP = "patterns, on or off"
NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_LIMIT = 60
_CODE = re.compile(r"# (?:% |= |\+).*")  # what is more than text where `#` starts a comment
_WRITTEN_LINE = re.compile(r"^([ \t]*)# (?:= (.*\n).*\n|\+ ?(.*\n))", re.MULTILINE)
_JINJA_ERRORS = (TemplateSyntaxError, UndefinedError, SecurityError, TypeError, ValueError, ArithmeticError)
_NEVER = "\x00"  # a delimiter that no text file holds
_NOTHING = f"{_NEVER}#\n#{_NEVER}"  # a comment that keeps the count of lines


class TemplateError(Exception):
    """A template that can't be read or rendered, with the place of the fault."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        """Keep the file, its 1-based line and what is wrong with it."""
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class OptionError(ValueError):
    """An option that the template doesn't have, or a value that it doesn't take."""


def _environment(**delimiters: str) -> Environment:
    return SandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # the output is source code, not HTML
        lstrip_blocks=True,
        **delimiters,
    )


# A statement ends with its line: Jinja's own `line_statement_prefix` would swallow the blank lines after it as well.
_IN_COMMENTS = _environment(
    block_start_string="# % ",
    block_end_string="\n",
    variable_start_string=_NEVER + "{",
    variable_end_string="}" + _NEVER,
    comment_start_string=_NEVER + "#",
    comment_end_string="#" + _NEVER,
)
_PLAIN = _environment()
_PLAIN.trim_blocks = True


def environment_for(path: str) -> Environment:
    """The Jinja dialect of a template's file: its suffix decides."""
    return _PLAIN if path.endswith(JINJA_SUFFIX) else _IN_COMMENTS


def jinja_source(path: str, text: str) -> str:
    """A file's text as its Jinja dialect takes it: with the lines that comments hold in their places."""
    if path.endswith(JINJA_SUFFIX):
        return text

    def written_out(match: re.Match[str]) -> str:
        line = (match[2] or match[3]).replace("{{", _NEVER + "{").replace("}}", "}" + _NEVER)
        return f"{_NOTHING if match[2] else ''}{match[1]}{line}"

    return _WRITTEN_LINE.sub(written_out, text)


def _code(path: str, text: str) -> list[str]:
    """The parts of a file that may be more than text."""
    return [text] if path.endswith(JINJA_SUFFIX) else _CODE.findall(text)


def _openings(environment: Environment) -> tuple[str, ...]:
    """What Jinja takes for more than text."""
    return environment.block_start_string, environment.variable_start_string, environment.comment_start_string


@lru_cache(maxsize=512)  # most are rendered more than once, for other options or another resource
def _compiled(environment: Environment, source: str) -> jinja2.Template:
    return environment.from_string(source)


def name_forms(name: str) -> dict[str, str]:
    """How a kebab-case name is written in kebab, snake, title, Pascal and upper case and as words, by case."""
    words = name.split("-")
    capitals = [word.capitalize() for word in words]
    return {
        "kebab": name,
        "snake": "_".join(words),
        "title": " ".join(capitals),
        "pascal": "".join(capitals),
        "upper": "_".join(words).upper(),
        "plain": " ".join(words),
        "sentence": " ".join(words).capitalize(),
    }


def with_article(words: str) -> str:
    """Put `a` or `an` before English words, by how they sound."""
    sounds_open = re.match(r"[aeio]|u(?!ni|s[aeiu]|t[aeiou])|hour|hono|heir", words, re.IGNORECASE)
    sounds_closed = re.match(r"eu|one|once", words, re.IGNORECASE)
    return f"{'an' if sounds_open and not sounds_closed else 'a'} {words}"


def renaming(exemplar: tuple[str, ...], names: tuple[str, ...]) -> Callable[[str], str]:
    """Make what writes a template's text with other names, in every case of writing, articles included."""
    forms: dict[str, str] = {}
    for old, new in zip(exemplar, names, strict=True):
        forms = dict(zip(name_forms(old).values(), name_forms(new).values(), strict=True)) | forms
    found = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    pattern = re.compile(rf"(\b[Aa]n? )?({found})")

    def renamed(match: re.Match[str]) -> str:
        if match[1] is None:
            return forms[match[2]]
        text = with_article(forms[match[2]])
        return match[1][0] + text[1:]

    return lambda text: pattern.sub(renamed, text) if any(form in text for form in forms) else text


@dataclass(frozen=True, eq=False)
class Template:
    """One folder below `templates/`.

    Attributes:
        directory: where it lies.
        name: how people call it.
        summary: what it gives, in a line.
        exemplar: the kebab-case name that the user's own name replaces, in every case of writing.
        plural: the same for several of them; empty where the template speaks of one only.
        options: JSON Schema of the option values, each property with a default and a one-line description. An array
            whose items have `format: field` is a list of fields; its `taken` is ordinary Jinja that names, for the
            other options, the names that are not free.
        words: texts that follow from the options, by the name that a file uses them under, each in ordinary Jinja.
        distinct: options of which no two may have the same value.
        conditional: file (relative POSIX path) to the options that bring it: it is there when any is on, or not empty.
        patterns: what stands alone, as `template.yaml` describes it; `patterns.py` reads it.
        sources: file (relative POSIX path) to its text as it lies.
    """

    directory: Path
    name: str
    summary: str
    exemplar: str
    plural: str
    options: dict[str, Any]
    words: dict[str, str]
    distinct: tuple[str, ...]
    conditional: dict[str, frozenset[str]]
    patterns: dict[str, Any]
    sources: dict[str, str]

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names that a statement in this template may use."""
        return frozenset(self.options.get("properties", {})) | self.words.keys() | {"name", "title"}

    def groups(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The options with their schemas, by the `group` that each names, in the order of the description.

        A list of objects is not among them, which a command of its own fills, and what another template has `given`.
        """
        grouped: dict[str, dict[str, dict[str, Any]]] = {}
        for option, schema in self.options.get("properties", {}).items():
            if schema.get("items", {}).get("type") == "object" or schema.get("given"):
                continue
            grouped.setdefault(schema.get("group", DEFAULT_GROUP), {})[option] = schema
        return grouped

    def defaults(self) -> dict[str, Any]:
        """Each option with its default value."""
        return {option: schema["default"] for option, schema in self.options.get("properties", {}).items()}

    def complete(
        self, values: Mapping[str, object], references: Mapping[str, Reference] | None = None
    ) -> dict[str, Any]:
        """The given option values with the defaults filled in.

        Args:
            values: option values; what is missing takes its default.
            references: what fields may refer to, by name; None where they may not.

        Raises:
            OptionError: an unknown option, a value that its schema refuses, or one that another option has.
            TemplateError: the template's own description is wrong.
        """
        completed = self.defaults() | dict(values)
        fault = fault_in(completed, self.options)
        if fault is not None:
            place, message = fault
            raise OptionError(f"{place}: {message}" if place else message)
        for option, value in completed.items():
            if isinstance(value, str) and not value.isprintable():
                raise OptionError(f"{option}: {value!r} holds a character that can't be printed")
        by_value: dict[object, str] = {}
        for option in self.distinct:
            other = by_value.setdefault(completed[option], option)
            if other != option:
                raise OptionError(f"{other} and {option} are both {completed[option]!r}: they must differ")
        self.fields(completed, references)
        return completed

    def fields(
        self, values: Mapping[str, Any], references: Mapping[str, Reference] | None = None
    ) -> dict[str, list[FieldCode]]:
        """The options that are lists of fields, read.

        Args:
            values: of all options.
            references: as for `complete`.

        Raises:
            OptionError: one of them breaks the grammar.
        """
        read = {}
        for option, schema in self.options.get("properties", {}).items():
            if not _holds_fields(schema):
                continue
            fields: list[FieldCode] = []
            taken = set(self._say(str(schema.get("taken", "")), values).split())
            for text in values[option]:
                try:
                    field = parse_field(text, taken, None if references is None else references.keys())
                except FieldError as error:
                    raise OptionError(f"{option}: {text!r}: {error}") from error
                taken |= {field.name, field.name.removesuffix("_id")} if field.target else {field.name}
                fields.append(FieldCode(field, (references or {}).get(field.target)))
            read[option] = fields
        return read

    def _say(self, text: str, values: Mapping[str, Any]) -> str:
        try:
            return _compiled(_PLAIN, text).render(values)
        except _JINJA_ERRORS as error:
            file = self.directory / DESCRIPTION_FILE
            raise TemplateError(file, 1, f"Jinja can't render {text!r}: {error}") from error

    def render(
        self,
        values: Mapping[str, object] | None = None,
        *,
        name: str | None = None,
        plural: str | None = None,
        references: Mapping[str, Reference] | None = None,
        besides: Container[str] = (),
    ) -> dict[str, str]:
        """The files of this template for the given options, by relative POSIX path.

        Args:
            values: option values; what is missing takes its default.
            name: kebab-case name in place of the exemplar; without it the exemplar stays.
            plural: kebab-case name in place of the exemplar's plural.
            references: as for `complete`.
            besides: files, as they come out, that are there already.

        Raises:
            OptionError: a value that the template doesn't take, or a name that is not kebab-case.
            TemplateError: a file that Jinja can't render.
        """
        options = self.complete(values or {}, references)
        name = self.exemplar if name is None else name
        check_name(name)
        context = self._context(options, references) | {"name": name, "title": name_forms(name)["title"]}
        renamed = self._renaming(name, plural)
        rendered = {}
        for path, source in self.sources.items():
            bringing = self.conditional.get(path)
            if bringing is not None and not any(options[option] for option in bringing):
                continue
            coming = renamed(path.removesuffix(JINJA_SUFFIX))
            if coming in besides:
                continue
            text = self._render_file(path, source, context)
            if source and not text.strip():
                continue
            rendered[coming] = renamed(text)
        return rendered

    def unaffected(self, before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> set[str]:
        """The files, as they come out, that don't ask for anything that differs between two sets of option values.

        Args:
            before: of all options.
            after: of all options.
            name: as for `render`.
        """
        old, new = self._context(before), self._context(after)
        changed = {variable for variable in new if old[variable] != new[variable]}
        asks = re.compile(rf"\b(?:{'|'.join(changed)})\b").search if changed else lambda _: None
        renamed = self._renaming(name)
        return {
            renamed(path.removesuffix(JINJA_SUFFIX))
            for path, source in self.sources.items()
            if changed.isdisjoint(self.conditional.get(path, ())) and not any(map(asks, _code(path, source)))
        }

    def _context(self, options: Mapping[str, Any], references: Mapping[str, Reference] | None = None) -> dict[str, Any]:
        words = {word: self._say(text, options) for word, text in self.words.items()}
        return {**options, **words, **self.fields(options, references)}

    def _renaming(self, name: str, plural: str | None = None) -> Callable[[str], str]:
        exemplar = (self.exemplar, self.plural) if self.plural else (self.exemplar,)
        return renaming(exemplar, (name, plural or self.plural)[: len(exemplar)])

    def _render_file(self, path: str, source: str, context: Mapping[str, object]) -> str:
        file = self.directory / path
        environment, source = environment_for(path), jinja_source(path, source)
        if not any(mark in source for mark in _openings(environment)):
            return source
        try:
            return _compiled(environment, source).render(context)
        except TemplateSyntaxError as error:
            raise _syntax_error(file, error) from error
        except _JINJA_ERRORS as error:
            raise TemplateError(file, _failing_line(error), f"Jinja can't render this: {error}") from error


def check_name(name: str, limit: int = NAME_LIMIT) -> None:
    """Insist on a name in kebab case.

    Raises:
        OptionError: it is none.
    """
    if not NAME_PATTERN.fullmatch(name) or len(name) > limit:
        raise OptionError(
            f"{name!r} can't be a name: use lower-case letters, digits and single hyphens, "
            f"a letter first, at most {limit} characters"
        )


def _syntax_error(file: Path, error: TemplateSyntaxError) -> TemplateError:
    return TemplateError(file, error.lineno, f"Jinja can't parse this: {error.message}")


def _holds_fields(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" and schema.get("items") == {"type": "string", "format": "field"}


def undeclared(template: Template, path: str) -> list[tuple[str, int]]:
    """The variables that a file uses and its template doesn't have, each with its 1-based line.

    Raises:
        TemplateError: a file that Jinja can't parse.
    """
    try:
        tree = environment_for(path).parse(jinja_source(path, template.sources[path]))
    except TemplateSyntaxError as error:
        raise _syntax_error(template.directory / path, error) from error
    unknown = meta.find_undeclared_variables(tree) - template.variables
    return sorted({(node.name, node.lineno) for node in tree.find_all(nodes.Name) if node.name in unknown})


def read_template(directory: Path) -> Template:
    """Read a template folder: its `template.yaml` and all its files.

    Raises:
        TemplateError: a missing or broken `template.yaml`, or a file that is not UTF-8 text.
    """
    file = directory / DESCRIPTION_FILE
    description = _read_description(file)
    sources = {}
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(set(folders) - LEFTOVERS)
        for path in (Path(folder, name) for name in sorted(set(names) - LEFTOVERS)):
            if path != file and path.is_file():
                sources[path.relative_to(directory).as_posix()] = _read_text(path)
    conditional: dict[str, frozenset[str]] = {}
    for option, places in description.get("files", {}).items():
        if description["options"].get("properties", {}).get(option, {}).get("type") not in {"boolean", "array"}:
            raise TemplateError(file, 1, f"`files` names {option!r}, which is no boolean or array option")
        for place in places:
            brought = [path for path in sources if path == place or (place.endswith("/") and path.startswith(place))]
            if not brought:
                raise TemplateError(file, 1, f"option {option!r} brings {place!r}, which doesn't exist")
            conditional |= {path: conditional.get(path, frozenset()) | {option} for path in brought}
    return Template(
        directory=directory,
        name=description["name"],
        summary=description["summary"],
        exemplar=description["exemplar"],
        plural=description["plural"],
        options=description["options"],
        words=description["words"],
        distinct=tuple(description["distinct"]),
        conditional=conditional,
        patterns=description.get("patterns", {}),
        sources=sources,
    )


def _read_description(file: Path) -> dict[str, Any]:
    try:
        text = _read_text(file)
        nesting = accumulate(
            isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            for event in yaml.parse(text, LOADER)
        )
        if any(level > DEPTH_LIMIT for level in nesting):  # much deeper ones end the program inside libyaml
            raise TemplateError(file, 1, f"more than {DEPTH_LIMIT} levels")
        description = LOADER(text).get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise TemplateError(file, mark.line + 1 if mark else 1, f"not valid YAML: {reason}") from error
    except FileNotFoundError as error:
        raise TemplateError(file, 1, f"there is no {DESCRIPTION_FILE}: this folder is no template") from error
    if not isinstance(description, dict):
        raise TemplateError(file, 1, "must hold a mapping with name, summary, exemplar and options")
    for key in ("name", "summary", "exemplar"):
        if not isinstance(description.get(key), str):
            raise TemplateError(file, 1, f"needs a text for {key!r}")
    if not isinstance(description.setdefault("plural", ""), str):
        raise TemplateError(file, 1, "needs a text for 'plural', or none")
    options = description.setdefault("options", {"type": "object", "additionalProperties": False})
    try:
        Draft202012Validator(options, offline=True)
    except ValueError as error:
        raise TemplateError(file, 1, f"options is no JSON Schema: {getattr(error, 'message', error)}") from error
    for option, schema in options.get("properties", {}).items():
        if not isinstance(schema, dict) or "default" not in schema or "description" not in schema:
            raise TemplateError(file, 1, f"option {option!r} needs a default and a description")
    distinct, words = description.setdefault("distinct", []), description.setdefault("words", {})
    texts = [name for name, schema in options.get("properties", {}).items() if schema.get("type") == "string"]
    if not isinstance(distinct, list) or any(option not in texts for option in distinct):
        raise TemplateError(file, 1, "`distinct` must be a list of options of type string")
    if not isinstance(words, dict) or any(not isinstance(text, str) for pair in words.items() for text in pair):
        raise TemplateError(file, 1, "`words` must be a mapping of names to texts")
    return description


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(path, 1, f"is not UTF-8 text (byte {error.start})") from error


def _failing_line(error: Exception) -> int:
    """The line of the template's source in which rendering failed: Jinja maps it into the traceback."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
