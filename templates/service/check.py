"""Prove the whole service in one command: `python check.py`. Says a line for each check, and more only on failure."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-q", "--cov", "--cov-report="),
)


def main() -> int:
    """Run every check; 0 when all passed."""
    with TemporaryDirectory() as scratch:
        return run_checks(os.environ | {"COVERAGE_FILE": str(Path(scratch, "coverage"))})


def run_checks(environment: dict[str, str]) -> int:
    """Run every check with these environment variables."""
    failed = 0
    for check in CHECKS:
        done = subprocess.run(  # noqa: S603 - the commands above
            [sys.executable, "-m", *check],
            cwd=Path(__file__).parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        output = (done.stdout + done.stderr).strip()
        conclusion = output.splitlines()[-1] if output else ""
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'}  {' '.join(check):32}  {conclusion}", flush=True)
        if done.returncode != 0:
            failed += 1
            print(output)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
