import asyncpg

SCHEMA = """
CREATE TABLE IF NOT EXISTS stock (sku text PRIMARY KEY, quantity integer NOT NULL);
CREATE TABLE IF NOT EXISTS reservations (number serial PRIMARY KEY, lines jsonb NOT NULL);
"""


class StockDao:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def create_schema(self) -> None:
        await self.pool.execute(SCHEMA)

    async def quantity(self, sku: str) -> int | None:
        return await self.pool.fetchval("SELECT quantity FROM stock WHERE sku = $1", sku)
