from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastapi_expert.lint.rule import Symlink
from fastapi_expert.lint.samples import AGENT, SKILL, TEMPLATE
from fastapi_expert.pack.documents import Agent, Item, Page, ProofFile, Skill, Template
from fastapi_expert.pack.reading import Pack, PathError, read_pack
from tests.pack.laying import lay


def found(pack: Pack, root: Path) -> dict[str, type[Item]]:
    return {str(item.source.path.relative_to(root)): type(item) for item in pack.items if item.source.asked}


def test_a_folder_is_searched_where_clients_look(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "agents/a.md": AGENT,
            "agents/README.md": "# Agents\n",
            "agents/CLAUDE.md": "# How to write them\n",
            ".claude/agents/b.md": AGENT,
            ".github/agents/c.agent.md": AGENT,
            "plugins/p/agents/d.md": AGENT,
            "skills/s/SKILL.md": SKILL,
            "skills/s/references/more.md": "# More\n",
            "skills/s/agents/helper.md": "# No agent\n",
            "skills/t/Skill.md": SKILL,
            ".agents/skills/u/SKILL.md": SKILL,
            "templates/service/template.yaml": TEMPLATE,
            "templates/service/agents/inside.md": AGENT,
            "tests/proofs/test_a.py": "",
            "tests/proofs/conftest.py": "",
            "README.md": "# Pack\n",
            "docs/skill.md": "# About skills\n",
        },
    )

    assert found(read_pack([tmp_path]), tmp_path) == {
        "agents/a.md": Agent,
        ".claude/agents/b.md": Agent,
        ".github/agents/c.agent.md": Agent,
        "plugins/p/agents/d.md": Agent,
        "skills/s/SKILL.md": Skill,
        "skills/s/references/more.md": Page,
        "skills/s/agents/helper.md": Page,
        "skills/t/Skill.md": Skill,
        ".agents/skills/u/SKILL.md": Skill,
        "templates/service/template.yaml": Template,
        "tests/proofs/test_a.py": ProofFile,
    }


@pytest.mark.parametrize("folder", [".git", ".venv", "node_modules", "__pycache__", "lib/site-packages", "tests/lint"])
def test_what_no_client_loads_is_not_searched(tmp_path: Path, folder: str) -> None:
    lay(tmp_path, {f"{folder}/skills/s/SKILL.md": SKILL})

    assert found(read_pack([tmp_path]), tmp_path) == {}
    assert found(read_pack([tmp_path / folder]), tmp_path) == {f"{folder}/skills/s/SKILL.md": Skill}


def test_a_link_that_leads_back_stands_for_itself(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "skills/s/SKILL.md": SKILL,
            "skills/s/again": Symlink(".."),
            ".claude/skills": Symlink("../skills"),
            "loop": Symlink("loop"),
        },
    )

    assert found(read_pack([tmp_path]), tmp_path) == {"skills/s/SKILL.md": Skill, "skills/s/again": Page}


def test_a_skill_behind_a_link_is_found(tmp_path: Path) -> None:
    lay(tmp_path, {"shared/s/SKILL.md": SKILL, "project/.claude/skills/s": Symlink("../../../shared/s")})

    assert found(read_pack([tmp_path / "project"]), tmp_path) == {"project/.claude/skills/s/SKILL.md": Skill}


def test_one_file_is_asked_for_and_its_pack_is_read_with_it(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "agents/a.md": AGENT,
            "skills/s/SKILL.md": SKILL,
            "skills/s/references/more.md": "# More\n",
            "templates/service/template.yaml": TEMPLATE,
            "tests/proofs/test_a.py": "",
        },
    )

    pack = read_pack([tmp_path / "agents" / "a.md"])

    assert found(pack, tmp_path) == {"agents/a.md": Agent}
    assert len(pack.items) == 5
    assert pack.roots == [tmp_path]


def test_a_markdown_file_of_no_kind_is_a_page_when_it_is_named(tmp_path: Path) -> None:
    lay(tmp_path, {"README.md": "# Pack\n"})

    assert found(read_pack([tmp_path / "README.md"]), tmp_path) == {"README.md": Page}


def test_relative_paths_are_judged_by_where_they_lead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {"skills/s/SKILL.md": SKILL, "agents/a.md": AGENT})
    monkeypatch.chdir(tmp_path / "skills" / "s")

    pack = read_pack([Path("SKILL.md"), Path("../../agents/a.md")])

    assert found(pack, tmp_path) == {"agents/a.md": Agent, "skills/s/SKILL.md": Skill}


@pytest.mark.parametrize("name", ["gone.md", "program.py"])
def test_a_path_that_cannot_be_checked_is_refused(tmp_path: Path, name: str) -> None:
    lay(tmp_path, {"program.py": ""})

    with pytest.raises(PathError, match=name):
        read_pack([tmp_path / name])


def test_what_cannot_be_read_is_an_item_with_a_problem(tmp_path: Path) -> None:
    lay(tmp_path, {"skills/gone/SKILL.md": Symlink("nowhere"), "skills/large/SKILL.md": b"x" * 10_000_000})
    (tmp_path / "skills" / "pipe").mkdir()
    os.mkfifo(tmp_path / "skills" / "pipe" / "SKILL.md")

    pack = read_pack([tmp_path])

    assert {item.source.path.parent.name: item.source.problem and item.source.problem.kind for item in pack.items} == {
        "gone": "unreadable",
        "large": "too large",
        "pipe": "unreadable",
    }
    assert pack.all(Skill) == []


def test_given_texts_stand_for_what_lies_on_disk(tmp_path: Path) -> None:
    lay(tmp_path, {"skills/s/SKILL.md": SKILL})
    path = tmp_path / "skills" / "s" / "SKILL.md"

    (skill,) = read_pack([tmp_path], {path: "new"}).all(Skill)

    assert skill.source.text == "new"


def test_an_agent_links_skills_by_list_or_by_text(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "agents/a.md": AGENT.replace("---\nYou", "skills: [s, t]\n---\nYou"),
            "agents/b.md": AGENT.replace("---\nYou", "skills: s, t,\n---\nYou"),
            "agents/c.md": AGENT.replace("---\nYou", "skills: {s: t}\n---\nYou"),
        },
    )

    names = [[name.value for name in agent.skill_names] for agent in read_pack([tmp_path]).all(Agent)]

    assert names == [["s", "t"], ["s", "t"], []]


def test_gotchas_and_proofs_are_found_by_their_ids(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "skills/s/SKILL.md": SKILL + "\n- **DB-03** a\n- b **DB-04**\n- **db-05** c\n\n```\n- **DB-06** d\n```\n",
            "tests/proofs/test_s.py": (
                "async def test_db_03_a() -> None: ...\n"
                "class TestMore:\n    def test_db_07(self) -> None: ...\n"
                "def test_other() -> None: ...\ndef test_db_8_x() -> None: ...\n# def test_db_09_gone(): ...\n"
            ),
        },
    )
    pack = read_pack([tmp_path])

    assert [gotcha.id for gotcha in pack.all(Skill)[0].gotchas] == ["DB-03"]
    assert [(proof.id, proof.name) for proof in pack.all(ProofFile)[0].proofs] == [
        ("DB-03", "test_db_03_a"),
        ("DB-07", "test_db_07"),
    ]
