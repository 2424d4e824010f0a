import json
from collections.abc import Mapping

import asyncpg

from warehouse.failure import Failure

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

    async def reserve(self, quantities: Mapping[str, int]) -> int:
        """Take all of it out of stock and record it, or nothing; give the reservation's number."""
        async with self.pool.acquire() as connection, connection.transaction():
            # Locked in one order, whatever order was asked in: two reservations can't wait for each other.
            locked = "SELECT sku, quantity FROM stock WHERE sku = ANY($1) ORDER BY sku FOR UPDATE"
            there = {row["sku"]: row["quantity"] for row in await connection.fetch(locked, list(quantities))}
            if len(there) < len(quantities):
                raise Failure("unknown_sku", 404)
            if any(there[sku] < quantity for sku, quantity in quantities.items()):
                raise Failure("out_of_stock", 409)
            await connection.executemany(
                "UPDATE stock SET quantity = quantity - $2 WHERE sku = $1", list(quantities.items())
            )
            lines = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
            query = "INSERT INTO reservations (lines) VALUES ($1) RETURNING number"
            number: int = await connection.fetchval(query, json.dumps(lines))
            return number
