"""A stand-in for an assistant: plays a kept solution, so that the runner can be tried without a model.

`python -m fastapi_expert.evals.stand_in WITH WITHOUT`, each of them `good`, `bad` or `nothing`, in the project, with
the prompt on standard input. It prints what `claude -p --output-format json` prints.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi_expert.evals.cases import cases_folder, read_cases

TOKENS = {"good": (9_000, 1_500), "bad": (6_000, 1_000), "nothing": (500, 10)}


def main(solutions: list[str]) -> int:
    """Play the first solution where the project has skills, else the second."""
    prompt = sys.stdin.read()
    project = Path.cwd()
    played = solutions[0] if any(project.glob(".*/skills")) else solutions[1]
    for case in read_cases(cases_folder()):
        if case.prompt == prompt:
            if played != "nothing":
                case.apply(project, played)
            break
    else:
        print("this prompt is of no case", file=sys.stderr)
        return 1
    read, written = TOKENS[played]
    usage = {"input_tokens": read, "output_tokens": written}
    print(json.dumps({"type": "result", "usage": usage, "total_cost_usd": 0.0, "modelUsage": {"stand-in": {}}}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
