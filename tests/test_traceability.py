"""Every item of the agent's specification has its place in the pack: from id to file and words, checked to exist."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
AGENT = "agents/fastapi-backend-expert.md"

PLACES = {
    "F1": (AGENT, "name: fastapi-backend-expert"),
    "F2": (AGENT, 'description: "Use to build or change FastAPI backends: API routes, Pydantic models'),
    "F3": (AGENT, "model: inherit"),
    "F4": (AGENT, "color: yellow"),
    "F5": (AGENT, "skills:\n  - fastapi\n"),
    "I1": (AGENT, "typed throughout (Pydantic v2)"),
    "I2": (AGENT, "asynchronous down to background work"),
    "I3": (AGENT, "Dependencies carry authentication, sessions and business logic"),
    "I4": (AGENT, "documented in OpenAPI"),
    "I5": (AGENT, "versioned and RESTful"),
    "I6": (AGENT, "each part can be tested and replaced alone"),
    "S1": ("skills/fastapi/SKILL.md", "create_app"),
    "S2": ("skills/backend-api-routes/SKILL.md", "update_task"),
    "S3": ("skills/backend-database/SKILL.md", "get_session"),
    "S4": ("skills/neon-postgres/SKILL.md", "connection_arguments"),
    "S5": ("skills/backend-error-handling/SKILL.md", "answer_domain_error"),
    "S6": ("skills/backend-service-layer/SKILL.md", "users: UserRepository"),
    "S7": ("skills/backend-dependency-injection/SKILL.md", "get_user_service"),
    "S8": ("skills/backend-validation/SKILL.md", "class UserUpdate"),
    "S9": ("skills/backend-authentication/SKILL.md", "get_caller"),
    "S10": ("skills/backend-middleware/SKILL.md", "UnexpectedErrorMiddleware"),
    "W1": (AGENT, "1. Design the API: resources and their hierarchy"),
    "W2": (AGENT, "2. Models: request and response apart, a discriminated union"),
    "W3": (AGENT, "3. Routes: the right method, typed path parameters"),
    "W4": (AGENT, "4. Dependencies: async session, authentication and authorization"),
    "W5": (AGENT, "5. Errors: own exception classes, global handlers, one format"),
    "W6": (AGENT, "6. Documentation: summary, description, tags, examples"),
    "R1": (AGENT, "Every parameter, return value and field has a type"),
    "R2": (AGENT, "Database and network I/O is `async`"),
    "R3": (AGENT, "Every input passes a Pydantic model"),
    "R4": (AGENT, "Every route has summary, description and response model"),
    "R5": (AGENT, "Errors say what to do"),
    "R6": (AGENT, "200 read, 201 created, 204 nothing to say, 4xx the caller's fault, 5xx ours"),
    "R7": (AGENT, "snake_case variables, PascalCase models, kebab-case paths"),
    "R8": (AGENT, "no session in a router"),
    "R9": (AGENT, "Nothing hard-coded in routes"),
    "R10": (AGENT, "Tests are async (pytest-asyncio)"),
    "O1": (AGENT, "acceptance criteria as a checkbox list"),
    "O2": (AGENT, "models, services, routes, tests, in that order"),
    "O3": (AGENT, "`path:line`"),
    "O4": (AGENT, "the smallest change that does it"),
    "O5": (AGENT, "Run it and its tests before you say that it works"),
    "E1": (AGENT, "Add POST /users so people can register"),
    "E2": (AGENT, "Make our user repository async, on Neon"),
    "E3": (AGENT, "we send a JWT as Bearer"),
    "E4": (AGENT, "One error format for validation, auth and business errors"),
    "E5": (AGENT, "Document the order endpoints with examples and tags"),
    "P1": (AGENT, "Types first"),
    "P2": (AGENT, "async by default"),
    "P3": (AGENT, "declared where the application is made"),
    "P4": (AGENT, "documentation in the code that it documents"),
    "P5": (AGENT, "invalid requests fail before business logic"),
    "P6": (AGENT, "Routers do HTTP, services business, repositories data"),
}
SPECIFIED = {
    *(f"F{number}" for number in range(1, 6)),
    *(f"I{number}" for number in range(1, 7)),
    *(f"S{number}" for number in range(1, 11)),
    *(f"W{number}" for number in range(1, 7)),
    *(f"R{number}" for number in range(1, 11)),
    *(f"O{number}" for number in range(1, 6)),
    *(f"E{number}" for number in range(1, 6)),
    *(f"P{number}" for number in range(1, 7)),
}


def test_every_item_has_a_place() -> None:
    assert set(PLACES) == SPECIFIED


@pytest.mark.parametrize(("item", "place"), PLACES.items(), ids=PLACES)
def test_the_place_says_it(item: str, place: tuple[str, str]) -> None:
    path, words = place

    assert words in (ROOT / path).read_text(encoding="utf-8"), item


def test_the_workflow_keeps_its_order() -> None:
    text = (ROOT / AGENT).read_text(encoding="utf-8")
    steps = [text.index(PLACES[f"W{number}"][1]) for number in range(1, 7)]

    assert steps == sorted(steps)


def test_the_agent_links_exactly_the_ten_skills() -> None:
    frontmatter = yaml.safe_load((ROOT / AGENT).read_text(encoding="utf-8").split("---\n")[1])
    folders = {path.parent.name for path in ROOT.glob("skills/*/SKILL.md")}

    assert len(frontmatter["skills"]) == 10
    assert set(frontmatter["skills"]) == folders
