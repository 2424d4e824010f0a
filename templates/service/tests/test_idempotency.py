"""Keys of a request belong to the user who sent it; the rest is tried in `tests/core/test_idempotency.py`."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.core.idempotency import IdempotencyDep
from app.settings import API_PREFIX
from tests.service import ADA, EVE, Service, run_service, settings_for

counts = APIRouter(prefix="/counts")
done: list[int] = []


class Count(BaseModel):
    """What is sent, and how often it was done."""

    number: int


@counts.post("")
async def count(sent: Count, idempotency: IdempotencyDep) -> Count:
    """Count the times that this is done."""

    async def work() -> Count:
        done.append(sent.number)
        return Count(number=len(done))

    return await idempotency.once("count", sent, Count, work)()


async def test_a_key_is_of_one_user(service: Service, database_url: str) -> None:
    done.clear()
    async with run_service(settings_for(database_url)) as running:
        running.app.include_router(counts, prefix=API_PREFIX)
        ada, eve = [await running.new_account(login) for login in (ADA, EVE)]
        for account in (ada, ada, eve):
            headers = account.headers | {"Idempotency-Key": "k1"}
            response = await running.client.post("/counts", json={"number": 7}, headers=headers)
            assert response.status_code == 200
        nobody = await running.client.post("/counts", json={"number": 7}, headers={"Idempotency-Key": "k1"})

    assert done == [7, 7]
    assert nobody.status_code == 401
