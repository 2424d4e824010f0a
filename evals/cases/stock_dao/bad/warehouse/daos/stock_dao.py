import json

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

    async def set_quantity(self, sku: str, quantity: int) -> None:
        await self.pool.execute("UPDATE stock SET quantity = $2 WHERE sku = $1", sku, quantity)

    async def record(self, lines: list[dict]) -> int:
        return await self.pool.fetchval(
            "INSERT INTO reservations (lines) VALUES ($1) RETURNING number", json.dumps(lines)
        )
