"""Bodies that are too large."""

from collections.abc import AsyncIterator

from tests.service import Service

JSON = {"Content-Type": "application/json"}


async def test_a_declared_size_is_refused_before_anything_is_read(service: Service) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = await service.client.post("/users", content=body(), headers=JSON | {"Content-Length": "100000000"})

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


async def test_an_undeclared_size_is_refused_when_it_is_reached(service: Service) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1600):
            sent += 65536
            yield b" " * 65536

    response = await service.client.post("/users", content=body(), headers=JSON)

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    limit = service.resources.settings.max_body_bytes
    assert sent <= limit + 2 * 65536


async def test_a_body_of_the_allowed_size_passes(service: Service) -> None:
    limit = service.resources.settings.max_body_bytes
    body = b'{"email": "ada@example.com", "password": "correct horse battery", "display_name": "Ada"}'

    response = await service.client.post("/users", content=body.ljust(limit), headers=JSON)

    assert response.status_code == 201
