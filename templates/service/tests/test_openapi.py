"""The document that clients of the service are generated from."""

from tests.service import Service


async def test_every_operation_is_described_and_every_error_is_a_problem(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()

    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 4
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
        for status, response in operation["responses"].items():
            if status in {"204", "304"}:
                assert "content" not in response
                continue
            expected = "application/problem+json" if status >= "400" else "application/json"
            assert list(response["content"]) == [expected], (operation["operationId"], status)


async def test_the_schemas_that_are_named_exist(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()

    schemas = document["components"]["schemas"]
    assert "Problem" in schemas
    assert "HTTPValidationError" not in schemas
