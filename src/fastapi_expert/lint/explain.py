"""The command line of `fastapi-expert explain`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fastapi_expert.lint.report import explanation
from fastapi_expert.lint.rule import all_rules

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of `explain`."""
    parser.add_argument("rule", metavar="ID", help="a rule's id, such as FM006")
    parser.set_defaults(run=lambda arguments: explain(arguments.rule))


def explain(identifier: str) -> int:
    """Print what a rule wants and why, and return the exit code: 0, or 2 where there is no such rule."""
    rules = all_rules()
    rule = rules.get(identifier.upper())
    if rule is None:
        print(f"error: there is no rule {identifier!r}; the rules are {', '.join(rules)}", file=sys.stderr)
        return 2
    print(explanation(rule), end="")
    return 0
