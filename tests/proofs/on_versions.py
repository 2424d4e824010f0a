"""Run the proofs on other versions of what the rendered service depends on, and say which claims don't hold there.

    python3 dev.py python tests/proofs/on_versions.py lowest|highest|prerelease [PYTEST ARGUMENT ...]

`lowest` and `highest` are the ends of the ranges in the template's `pyproject.toml`; `prerelease` takes what is newest
past their upper ends, not yet released versions included. Exit codes: 0 all hold, 1 some don't, 2 no environment.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "templates" / "service" / "pyproject.toml"
# What only the proofs import: the libraries that published code still uses, and the parallel runner.
OF_THE_PROOFS = {"bcrypt", "passlib", "psycopg", "pytest-xdist", "slowapi"}
RESOLUTION = {
    "lowest": ["--resolution", "lowest-direct"],
    "highest": [],
    "prerelease": ["--prerelease", "allow"],
}


def requirements(versions: str) -> list[str]:
    """What to install, as the template and the development group of this repository ask for it."""
    service = tomllib.loads(SERVICE.read_text(encoding="utf-8"))
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*service["project"]["dependencies"], *service["dependency-groups"]["dev"]]
    wanted += [each for each in ours["dependency-groups"]["dev"] if each.split(">=")[0].split("[")[0] in OF_THE_PROOFS]
    if versions == "prerelease":
        return [requirement.partition(",<")[0] for requirement in wanted]
    return wanted


def install(folder: Path, versions: str) -> Path:
    """Make an environment in a folder and give its Python.

    Raises:
        subprocess.CalledProcessError: the versions can't be resolved or fetched.
    """
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], check=True)
    uv = [str(python), "-m", "uv", "pip"]
    listed = folder / "requirements.in"
    listed.write_text("\n".join([*requirements(versions), f"-e {ROOT}"]), encoding="utf-8")
    compiled = folder / "requirements.txt"
    compile_ = ["compile", "--quiet", "--python", str(python), *RESOLUTION[versions], str(listed), "-o", str(compiled)]
    subprocess.run([*uv, *compile_], check=True)
    subprocess.run([*uv, "install", "--quiet", "--python", str(python), "-r", str(compiled)], check=True)
    return python


def failures(report: Path) -> dict[str, str]:
    """Read from pytest's JUnit report which gotchas' proofs failed, and the first line of why.

    A proof that can't be imported is named by its module.
    """
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        fault = case.find("failure") if case.find("failure") is not None else case.find("error")
        if fault is not None:
            words = case.get("name", "").split("_")
            name = f"{words[1].upper()}-{words[2]}" if words[0] == "test" and len(words) > 2 else case.get("name", "")
            found[name] = (fault.get("message") or "").partition("\n")[0]
    return found


def main() -> int:
    """Install, run, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", choices=RESOLUTION)
    chosen, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="proofs-on-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's own user reads its programs from it
        try:
            python = install(folder / "environment", chosen.versions)
        except subprocess.CalledProcessError as error:
            print(f"no environment with the {chosen.versions} versions: {error}", file=sys.stderr)
            return 2
        subprocess.run([python, "-m", "uv", "pip", "freeze", "--quiet", "--python", python], check=True)
        report = folder / "report.xml"
        run = [str(python), "-m", "pytest", "-n", "2", "-q", f"--junit-xml={report}", "tests/proofs", *arguments]
        done = subprocess.run(run, cwd=ROOT, check=False)
        failed = failures(report) if report.is_file() else {}
    for gotcha, reason in sorted(failed.items()):
        print(f"{gotcha} does not hold on the {chosen.versions} versions: {reason}")
    if done.returncode == 0:
        print(f"every claim holds on the {chosen.versions} versions")
    return min(done.returncode, 1)


if __name__ == "__main__":
    sys.exit(main())
