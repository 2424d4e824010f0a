"""How many connections the pool has, as metrics."""

from typing import cast

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from app.core.database import DatabaseSettings


def count_connections(meter: Meter, engine: AsyncEngine, settings: DatabaseSettings) -> None:
    """Count the connections of an engine that was built with these settings."""
    pool = cast("QueuePool", engine.pool)
    most = settings.database_pool_size + settings.database_pool_overflow

    def count(_options: CallbackOptions) -> list[Observation]:
        used, idle = pool.checkedout(), pool.checkedin()
        return [Observation(number, {"state": state}) for state, number in [("used", used), ("idle", idle)]]

    meter.create_observable_gauge("db.client.connection.count", [count], description="Connections of the pool.")
    meter.create_observable_gauge(
        "db.client.connection.max", [lambda _options: [Observation(most)]], description="Most that the pool opens."
    )
