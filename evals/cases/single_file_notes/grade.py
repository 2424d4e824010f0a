"""Notes of Ada, and what Eve can do to them: nothing, and not even know."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json

ADA, EVE = {"X-Key": "key-of-ada"}, {"X-Key": "key-of-eve"}
GONE = {"error": {"code": "no-such-note", "message": "There is no such note."}}


async def new_note(trial: Trial) -> str:
    body = expect(await trial.client.post("/notes", json={"text": "tea"}, headers=ADA), 201)
    return f"/notes/{body['number']}"


async def change(trial: Trial, path: str, who: dict[str, str], text: object) -> httpx2.Response:
    sent = raw_json({"text": text})
    return await trial.client.put(path, content=sent["content"], headers=sent["headers"] | who)


async def check_owner(trial: Trial) -> None:
    """The owner reads, changes and deletes a note, which is gone then."""
    path = await new_note(trial)
    changed = expect(await change(trial, path, ADA, "coffee"), 200)
    assert (changed["owner"], changed["text"]) == ("ada", "coffee"), changed
    assert expect(await trial.client.get(path, headers=ADA), 200) == changed
    answer = await trial.client.delete(path, headers=ADA)
    expect(answer, 204)
    assert answer.content == b""
    expect(await trial.client.get(path, headers=ADA), 404)
    expect(await trial.client.delete(path, headers=ADA), 404)


async def check_not_theirs(trial: Trial) -> None:
    """Somebody else can't read, change or delete it."""
    path = await new_note(trial)
    for answer in (
        await trial.client.get(path, headers=EVE),
        await change(trial, path, EVE, "mine"),
        await trial.client.delete(path, headers=EVE),
    ):
        assert answer.status_code in (401, 403, 404), f"{answer.request.method} answered {answer.status_code}"
    assert expect(await trial.client.get(path, headers=ADA), 200)["text"] == "tea"


async def check_not_even_known(trial: Trial) -> None:
    """To somebody else a note answers as a number that was never given."""
    path = await new_note(trial)
    for method in ("GET", "PUT", "DELETE"):
        body = {"text": "x"} if method == "PUT" else None
        theirs = await trial.client.request(method, path, headers=EVE, json=body)
        nobodys = await trial.client.request(method, "/notes/999999", headers=EVE, json=body)
        assert (theirs.status_code, theirs.text) == (nobodys.status_code, nobodys.text), f"{method} tells them apart"
        expect(theirs, 404)


async def check_own_error_format(trial: Trial) -> None:
    """Every refusal has the service's own format."""
    path = await new_note(trial)
    missing = await trial.client.delete("/notes/999999", headers=ADA)
    assert expect(missing, 404) == GONE, missing.text
    assert "code" in expect(await trial.client.delete(path), 401).get("error", {})
    assert "code" in expect(await change(trial, path, ADA, ""), 422).get("error", {})


async def check_bounds(trial: Trial) -> None:
    """Texts and numbers that can't be stored get 422 or 404, and no 500."""
    path = await new_note(trial)
    for wrong in ("", "x" * 501, "a\x00b", None, 5):
        expect(await change(trial, path, ADA, wrong), 422)
    for number in (2**31, 2**63, -1, 0):
        expect(await change(trial, f"/notes/{number}", ADA, "x"), 404, 422)
        expect(await trial.client.delete(f"/notes/{number}", headers=ADA), 404, 422)


async def check_one_file(trial: Trial) -> None:
    """It is still one Python file."""
    found = [path.name for path in trial.files("*.py") if not {"test", "tests"} & {path.name[:4], path.parent.name}]
    assert found == ["notes.py"], f"there are {found}"
