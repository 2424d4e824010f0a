"""Changing a profile, field by field, and what must not be changed."""

from typing import Any

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json

ADA = {"display_name": "Ada", "bio": "Engines.", "birthday": "1815-12-10", "newsletter": True, "role": "member"}


async def new_profile(trial: Trial) -> int:
    return int(
        await trial.value(
            "INSERT INTO profiles (display_name, bio, birthday, newsletter, role)"
            " VALUES ('Ada', 'Engines.', '1815-12-10', true, 'member') RETURNING id"
        )
    )


async def patch(trial: Trial, number: int, changes: object) -> httpx2.Response:
    return await trial.client.patch(f"/profiles/{number}", **raw_json(changes))


async def profile(trial: Trial, number: int) -> dict[str, Any]:
    found: dict[str, Any] = expect(await trial.client.get(f"/profiles/{number}"), 200)
    return found


async def check_changes_what_is_sent(trial: Trial) -> None:
    """Each field can be changed alone, and the others stay."""
    number = await new_profile(trial)
    expected = ADA | {"id": number}
    for field, value in (
        ("display_name", "Lady Ada"),
        ("bio", "Notes."),
        ("birthday", "1816-01-01"),
        ("newsletter", False),
    ):
        expected[field] = value
        assert expect(await patch(trial, number, {field: value}), 200) == expected
    assert await profile(trial, number) == expected


async def check_null_takes_away(trial: Trial) -> None:
    """Null takes bio and birthday away."""
    number = await new_profile(trial)
    body = expect(await patch(trial, number, {"bio": None, "birthday": None}), 200)
    assert body == ADA | {"id": number, "bio": None, "birthday": None}, body


async def check_empty(trial: Trial) -> None:
    """An empty object changes nothing, and a missing profile is a 404."""
    number = await new_profile(trial)
    assert expect(await patch(trial, number, {}), 200) == ADA | {"id": number}
    expect(await patch(trial, 999999, {"bio": "x"}), 404)


async def check_null_where_it_means_nothing(trial: Trial) -> None:
    """Null for the display name or the newsletter gets 422."""
    number = await new_profile(trial)
    for field in ("display_name", "newsletter"):
        expect(await patch(trial, number, {"bio": "changed", field: None}), 422)
    assert (await profile(trial, number))["bio"] == "Engines.", "the rest was changed all the same"


async def check_unknown_fields(trial: Trial) -> None:
    """Fields that don't exist, and role and id, get 422, and nothing is changed."""
    number = await new_profile(trial)
    for field in ("role", "id", "dispaly_name"):
        expect(await patch(trial, number, {"bio": "changed", field: "1"}), 422)
    assert await profile(trial, number) == ADA | {"id": number}


async def check_bounds(trial: Trial) -> None:
    """An empty or long name, a long bio and a birthday that is no date get 422."""
    number = await new_profile(trial)
    for wrong in ({"display_name": ""}, {"display_name": "x" * 51}, {"bio": "x" * 501}, {"birthday": "soon"}):
        expect(await patch(trial, number, wrong), 422)
    expect(await patch(trial, number, []), 422)


async def check_odd_text(trial: Trial) -> None:
    """Text that PostgreSQL can't store gets 422, and a number beyond the column is no 500."""
    number = await new_profile(trial)
    for odd in ("A\x00", "A\ud800"):
        expect(await patch(trial, number, {"display_name": odd}), 422)
        expect(await patch(trial, number, {"bio": odd}), 422)
    expect(await patch(trial, 2**40, {"bio": "x"}), 404, 422)
