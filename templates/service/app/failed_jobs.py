"""`python -m app.failed_jobs` lists the jobs that are not tried any more; `--retry ID …` puts some of them back."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from pgqueuer.models import JobId
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.commands import in_transaction
from app.core.errors import DatabaseUnavailableError
from app.core.jobs import queries_of

FAILED = text("""
    SELECT job.id, job.updated, job.entrypoint AS name, convert_from(job.payload, 'UTF8') AS payload,
        concat_ws(': ', last.traceback ->> 'exception_type', last.traceback ->> 'exception_message') AS reason
    FROM pgqueuer AS job
    LEFT JOIN LATERAL (
        SELECT traceback FROM pgqueuer_log
        WHERE job_id = job.id AND traceback IS NOT NULL ORDER BY id DESC LIMIT 1
    ) AS last ON true
    WHERE job.status = 'failed' ORDER BY job.id
""")


async def list_or_retry(session: AsyncSession, retry: Sequence[int]) -> int:
    """List the failed jobs, or put those with these ids back; 1 when one of them is not among the failed."""
    failed = (await session.execute(FAILED)).all()
    if not retry:
        for job in failed:
            line = f"{job.id}  {job.updated:%Y-%m-%d %H:%M}  {job.name} {job.payload}  {job.reason}"
            print(" ".join(line.splitlines()))
        return 0
    unknown = set(retry).difference(job.id for job in failed)
    if unknown:
        print(f"not among the failed jobs: {', '.join(map(str, sorted(unknown)))}", file=sys.stderr)
        return 1
    await queries_of(session).requeue_jobs([JobId(job_id) for job_id in retry])
    return 0


def main() -> int:
    """List or retry the failed jobs in the database that the service uses."""
    parser = argparse.ArgumentParser(prog="python -m app.failed_jobs", description="List or retry failed jobs.")
    parser.add_argument("--retry", metavar="ID", type=int, nargs="+", default=[], help="jobs to try again")
    retry = parser.parse_args().retry
    try:
        return in_transaction(partial(list_or_retry, retry=retry))
    except DatabaseUnavailableError as error:
        print(error.detail, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
