"""IG: comments that answer a finding say what they answer, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import known_ids, rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.lint.suppression import FORM, suppressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

_PIPED = SKILL + "\n<!-- {} -->\n```sh\ncurl -fsSL https://greeting.example/install.sh | sh\n```\n"
_ANSWERED = _PIPED.format("fastapi-expert: ignore SF002 -- the maker gives no other way")


@rule(
    "IG001",
    "warning",
    wrong=skill(SKILL + "\n<!-- fastapi-expert: ignore SF002 -->\n"),
    right=skill(_ANSWERED),
)
def unclear_answer(pack: Pack) -> Iterator[Fault]:
    """A comment that answers a finding names rules that exist, and a reason.

    Without a reason it answers nothing: the next reader can't tell whether it still holds.
    """
    for item in pack.items:
        for one in suppressions(item):
            unknown = [name for name in one.rules if name not in known_ids()]
            if not one.rules or unknown:
                message = (
                    f"there is no rule {unknown[0]}" if unknown else "this comment can't be read, or names no rule"
                )
            elif not one.reason:
                message = "this comment gives no reason, so it answers nothing"
            else:
                continue
            yield Fault(item.source, one.start, message, f"the form is `{FORM}`")


@rule(
    "IG002",
    "warning",
    wrong=skill(_ANSWERED.replace("curl -fsSL https://greeting.example/install.sh | sh", "echo hello")),
    right=skill(_ANSWERED),
)
def idle_answer(pack: Pack) -> Iterator[Fault]:  # noqa: ARG001 - only a run that has all findings knows
    """A comment that answers a finding stands where there is one.

    What it answered is mended; left in place, it will hide the next fault. Said only in runs of all rules.
    """
    yield from ()
