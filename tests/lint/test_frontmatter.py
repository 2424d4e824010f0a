from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema_rs import meta

from fastapi_expert.lint.finding import Finding
from fastapi_expert.lint.fix import mended_texts
from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.rules.frontmatter import schema
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import AGENT, AGENT_PATH, HOUSE_AGENT, SKILL, SKILL_PATH, agent, house, skill
from tests.pack.laying import lay


def with_fields(text: str, fields: str) -> str:
    head, body = text.removeprefix("---\n").split("---\n", 1)
    return f"---\n{head}{fields}---\n{body}"


def findings(root: Path, files: dict[str, str]) -> list[Finding]:
    return lint_paths([lay(root, files)]).findings


def mended(root: Path, files: dict[str, str], *, unsafe: bool = False) -> str:
    lay(root, files)
    (text,) = mended_texts([root], chosen_rules(), unsafe=unsafe).values()
    return text


@pytest.mark.parametrize("name", ["agent", "skill"])
def test_the_schemas_are_published_json_schemas(name: str) -> None:
    meta.validate(schema(name))
    assert schema(name)["$id"] == f"urn:fastapi-expert:schema:{name}:1"


@pytest.mark.parametrize(
    "fields",
    [
        "tools: Read, Grep\n",
        "tools: [Read, Grep]\n",
        "tools:\n  bash: false\n",
        "tools: [runCommands, codebase, githubRepo, TeamCreate]\n",
        "color: yellow\n",
        "color: '#ff8800'\n",
        "skills: []\n",
        "effort: 3\n",
        "effort: high\n",
        "permissionMode: plan\nmaxTurns: 5\nmemory: project\nbackground: true\nisolation: worktree\n",
        "mcp-servers:\n  x:\n    command: y\n",
        "temperature: 0.2\nmode: subagent\n",
        "hooks:\n  PreToolUse: []\n",
    ],
)
def test_what_some_client_takes_in_an_agent_is_taken(tmp_path: Path, fields: str) -> None:
    assert findings(tmp_path, agent(with_fields(AGENT, fields))) == []


@pytest.mark.parametrize(
    "fields",
    [
        "license: MIT\ncompatibility: Python 3.11\nmetadata:\n  author: Ada\n",
        "allowed-tools: Read Grep\n",
        "allowed-tools: [Read, Grep]\n",
        "context: fork\nagent: greeter\n",
        "version: 1.0\n",
        "paths:\n  - src/**\nmodel: opus\neffort: low\n",
    ],
)
def test_what_some_client_takes_in_a_skill_is_taken(tmp_path: Path, fields: str) -> None:
    assert findings(tmp_path, skill(with_fields(SKILL, fields))) == []


@pytest.mark.parametrize(
    ("fields", "line", "column"),
    [
        ("tools: 7\n", 5, 8),
        ("skills:\n  - greeting\n  - 7\n", 7, 5),
        ("skills:\n  a: b\n", 6, 3),
        ("color: mauve\n", 5, 8),
        ("permissionMode: always\n", 5, 17),
        ("maxTurns: 0\n", 5, 11),
        ("background: 'yes'\n", 5, 13),
        ("effort: hard\n", 5, 9),
    ],
)
def test_a_value_of_the_wrong_kind_is_found_where_it_stands(
    tmp_path: Path, fields: str, line: int, column: int
) -> None:
    found = findings(tmp_path, agent(with_fields(AGENT, fields)) | {"skills/greeting/SKILL.md": SKILL})

    assert [(finding.rule, finding.line, finding.column) for finding in found] == [("FM010", line, column)]
    assert found[0].help.startswith("it takes ")


def test_messages_say_which_clients_mind(tmp_path: Path) -> None:
    (of_skill,) = findings(tmp_path / "skill", skill(SKILL.replace("by name.", "by name: x.")))
    (of_agent,) = findings(tmp_path / "agent", agent(AGENT.replace("arrives.", "arrives: x.")))

    assert "Copilot CLI and pi drop it" in of_skill.message
    assert "Copilot CLI drops it" in of_agent.message


@pytest.mark.parametrize("value", ["", " ''", ' "  "', " ~"])
@pytest.mark.parametrize("field", ["name", "description"])
def test_a_blank_field_is_a_missing_one(tmp_path: Path, field: str, value: str) -> None:
    lines = [f"{field}:{value}" if line.startswith(f"{field}:") else line for line in SKILL.split("\n")]

    (finding,) = findings(tmp_path, skill("\n".join(lines)))

    assert finding.rule == "FM009"
    assert f"there is no {field}" in finding.message


@pytest.mark.parametrize("block", ["", "# nothing\n"])
def test_an_empty_block_lacks_both_fields(tmp_path: Path, block: str) -> None:
    found = findings(tmp_path, skill(f"---\n{block}---\n# Greeting\n"))

    assert [finding.rule for finding in found] == ["FM009", "FM009"]


@pytest.mark.parametrize("block", ["- name: greeting\n", "greeting\n"])
def test_a_block_must_hold_keys_and_values(tmp_path: Path, block: str) -> None:
    assert [finding.rule for finding in findings(tmp_path, skill(f"---\n{block}---\n# Greeting\n"))] == ["FM004"]


@pytest.mark.parametrize("length", [64, 65])
def test_a_name_has_at_most_64_characters(tmp_path: Path, length: int) -> None:
    name = "g" * length

    found = findings(tmp_path, {f"skills/{name}/SKILL.md": SKILL.replace("name: greeting", f"name: {name}")})

    assert [finding.rule for finding in found] == (["FM011"] if length > 64 else [])


@pytest.mark.parametrize("length", [1024, 1025])
def test_a_description_has_at_most_1024_characters(tmp_path: Path, length: int) -> None:
    text = SKILL.replace("Greets people by name. Use when someone is to be greeted.", "g" * length)

    assert [finding.rule for finding in findings(tmp_path, skill(text))] == (["FM011"] if length > 1024 else [])


@pytest.mark.parametrize("path", ["greeter.agent.md", ".github/agents/greeter.agent.md", ".github/agents/greeter.md"])
def test_copilot_takes_the_name_from_the_file(tmp_path: Path, path: str) -> None:
    assert findings(tmp_path / "none", {path: AGENT.replace("name: greeter\n", "")}) == []
    assert findings(tmp_path / "title", {path: AGENT.replace("name: greeter", "name: The Greeter")}) == []


@pytest.mark.parametrize("path", [".github/agents/greeter.agent.md", "agents/greeter.md"])
def test_where_any_server_may_be_named_only_a_misspelt_tool_is_told(tmp_path: Path, path: str) -> None:
    found = findings(tmp_path, {path: with_fields(AGENT, "tools: [playwright, runComands]\n")})

    wrong = ["runComands"] if path.startswith(".github") else ["playwright", "runComands"]
    assert [finding.message.split("'")[1] for finding in found] == wrong


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("modle", "model"),
        ("Model", "model"),
        ("disallowed_tools", "disallowedTools"),
        ("permision-mode", "permissionMode"),
    ],
)
def test_a_misspelt_key_is_mended(tmp_path: Path, key: str, meant: str) -> None:
    text = AGENT.replace("model: inherit", f"{key}: plan")

    assert mended(tmp_path, agent(text)) == AGENT.replace("model: inherit", f"{meant}: plan")


@pytest.mark.parametrize("fields", ["author: Ada\n", "modle: inherit\n"])
def test_a_key_is_not_mended_where_the_meaning_is_open_or_taken(tmp_path: Path, fields: str) -> None:
    (finding,) = findings(tmp_path, agent(with_fields(AGENT, fields)))

    assert finding.rule == "FM014"
    assert finding.fix is None


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("Greets: all", '"Greets: all"'),
        ("Greets: all: twice", '"Greets: all: twice"'),
        ('Says: "hello" and it\'s fine', "'Says: \"hello\" and it''s fine'"),
        ("Path: C:\\greet", "'Path: C:\\greet'"),
        ("Greets: # not a comment", '"Greets: # not a comment"'),
        ("Greets: all   ", '"Greets: all"   '),
        ("Greets: all\n  and goes on", '"Greets: all\n  and goes on"'),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_value_with_a_colon_is_quoted(tmp_path: Path, value: str, quoted: str, line_end: str) -> None:
    old = "Greets people by name. Use when someone is to be greeted."
    text = SKILL.replace(old, value).replace("\n", line_end)

    new = mended(tmp_path, skill(text))

    assert new == SKILL.replace(old, quoted).replace("\n", line_end)


def test_each_value_with_a_colon_is_one_finding(tmp_path: Path) -> None:
    text = with_fields(SKILL, "license: a: b: c\ncompatibility: d: e\n")

    found = findings(tmp_path, skill(text))

    assert [(finding.rule, finding.line) for finding in found] == [("FM006", 4), ("FM006", 5)]


def test_a_key_that_is_indented_by_mistake_is_found_but_not_quoted_away(tmp_path: Path) -> None:
    found = findings(tmp_path, skill(SKILL.replace("description:", " description:")))

    colon = next(finding for finding in found if finding.rule == "FM006")
    assert colon.line == 3
    assert colon.fix is None


def test_all_tabs_of_the_block_become_spaces_and_those_of_the_body_stay(tmp_path: Path) -> None:
    fields = "metadata:\n\tauthor: Ada\n\tmore:\n\t\tyear: 1843\n"

    new = mended(tmp_path, skill(with_fields(SKILL, fields) + "\n\tcode\n"))

    assert new == with_fields(SKILL, fields.replace("\t", "  ")) + "\n\tcode\n"


def test_a_name_is_made_the_folders_only_on_demand(tmp_path: Path) -> None:
    text = SKILL.replace("name: greeting", "name: hello")
    lay(tmp_path, skill(text))

    assert mended_texts([tmp_path], chosen_rules()) == {}
    assert mended_texts([tmp_path], chosen_rules(), unsafe=True) == {tmp_path / SKILL_PATH: SKILL}


def test_one_finding_for_dashes_and_one_for_aliases(tmp_path: Path) -> None:
    text = with_fields(AGENT, "# ------\n# ------\nskills: &all [greeting]\ntools: *all\n")

    found = findings(tmp_path, {AGENT_PATH: text, "skills/greeting/SKILL.md": SKILL})

    assert [(finding.rule, finding.line) for finding in found if finding.rule != "FM010"] == [
        ("FM003", 5),
        ("FM008", 7),
    ]


@pytest.mark.parametrize("place", ["---\nname:", "---\n", "gree", "description:", "Greets", "someone"])
@pytest.mark.parametrize(("path", "text"), [(AGENT_PATH, HOUSE_AGENT), (SKILL_PATH, SKILL)])
def test_of_a_forbidden_character_only_the_cause_is_told(tmp_path: Path, path: str, text: str, place: str) -> None:
    files = house() | {path: text.replace(place, f"{place}:\0", 1)}

    assert [finding.rule for finding in findings(tmp_path, files)] == ["FI005"]
