"""One worker process of a service, for NE-02: what it reads decides when it asks its only question and when it commits.

Arguments: the database's URL, the statement with the parameter `:id`, asyncpg's arguments as JSON. A line on standard
input is an id to ask for, or `commit`; each gets a line in answer.
"""

import asyncio
import json
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main(url: str, statement: str, connect_args: str) -> None:
    engine = create_async_engine(url, connect_args=json.loads(connect_args))
    async with engine.connect() as connection:
        for line in sys.stdin:
            if line == "commit\n":
                await connection.commit()
                print("committed", flush=True)
            else:
                print(await connection.scalar(text(statement), {"id": int(line)}), flush=True)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
