"""Rates from memory and from the table, in one application and in two."""

from pathlib import Path

import asyncpg

from fastapi_expert.evals.postgres import new_database
from fastapi_expert.evals.trial import Trial, expect

TABLE = "CREATE TABLE rates (currency text PRIMARY KEY, per_euro numeric NOT NULL)"
TWO_APPLICATIONS = """
import asyncio, sys
import httpx2
from main import create_app

async def rate(app):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        return [(await client.get(path)).json() for path in ("/rates/USD", "/rates/USD/now")]

async def main():
    one, other = create_app(sys.argv[1]), create_app(sys.argv[2])
    async with one.router.lifespan_context(one), other.router.lifespan_context(other):
        print(await rate(one) + await rate(other))

asyncio.run(main())
"""


async def prepare(trial: Trial) -> None:
    await trial.database.execute(TABLE)
    await trial.database.execute("INSERT INTO rates VALUES ('USD', 1.25), ('SEK', 11.5)")


async def check_warmed_up(trial: Trial) -> None:
    """The rates of the table are in memory when the first request comes."""
    assert float(expect(await trial.client.get("/rates/USD"), 200)) == 1.25
    expect(await trial.client.get("/rates/CHF"), 404)
    assert await trial.service.logs("rates loaded"), "`rates loaded` is not in the log"


async def check_now(trial: Trial) -> None:
    """A change of the table shows at /now, and not in what was loaded."""
    await trial.database.execute("UPDATE rates SET per_euro = 12.5 WHERE currency = 'SEK'")
    assert float(expect(await trial.client.get("/rates/SEK/now"), 200)) == 12.5
    expect(await trial.client.get("/rates/XXX/now"), 404)


async def check_said_goodbye(trial: Trial) -> None:
    """At the end the service says goodbye and leaves no connection open."""
    async with trial.another_service() as service:
        expect(await service.client.get("/rates/USD/now"), 200)
        await service.stop()
        assert await service.logs("goodbye"), "`goodbye` is not in the log"


async def check_two_applications(trial: Trial) -> None:
    """Two applications on two databases keep their rates apart."""
    own = trial.environment["DATABASE_URL"]
    socket = own.partition("host=")[2]
    async with new_database(Path(socket)) as name:
        connection = await asyncpg.connect(host=socket, user="postgres", database=name)
        await connection.execute(TABLE)
        await connection.execute("INSERT INTO rates VALUES ('USD', 2.5)")
        await connection.close()
        other = f"postgresql+asyncpg://postgres@/{name}?host={socket}"
        done = await trial.run("-c", TWO_APPLICATIONS, own, other)
    found = [line for line in done.output.splitlines() if line.startswith("[")]
    assert found, f"it failed: …{done.output[-300:]}"
    assert [float(number.strip("' ")) for number in found[-1].strip("[]").split(",")] == [1.25, 1.25, 2.5, 2.5], found[
        -1
    ]


async def check_quiet_start(trial: Trial) -> None:
    """Making the application raises no warning."""
    done = await trial.run("-W", "error", "-c", "from main import create_app; create_app()")
    assert done.code == 0, f"it fails with warnings as errors: …{done.output[-300:]}"
