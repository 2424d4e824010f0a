"""The register of rules. A rule is one decorated function in a module of `rules/`; its family is the id's letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fastapi_expert.lint.finding import Fault, Severity
    from fastapi_expert.pack.reading import Pack

    Check = Callable[[Pack], Iterator[Fault]]

FAMILIES = (
    "files",
    "frontmatter",
    "fields",
    "descriptions",
    "portability",
    "links",
    "structure",
    "code",
    "api",
    "security",
    "languages",
    "safety",
    "templates",
    "examples",
    "proofs",
    "budgets",
    "suppressions",
)


@dataclass(frozen=True)
class Symlink:
    """A symbolic link in a sample, where a text would be."""

    target: str


@dataclass(frozen=True)
class Rule:
    """One thing that is checked.

    Attributes:
        id: two letters for the family and three digits.
        severity: an error breaks the pack somewhere, a warning weakens it.
        summary: what must hold, one sentence.
        reason: why it matters, and for whom.
        wrong: files, by relative path, in which this rule and no other finds exactly one thing.
        right: the same files put right.
        check: yields the faults of a pack.
    """

    id: str
    severity: Severity
    summary: str
    reason: str
    wrong: Mapping[str, str | bytes | Symlink]
    right: Mapping[str, str | bytes | Symlink]
    check: Check

    @property
    def family(self) -> str:
        """The module that it stands in."""
        return self.check.__module__.rpartition(".")[2]


class RuleError(ValueError):
    """A rule id or prefix that names no rule."""


_RULES: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002 - it is what the field is called
    severity: Severity,
    *,
    wrong: Mapping[str, str | bytes | Symlink],
    right: Mapping[str, str | bytes | Symlink],
) -> Callable[[Check], Check]:
    """Register the decorated check, whose docstring is the rule's summary, an empty line, and its reason.

    The arguments are the attributes of `Rule`.
    """
    if not re.fullmatch(r"[A-Z]{2}\d{3}", id) or id in _RULES:
        raise ValueError(f"rule id {id!r} is taken or malformed")

    def register(check: Check) -> Check:
        summary, _, reason = cleandoc(check.__doc__ or "").partition("\n\n")
        _RULES[id] = Rule(id, severity, summary, reason, wrong, right, check)
        return check

    return register


def all_rules() -> dict[str, Rule]:
    """Every rule by its id, in the order of the families."""
    for family in FAMILIES:
        import_module(f"fastapi_expert.lint.rules.{family}")
    # Who has imported one family alone has changed the order in which they registered.
    return dict(sorted(_RULES.items(), key=lambda entry: (FAMILIES.index(entry[1].family), entry[0])))


def known_ids() -> frozenset[str]:
    """The id of every rule."""
    return frozenset(all_rules())


def chosen_rules(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Rule]:
    """The rules whose id starts with one of `select` (all when it is empty) and with none of `ignore`.

    Raises:
        RuleError: a prefix that starts no id.
    """
    rules = all_rules()
    select, ignore = tuple(select), tuple(ignore)
    for prefix in (*select, *ignore):
        if not any(identifier.startswith(prefix) for identifier in rules):
            families = sorted({identifier[:2] for identifier in rules})
            raise RuleError(f"no rule starts with {prefix!r}; the families are {', '.join(families)}")
    return [
        found
        for identifier, found in rules.items()
        if identifier.startswith(select or "") and not identifier.startswith(ignore)
    ]
