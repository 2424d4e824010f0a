"""Channels of three kinds: what each takes, shows, and is blamed for."""

from typing import Any

from fastapi_expert.evals.trial import Trial, expect

EMAIL = {"kind": "email", "address": "ada@example.com", "digest_hours": 6}
SMS = {"kind": "sms", "number": "+4917012345"}
SECRET = "a secret of the grader"
WEBHOOK = {"kind": "webhook", "url": "https://hooks.example.com/in", "secret": SECRET}


async def refused(trial: Trial, body: object) -> str:
    answer = await trial.client.post("/channels", json=body)
    expect(answer, 422)
    return answer.text


async def check_added(trial: Trial) -> None:
    """Each kind can be added and answers 201 with an id."""
    ids = [expect(await trial.client.post("/channels", json=body), 201)["id"] for body in (EMAIL, SMS, WEBHOOK)]
    assert len(set(ids)) == 3, ids


async def check_shown_whole(trial: Trial) -> None:
    """Both answers show the fields of the kind, and no others."""
    for sent in (EMAIL, SMS, WEBHOOK):
        expected = {name: value for name, value in sent.items() if name != "secret"}
        body = expect(await trial.client.post("/channels", json=sent), 201)
        assert body == expected | {"id": body["id"]}, f"POST shows {body}"
        assert expect(await trial.client.get("/channels"), 200)[-1] == body, "GET shows something else than POST"


async def check_secret_kept(trial: Trial) -> None:
    """The secret is in no answer, an error's neither."""
    answers = [
        await trial.client.post("/channels", json=WEBHOOK),
        await trial.client.get("/channels"),
        await trial.client.post("/channels", json=WEBHOOK | {"url": "http://hooks.example.com"}),
        await trial.client.post("/channels", json={"kind": "webhook", "secret": SECRET}),
        await trial.client.post("/channels", json=SMS | {"number": "1", "secret": SECRET}),
    ]
    for answer in answers:
        assert SECRET not in answer.text, f"{answer.request.method} ({answer.status_code}) shows the secret"


async def check_bounds(trial: Trial) -> None:
    """What is out of bounds, missing, of another kind or of no kind is refused."""
    bodies: list[object] = [
        EMAIL | {"address": "nobody"},
        EMAIL | {"digest_hours": 0},
        EMAIL | {"digest_hours": 25},
        SMS | {"number": "017012345"},
        SMS | {"number": "+12"},
        WEBHOOK | {"url": "http://hooks.example.com/in"},
        WEBHOOK | {"secret": "short"},
        SMS | {"address": "ada@example.com"},
        {"kind": "email", "digest_hours": 6},
        {"kind": "pigeon", "number": "+4917012345"},
        {"number": "+4917012345"},
        [],
    ]
    for body in bodies:
        await refused(trial, body)


async def check_blames_one_kind(trial: Trial) -> None:
    """A wrong number of an SMS channel is blamed on `number`, and on nothing of the other kinds."""
    told = await refused(trial, {"kind": "sms", "number": "x"})
    assert "number" in told
    for other in ("address", "digest_hours", "secret", "url"):
        assert other not in told, f"the error speaks of {other}"


async def check_true_is_no_number(trial: Trial) -> None:
    """`true` is refused as a number of hours."""
    await refused(trial, EMAIL | {"digest_hours": True})


async def check_documented(trial: Trial) -> None:
    """The document shows three kinds and what tells them apart, in the body and in both answers."""
    document = expect(await trial.client.get("/openapi.json"), 200)
    path = document["paths"]["/channels"]
    contents = [
        path["post"]["requestBody"]["content"],
        path["post"]["responses"]["201"]["content"],
        path["get"]["responses"]["200"]["content"],
    ]
    for content in contents:
        schema = resolved(document, content["application/json"]["schema"])
        schema = resolved(document, schema["items"]) if schema.get("type") == "array" else schema
        assert len(schema.get("oneOf", [])) == 3, "three kinds are not told"
        assert schema.get("discriminator", {}).get("propertyName") == "kind", "what tells them apart is not told"


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
