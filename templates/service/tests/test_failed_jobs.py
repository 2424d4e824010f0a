"""The command that lists and retries failed jobs."""

import sys
from typing import ClassVar

import pytest

from app.core.jobs import Job, JobQueue, JobRefusedError, JobResources
from app.failed_jobs import FAILED, list_or_retry, main
from tests.service import JWT_SECRET, Service
from tests.worker import count, run_jobs


class Refused(Job):
    """A job that can't succeed, until somebody sees to it."""

    name: ClassVar[str] = "tests.refused"
    mended: ClassVar[bool] = False

    number: int

    async def run(self, _resources: JobResources) -> None:
        if not self.mended:
            raise JobRefusedError(f"no use\nin number {self.number}")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Point the command at the tests' database."""
    for name in ("DATABASE_URL", "DATABASE_URL_DIRECT"):
        monkeypatch.setenv(name, database_url)
    monkeypatch.setenv("JWT_SECRET", JWT_SECRET)


def failed_jobs(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command here: it has an event loop of its own, so a test that does is synchronous."""
    monkeypatch.setattr(sys, "argv", ["failed_jobs", *arguments])
    return main()


@pytest.fixture
async def two_failed(service: Service) -> None:
    """Two jobs that were tried and refused."""
    async with service.resources.sessions.begin() as session:
        await JobQueue(session).enqueue([Refused(number=1), Refused(number=2)])
    await run_jobs(service, [Refused])


@pytest.mark.usefixtures("two_failed")
def test_failed_jobs_are_listed_with_the_reason_until_they_are_retried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed_jobs(monkeypatch) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "tests.refused" in first
    assert "JobRefusedError: no use in number 1" in first
    assert "number 2" in second

    assert failed_jobs(monkeypatch, "--retry", first.split()[0]) == 0
    assert failed_jobs(monkeypatch) == 0
    assert capsys.readouterr().out == f"{second}\n"


@pytest.mark.usefixtures("two_failed")
async def test_a_job_put_back_is_tried_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async with service.resources.sessions.begin() as session:
        failed = (await session.execute(FAILED)).all()
        assert await list_or_retry(session, [failed[0].id]) == 0
    monkeypatch.setattr(Refused, "mended", True)
    await run_jobs(service, [Refused])

    assert await count(service, "pgqueuer") == 1


@pytest.mark.usefixtures("service")
def test_a_job_that_has_not_failed_is_not_retried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed_jobs(monkeypatch, "--retry", "123456789", str(2**70)) == 1
    assert capsys.readouterr().err == f"not among the failed jobs: 123456789, {2**70}\n"


def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL_DIRECT", "postgresql://localhost:1/nowhere")

    assert failed_jobs(monkeypatch) == 1
    assert capsys.readouterr().err == "The database is not available at the moment. Try again.\n"


@pytest.mark.parametrize("arguments", [["--retry"], ["--retry", "one"], ["1"]])
def test_wrong_arguments_are_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        failed_jobs(monkeypatch, *arguments)

    assert stopped.value.code == 2
    assert "usage: python -m app.failed_jobs" in capsys.readouterr().err
