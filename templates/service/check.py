"""Prove the whole service in one command: `python check.py`. Says a line for each check, and more only on failure."""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-q"),
)


def main() -> int:
    """Run every check; 0 when all passed."""
    failed = 0
    for check in CHECKS:
        done = subprocess.run(  # noqa: S603 - the commands above
            [sys.executable, "-m", *check], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        output = (done.stdout + done.stderr).strip()
        conclusion = output.splitlines()[-1] if output else ""
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'}  {' '.join(check):24}  {conclusion}", flush=True)
        if done.returncode != 0:
            failed += 1
            print(output)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
