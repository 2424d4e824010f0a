"""What a browser on https://app.example, and one elsewhere, would be allowed to read."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect

OURS = "https://app.example"


def assert_readable(answer: httpx2.Response) -> None:
    place = f"{answer.request.method} {answer.request.url.path} ({answer.status_code})"
    assert answer.headers.get_list("access-control-allow-origin") == [OURS], f"{place} is hidden from {OURS}"
    assert answer.headers.get("access-control-allow-credentials") == "true", f"{place} is hidden where cookies are sent"


async def check_ours(trial: Trial) -> None:
    """The application's request with a cookie is answered readably."""
    answer = await trial.client.get("/tickets", headers={"Origin": OURS, "Cookie": "session=1"})
    assert expect(answer, 200) == ["leaking tap"]
    assert_readable(answer)


async def check_preflight(trial: Trial) -> None:
    """The preflight of a PATCH with both headers is allowed."""
    answer = await trial.client.options(
        "/tickets/1",
        headers={
            "Origin": OURS,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "content-type,x-csrf-token",
        },
    )
    expect(answer, 200, 204)
    assert_readable(answer)
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "x-csrf-token" in answer.headers["access-control-allow-headers"].lower()


async def check_request_id_readable(trial: Trial) -> None:
    """X-Request-Id is there and exposed."""
    answer = await trial.client.get("/tickets", headers={"Origin": OURS, "Cookie": "session=1"})
    assert answer.headers.get("x-request-id"), "there is no X-Request-Id"
    assert "x-request-id" in answer.headers.get("access-control-expose-headers", "").lower(), "it is not exposed"


async def check_other_origins(trial: Trial) -> None:
    """Other origins get no access, with or without a preflight."""
    for origin in ("https://evil.example", "https://app.example.evil.example", "http://app.example", "null"):
        answer = await trial.client.get("/tickets", headers={"Origin": origin, "Cookie": "session=1"})
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed not in {origin, "*"}, f"{origin} may read answers"
        preflight = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
        answer = await trial.client.options("/tickets/1", headers=preflight)
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed not in {origin, "*"}, f"{origin} passes the preflight"


async def check_refusals_readable(trial: Trial) -> None:
    """The 401 and the maintenance 503 can be read."""
    for path, status in (("/tickets", 401), ("/reports", 503)):
        answer = await trial.client.get(path, headers={"Origin": OURS})
        expect(answer, status)
        assert_readable(answer)


async def check_failures_readable(trial: Trial) -> None:
    """A 500 can be read, and says no more than it should."""
    answer = await trial.client.patch("/tickets/0", headers={"Origin": OURS, "Cookie": "session=1"})
    assert expect(answer, 500) == {"detail": "Internal error"}, answer.text
    assert_readable(answer)
    assert await trial.service.logs("ZeroDivisionError"), "nothing is logged"
