"""What /openapi.json says about the order routes, held against what they do."""

from typing import Any

import jsonschema_rs

from fastapi_expert.evals.trial import Trial, expect

ANSWERS = {
    ("/orders", "get"): {"200", "422"},
    ("/orders", "post"): {"201", "422"},
    ("/orders/{order_id}", "get"): {"200", "404", "422"},
    ("/orders/{order_id}/cancel", "post"): {"200", "404", "409", "422"},
    ("/orders/{order_id}", "delete"): {"204", "404", "422"},
}
NEW = {"customer": 1, "lines": [{"sku": "TEA-0001", "quantity": 2, "price_cents": 450}]}


async def described(trial: Trial) -> dict[str, Any]:
    found: dict[str, Any] = expect(await trial.client.get("/openapi.json"), 200)
    return found


def examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    """The examples beside a body and in its schema."""
    media = content.get("application/json", {})
    found = [example["value"] for example in media.get("examples", {}).values()]
    found += [media["example"]] if "example" in media else []
    schema = media.get("schema", {})
    if schema.get("type") == "array" and "$ref" in schema.get("items", {}):
        of_item = examples(document, {"application/json": {"schema": schema["items"]}})
        return found + [[example] for example in of_item]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found += schema.get("examples", [])
    found += [schema["example"]] if "example" in schema else []
    if not found and schema.get("properties"):
        fields = {name: field.get("examples", []) for name, field in schema["properties"].items()}
        required = set(schema.get("required", ()))
        if required and required <= {name for name, values in fields.items() if values}:
            found.append({name: values[0] for name, values in fields.items() if values})
    return found


async def check_words(trial: Trial) -> None:
    """Each order route has a summary of its own, a description and the tag orders, and the tag has a description."""
    document = await described(trial)
    summaries = []
    for path, method in ANSWERS:
        operation = document["paths"][path][method]
        assert operation.get("description", "").strip(), f"{method} {path} has no description"
        assert operation.get("tags") == ["orders"], f"{method} {path} has the tags {operation.get('tags')}"
        summaries.append(operation["summary"])
    assert len(set(summaries)) == len(ANSWERS), "two routes share a summary"
    tags = {tag["name"]: tag.get("description") for tag in document.get("tags", [])}
    assert tags.get("orders"), "the tag orders has no description"


async def check_examples_are_there(trial: Trial) -> None:
    """Every body that is sent or answered with success has an example that fits its schema."""
    document = await described(trial)
    for (path, method), answers in ANSWERS.items():
        operation = document["paths"][path][method]
        contents = [operation["responses"][status].get("content") for status in answers if status in ("200", "201")]
        contents += [operation["requestBody"]["content"]] if "requestBody" in operation else []
        for content in contents:
            found = examples(document, content)
            assert found, f"{method} {path} has a body without an example"
            schema = content["application/json"]["schema"] | {"components": document["components"]}
            for example in found:
                jsonschema_rs.validate(schema, example)


async def check_examples_work(trial: Trial) -> None:
    """Sending the example of POST /orders creates an order."""
    document = await described(trial)
    found = examples(document, document["paths"]["/orders"]["post"]["requestBody"]["content"])
    assert found, "there is no example to send"
    for example in found:
        expect(await trial.client.post("/orders", json=example), 201)


async def check_refusals_documented(trial: Trial) -> None:
    """Each route documents the statuses that it answers with, and none that can't come."""
    document = await described(trial)
    for (path, method), answers in ANSWERS.items():
        told = set(document["paths"][path][method]["responses"])
        optional = {"422"} if path == "/orders" and method == "get" else set()
        # A body that can't be read is a 400, and one that FastAPI's 422 can't repeat, such as NaN, a 500.
        rare = {"400", "500"} if method == "post" and path == "/orders" else set()
        assert answers - optional <= told <= answers | rare, (
            f"{method} {path} documents {sorted(told)}, and answers {sorted(answers)}"
        )


async def check_refusals_have_their_schema(trial: Trial) -> None:
    """Where a refusal is documented, what comes back fits the documented schema."""
    document = await described(trial)
    expect(await trial.client.post("/orders", json=NEW), 201)
    real = {
        ("/orders/{order_id}", "get"): await trial.client.get("/orders/9999"),
        ("/orders/{order_id}/cancel", "post"): await trial.client.post("/orders/9999/cancel"),
        ("/orders/{order_id}", "delete"): await trial.client.delete("/orders/9999"),
    }
    for (path, method), answer in real.items():
        body = expect(answer, 404)
        documented = document["paths"][path][method]["responses"].get("404")
        if documented is None:
            continue
        schema = documented.get("content", {}).get("application/json", {}).get("schema")
        assert schema, f"the 404 of {method} {path} has no schema"
        jsonschema_rs.validate(schema | {"components": document["components"]}, body)


async def check_behaves_as_before(trial: Trial) -> None:
    """The routes answer what they answered before."""
    created = expect(await trial.client.post("/orders", json=NEW), 201)
    assert created == NEW | {"discount_cents": 0, "id": created["id"], "state": "open"}, created
    assert expect(await trial.client.get(f"/orders/{created['id']}"), 200) == created
    assert expect(await trial.client.post(f"/orders/{created['id']}/cancel"), 200)["state"] == "cancelled"
    cancelled = expect(await trial.client.get("/orders", params={"state": "cancelled"}), 200)
    assert created["id"] in [order["id"] for order in cancelled]
    assert expect(await trial.client.get("/orders/9999"), 404) == {"detail": "No such order."}
    assert (await trial.client.delete(f"/orders/{created['id']}")).content == b""
    expect(await trial.client.post("/orders", json=NEW | {"discount_cents": 900}), 422)
