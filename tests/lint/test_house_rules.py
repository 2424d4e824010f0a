"""Links, structure, templates, examples in place, proofs and budgets, beyond each rule's own samples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fastapi_expert.lint import house as limits
from fastapi_expert.lint.finding import Finding
from fastapi_expert.lint.fix import mended_texts
from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import (
    AGENT,
    AGENT_PATH,
    CODE,
    CODE_PATH,
    HOUSE_AGENT,
    SKILL,
    SKILL_PATH,
    TEMPLATE,
    TEMPLATE_PATH,
    agent,
    house,
    skill,
)
from tests.pack.laying import lay

GREET = """\
def greet(name: str) -> str:
    greeting = f"{GREETING}, {name}"
    greeting = greeting.upper()
    return greeting
"""


def findings(root: Path, files: dict[str, str], *select: str) -> list[Finding]:
    return lint_paths([lay(root, files)], chosen_rules(select)).findings


def places(found: list[Finding]) -> list[tuple[str, int]]:
    return [(finding.rule, finding.line) for finding in found]


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (HOUSE_AGENT.replace("inherit\n", "[inherit\n"), "FM004"),
        (HOUSE_AGENT.replace("  - greeting\n---", "  - greeting\n"), "FM002"),
        (HOUSE_AGENT.partition("---\n")[2].partition("---\n")[2], "FM001"),
        (HOUSE_AGENT.replace("skills:", "\tskills:"), "FM005"),
        (HOUSE_AGENT.replace("people.", "people: all."), "FM006"),
    ],
)
def test_an_agent_whose_frontmatter_is_broken_is_one_finding(tmp_path: Path, broken: str, rule: str) -> None:
    assert [finding.rule for finding in findings(tmp_path, house(agent=broken))] == [rule]


class TestLinks:
    LEADING = ("LK003", "LK004", "LK005", "LK007", "LK008")  # what a link leads to, not who is linked

    @pytest.mark.parametrize(
        ("names", "missing"),
        [
            ("other-name", []),
            ("greeting", ["greeting"]),  # Claude Code goes by the name, not by the folder
            ("kit:other-name", []),
            ("kit:greeting", ["kit:greeting"]),
            ("elsewhere:unknown", []),  # that plugin isn't here
            ("unknown", ["unknown"]),
        ],
    )
    def test_a_skill_is_found_as_claude_code_finds_it(self, tmp_path: Path, names: str, missing: list[str]) -> None:
        files = agent(AGENT.replace("---\nYou", f"skills: {names}\n---\nYou"))
        files |= skill(SKILL.replace("name: greeting", "name: other-name"))
        files |= {".claude-plugin/plugin.json": '{"name": "kit"}'}

        found = findings(tmp_path, files, "LK001")

        assert [finding.message.split("'")[1] for finding in found] == missing

    def test_outside_a_plugin_a_skill_has_no_prefix(self, tmp_path: Path) -> None:
        text = AGENT.replace("---\nYou", "skills: greeting, own:greeting\n---\nYou")

        assert findings(tmp_path, agent(text) | skill(SKILL), "LK001") == []

    def test_a_link_to_no_skill_says_which_skills_there_are(self, tmp_path: Path) -> None:
        text = AGENT.replace("---\nYou", "skills:\n  - greeting\n  - greting\n---\nYou")

        (finding,) = findings(tmp_path, agent(text) | skill(SKILL))

        assert (finding.rule, finding.line, finding.column) == ("LK001", 7, 5)
        assert "debug log" in finding.message
        assert "greeting" in finding.help

    def test_what_is_made_to_be_copied_links_to_what_will_be_there(self, tmp_path: Path) -> None:
        files = skill(SKILL + "\nCopy `assets/README.md` and read [more](references/more.md).\n")
        files |= {
            f"skills/greeting/{folder}": "[a](API.md) [b](#b)\n"
            for folder in ("assets/README.md", "references/more.md")
        }

        found = findings(tmp_path, files, "LK003", "LK005")

        assert [(finding.rule, finding.path.name) for finding in found] == [("LK003", "more.md"), ("LK005", "more.md")]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("See `references/titles.md` of the skill `salutation`.", []),
            ("See `references/titles.md`.", ["LK004"]),
            ("See `../salutation/references/list.md`.", ["LK004"]),
            ("Arguments like `../../etc` are refused.", []),
            ("Copy `references/more.md` to `references/mine.md`.", []),
            ("Each is placed in `references/mine/`.", []),
            ("All `references/...` are short, `references/partN.md` too.", []),
            ("Copy `references/mine.md` to where it is wanted.", ["LK004"]),
        ],
    )
    def test_a_path_may_start_in_a_skill_that_is_named(self, tmp_path: Path, text: str, found: list[str]) -> None:
        files = skill(f"{SKILL}\n{text}\n") | {"skills/greeting/references/more.md": "More.\n"}
        files |= {"skills/salutation/SKILL.md": SKILL, "skills/salutation/references/titles.md": "Dr\n"}

        assert [finding.rule for finding in findings(tmp_path, files, "LK004")] == found

    def test_what_a_tool_finds_by_itself_need_not_be_named(self, tmp_path: Path) -> None:
        names = ("pyproject.toml", "uv.lock", "greet.py")

        found = findings(tmp_path, skill(SKILL) | {f"skills/greeting/scripts/{name}": "" for name in names}, "LK009")

        assert [finding.path.name for finding in found] == ["greet.py"]

    def test_a_skill_need_not_be_linked_where_there_are_no_templates(self, tmp_path: Path) -> None:
        assert findings(tmp_path, agent(AGENT) | skill(SKILL)) == []

    def test_one_agent_of_several_is_enough(self, tmp_path: Path) -> None:
        other = HOUSE_AGENT.replace("name: greeter", "name: other").replace("skills:\n  - greeting\n", "")

        assert findings(tmp_path, house() | {"agents/other.md": other}, "LK") == []

    @pytest.mark.parametrize(
        "link",
        [
            "[a](references/more.md)",
            "[a](references/more.md#more)",
            "[a](./references/more.md?x)",
            "[a](references/with%20space.md)",
            "[a](../greeting/SKILL.md)",
            "[a](https://example.com/none.md)",
            "[a](mailto:ada@example.com)",
            "[a](//example.com/none)",
            "[a](#greeting)",
            "[a](#hello)\n\n## Of greeting {#hello}",
            "[a](url)",
            "![a](references/more.md)",
            "`references/more.md`",
            "`app/none.py`",
            "`/livez`",
            "`if/elif`",
            "`references/NAME/more.md`",
            "`references/*.md`",
            "`cat references/none.md`",
            "```\n[a](none.md) `references/none.md`\n```",
        ],
    )
    def test_what_leads_somewhere_or_is_no_path_is_left_alone(self, tmp_path: Path, link: str) -> None:
        files = {
            "skills/greeting/references/more.md": "# More\n",
            "skills/greeting/references/with space.md": "# More\n",
        }

        assert findings(tmp_path, skill(f"{SKILL}\n{link}\n") | files, *self.LEADING) == []

    @pytest.mark.parametrize(
        ("link", "rule"),
        [
            ("[a](references/none.md)", "LK003"),
            ("![a](none.png)", "LK003"),
            ("[a]\n\n[a]: references/none.md", "LK003"),
            ("[a](/home/ada/none.md)", "LK007"),
            ("[a](~/none.md)", "LK007"),
            ("[a](references/more.md#none)", "LK005"),
            ("[a](../../../none/a.md)", "LK008"),
            ("[a](a%00b.md)", "LK003"),
            (f"[a]({'x' * 300}.md)", "LK003"),
            ("`references/none.md`", "LK004"),
            ("`../none/SKILL.md`", "LK004"),
            ("`skills/none/SKILL.md`", "LK004"),
        ],
    )
    def test_what_leads_nowhere_is_found(self, tmp_path: Path, link: str, rule: str) -> None:
        files = {"skills/greeting/references/more.md": "# More\n"}

        assert places(findings(tmp_path, skill(f"{SKILL}\n{link}\n") | files, *self.LEADING)) == [(rule, 9)]

    @pytest.mark.parametrize(
        ("path", "found"),
        [
            ("service/app/main.py", []),
            ("service/app/main.py::greet", []),
            ("service/app/main.py:4", []),
            ("templates/service/app/", []),
            ("app/main.py", []),
            ("service/README.md", []),
            ("app/mian.py", ["LK004"]),
            ("service/app/mian.py::greet", ["LK004"]),
        ],
    )
    def test_a_templates_files_are_named_from_the_template_or_from_the_service(
        self, tmp_path: Path, path: str, found: list[str]
    ) -> None:
        files = house(skill=f"{SKILL}\nSee `{path}`.\n") | {"templates/service/README.md.jinja": "# {{ name }}\n"}

        assert [finding.rule for finding in findings(tmp_path, files)] == found

    def test_a_reference_names_files_from_its_skill(self, tmp_path: Path) -> None:
        page = "See `references/more.md`, `references/none.md` and [a](more.md).\n"

        found = findings(tmp_path, skill(SKILL) | {"skills/greeting/references/more.md": page}, *self.LEADING)

        assert [(finding.rule, finding.column) for finding in found] == [("LK004", 27)]


class TestExamplesOfAnAgent:
    def test_examples_in_the_description_count(self, tmp_path: Path) -> None:
        example = "Greets. <example>Context: c user: u assistant: a</example> <example>user: u"
        text = AGENT.replace("Greets people. Use when someone arrives.", f"'{example}'")

        assert [finding.rule for finding in findings(tmp_path, agent(text), "ST")] == ["ST003", "ST002"]

    def test_examples_of_another_kind_are_left_alone_outside_a_house_pack(self, tmp_path: Path) -> None:
        text = "\n<example>\nsome text\n</example>\n"

        assert findings(tmp_path / "other", agent(AGENT + text)) == []
        assert [finding.rule for finding in findings(tmp_path / "house", house(agent=HOUSE_AGENT + text))] == [
            "ST003",
            "ST004",
        ]

    def test_tags_in_code_are_no_examples(self, tmp_path: Path) -> None:
        assert findings(tmp_path, agent(f"{AGENT}\n`<example>`\n\n```\n<example>\n```\n")) == []

    def test_an_example_without_skill_and_template_says_so(self, tmp_path: Path) -> None:
        text = HOUSE_AGENT.replace("`greeting`", "greeting").replace("`service/app/main.py`", "the service")

        (finding,) = findings(tmp_path, house(agent=text), "ST")

        assert finding.rule == "ST004"
        assert "no skill and no template file" in finding.message

    @pytest.mark.parametrize("unsafe", [True, False])
    def test_an_open_fence_is_closed_only_on_demand(self, tmp_path: Path, unsafe: bool) -> None:
        lay(tmp_path, skill(SKILL + "\n- ```sh\n  echo hello"))

        texts = mended_texts([tmp_path], chosen_rules(), unsafe=unsafe)

        assert list(texts.values()) == ([f"{SKILL}\n- ```sh\n  echo hello\n  ```\n"] if unsafe else [])


class TestTemplates:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("name: [service\n", "not valid YAML"),
            ("- service\n", "mapping"),
            (TEMPLATE.replace("summary: A program that greets\n", ""), "summary"),
            (TEMPLATE.replace("type: boolean", "type: bolean"), "JSON Schema"),
            ("a: " + "[" * 10_000, ""),
            ("name: \0\n", ""),
        ],
    )
    def test_a_broken_description_is_a_finding(self, tmp_path: Path, text: str, message: str) -> None:
        (finding,) = findings(tmp_path, house(template=text))

        assert finding.rule == "TP001"
        assert finding.path == tmp_path / TEMPLATE_PATH
        assert message in finding.message

    def test_an_unknown_option_is_found_also_where_it_does_not_render(self, tmp_path: Path) -> None:
        code = CODE.replace("    # % if loud\n", "    # % if loud\n    # % elif quiet\n")

        (finding,) = findings(tmp_path, house(code=code))

        assert (finding.rule, finding.line, finding.column) == ("TP002", 7, 14)
        assert finding.path == tmp_path / CODE_PATH

    @pytest.mark.parametrize(
        ("path", "text", "line"),
        [
            ("app/other.py", "x = 1\nx = = 2\n", 2),
            ("pyproject.toml", "[project\n", 1),
            ("data.json", '{\n"a": 1,\n}\n', 3),
            ("ci.yaml", "a: b\nc: d: e\n", 2),
        ],
    )
    def test_a_file_that_does_not_parse_is_found(self, tmp_path: Path, path: str, text: str, line: int) -> None:
        (finding,) = findings(tmp_path, house() | {f"templates/service/{path}": text})

        assert (finding.rule, finding.line) == ("TP003", line)
        assert finding.path == tmp_path / "templates/service" / path

    def test_a_file_that_parses_only_as_it_lies_is_found(self, tmp_path: Path) -> None:
        code = "def greet() -> None:\n    # % if not loud\n    pass\n    # % endif\n"

        (finding,) = findings(tmp_path, house(code=code))

        assert finding.rule == "TP003"
        assert "rendered" in finding.message

    def test_a_jinja_file_is_judged_by_what_it_gives(self, tmp_path: Path) -> None:
        files = house() | {
            "templates/service/good.py.jinja": "x = {% if loud %}1{% endif %}\n",
            "templates/service/bad.py.jinja": "x = {% if not loud %}1{% endif %}\n",
        }

        (finding,) = findings(tmp_path, files)

        assert (finding.rule, finding.path.name) == ("TP003", "bad.py.jinja")


class TestExamplesInPlace:
    def drifted(self, tmp_path: Path, reference: str, before: str = "") -> str:
        """The block that --fix puts below a comment."""
        comment = f"{before}<!-- example: service {reference} -->\n{before}```python\n{before}x\n{before}```\n"
        lay(tmp_path, house(skill=f"{SKILL}\n{comment}\nEnd.\n"))
        (text,) = mended_texts([tmp_path], chosen_rules()).values()
        return text.removeprefix(f"{SKILL}\n{before}<!-- example: service {reference} -->\n").removesuffix("\nEnd.\n")

    @pytest.mark.parametrize(
        ("reference", "code"),
        [
            ("app/main.py::greet", GREET),
            ("app/main.py::GREETING", 'GREETING = "hello"\n'),
            ("app/main.py::GREETING, greet", f'GREETING = "hello"\n\n\n{GREET}'),
            ("app/main.py", f'GREETING = "hello"\n\n\n{GREET}'),
        ],
    )
    def test_a_block_becomes_the_templates_code(self, tmp_path: Path, reference: str, code: str) -> None:
        assert self.drifted(tmp_path, reference) == f"```python\n{code}```\n"

    def test_a_symbol_may_be_decorated_nested_or_annotated(self, tmp_path: Path) -> None:
        code = (
            "LIMIT: int = 3\n\n\nclass Greeter:\n    name = 'x'\n\n    @staticmethod\n"
            "    async def greet() -> None:\n        pass\n"
        )
        lay(tmp_path, {CODE_PATH: CODE})
        for reference, block in (
            ("Greeter.greet", "@staticmethod\nasync def greet() -> None:\n    pass\n"),
            ("LIMIT, Greeter.name", "LIMIT: int = 3\n\n\nname = 'x'\n"),
        ):
            comment = f"<!-- example: service app/main.py::{reference} -->\n```python\n{block}```\n"
            assert findings(tmp_path, house(code=code, skill=f"{SKILL}\n{comment}"), "EX") == []

    @pytest.mark.parametrize("before", ["  ", "> "])
    def test_a_block_keeps_its_indentation(self, tmp_path: Path, before: str) -> None:
        lead = "- item\n\n" if before == "  " else ""
        block = f"{before}<!-- example: service app/main.py -->\n{before}```python\n{before}x\n{before}```\n"
        lay(tmp_path, house(skill=f"{SKILL}\n{lead}{block}"))

        (text,) = mended_texts([tmp_path], chosen_rules()).values()

        shown = text.split("```python\n")[1].split("```")[0].split("\n")
        assert shown[:4] == [f'{before}GREETING = "hello"', before.rstrip(), before.rstrip(), f"{before}{GREET[:28]}"]
        assert lint_paths([tmp_path], texts={tmp_path / SKILL_PATH: text}).findings == []

    def test_the_file_keeps_its_line_ends(self, tmp_path: Path) -> None:
        text = f"{SKILL}\n<!-- example: service app/main.py::greet -->\n```python\n...\n```\n"
        lay(tmp_path, house(skill=text.replace("\n", "\r\n")))

        (new,) = mended_texts([tmp_path], chosen_rules()).values()

        assert new == text.replace("...\n", GREET).replace("\n", "\r\n")

    def test_a_block_is_not_rewritten_where_the_code_would_close_it(self, tmp_path: Path) -> None:
        text = f"{SKILL}\n<!-- example: service app/main.py -->\n```python\n...\n```\n"

        (finding,) = findings(tmp_path, house(skill=text, code='TEXT = """\n```\n"""\n'), "EX")

        assert finding.rule == "EX001"
        assert finding.fix is None

    def test_the_first_line_that_differs_is_shown(self, tmp_path: Path) -> None:
        block = GREET.replace("upper", "lower")
        text = f"{SKILL}\n<!-- example: service app/main.py::greet -->\n```python\n{block}```\n"

        (finding,) = findings(tmp_path, house(skill=text))

        assert (finding.line, finding.text) == (13, "    greeting = greeting.lower()")

    @pytest.mark.parametrize(
        ("reference", "message"),
        [
            ("servise app/main.py::greet", "servise"),
            ("service app/mian.py::greet", "app/mian.py"),
            ("service app/main.py::greet.name", "greet.name"),
            ("service template.yaml::name", "template.yaml"),
            ("service notes.txt::a", "notes.txt is not Python"),
            ("service", "names no template and file"),
        ],
    )
    def test_a_comment_that_leads_nowhere_says_where_it_stops(
        self, tmp_path: Path, reference: str, message: str
    ) -> None:
        text = f"{SKILL}\n<!-- example: {reference} -->\n```python\nx\n```\n"

        (finding,) = findings(tmp_path, house(skill=text) | {"templates/service/notes.txt": "a b c\n"})

        assert finding.rule == "EX002"
        assert message in finding.message

    def test_a_template_that_does_not_render_is_told_once(self, tmp_path: Path) -> None:
        text = f"{SKILL}\n<!-- example: service app/main.py::greet -->\n```python\nx\n```\n"
        text += "\n<!-- example: service app/main.py::GREETING -->\n```python\nx\n```\n"
        code = CODE.replace("    # % endif\n", "")

        found = findings(tmp_path, house(skill=text, code=code))

        assert places(found) == [("EX002", 9), ("TP001", 7)]
        assert "templates/service/app/main.py:7" in found[0].message

    def test_examples_are_compared_with_what_another_template_gives(self, tmp_path: Path) -> None:
        text = f"{SKILL}\n<!-- example: other app/main.py::GREETING -->\n```python\nGREETING = 'ahoy'\n```\n"
        files = {
            path.replace("service/", "other/"): content.replace("service", "other").replace('"hello"', "'ahoy'")
            for path, content in house().items()
            if path.startswith("templates/")
        }

        assert findings(tmp_path, house(skill=text) | files) == []

    def test_a_comment_in_a_pack_without_templates_is_a_comment(self, tmp_path: Path) -> None:
        assert findings(tmp_path, skill(f"{SKILL}\n<!-- example: service app/main.py -->\n")) == []


class TestProofs:
    GOTCHA = SKILL + "\n- **GR-01** A name may be empty.\n"

    def test_gotchas_in_references_are_proven_too(self, tmp_path: Path) -> None:
        files = house() | {
            "skills/greeting/references/more.md": "- **GR-01** A name may be empty.\n- **GR-02** Or long.\n",
            "tests/proofs/test_greeting.py": "def test_gr_01_empty() -> None: ...\n",
        }

        found = findings(tmp_path, files, "PF")

        assert [(finding.rule, finding.path.name, finding.line) for finding in found] == [("PF001", "more.md", 2)]
        (tmp_path / "skills/greeting/references/more.md").write_text("- **GR-01** A name may be empty.\n")
        assert lint_paths([tmp_path / "tests" / "proofs"]).findings == []

    def test_an_installed_pack_comes_without_proofs(self, tmp_path: Path) -> None:
        assert findings(tmp_path, house(skill=self.GOTCHA)) == []

    def test_a_clone_must_have_them(self, tmp_path: Path) -> None:
        files = house(skill=self.GOTCHA) | {"tests/test_other.py": ""}

        assert places(findings(tmp_path, files)) == [("PF001", 9)]


class TestBudgets:
    @pytest.mark.parametrize(("over", "found"), [(0, []), (1, ["BU001"])])
    def test_the_limit_of_a_body_is_exact(self, tmp_path: Path, over: int, found: list[str]) -> None:
        body = "x" * (limits.SKILL_TOKENS * limits.CHARACTERS_PER_TOKEN + over)
        text = SKILL.partition("# Greeting")[0] + body

        assert [finding.rule for finding in findings(tmp_path, house(skill=text))] == found

    def test_the_message_shows_the_sum(self, tmp_path: Path) -> None:
        (finding,) = findings(tmp_path, house(agent=HOUSE_AGENT.partition("<example>")[0] + "x" * 8_000), "BU")

        assert "8,045 characters / 4 = 2,012 tokens, the budget is 1,500" in finding.message

    def test_budgets_bind_only_a_house_pack(self, tmp_path: Path) -> None:
        files = house(skill=SKILL + "Say it again.\n" * 900, agent=HOUSE_AGENT + "Say it again.\n" * 900)
        del files[TEMPLATE_PATH]

        # What the specification recommends binds every pack.
        assert [finding.rule for finding in findings(tmp_path, files)] == ["BU005"]


def test_a_single_file_is_judged_as_part_of_its_pack(tmp_path: Path) -> None:
    text = f"{SKILL}\n<!-- example: service app/main.py::greet -->\n```python\n...\n```\n- **GR-01** A gotcha.\n"
    lay(tmp_path, house(skill=text, agent=HOUSE_AGENT.replace("Context:", "Kontext:")) | {"tests/proofs/test_x.py": ""})

    alone = lint_paths([tmp_path / SKILL_PATH]).findings
    whole = lint_paths([tmp_path]).findings

    assert places(alone) == [("EX001", 11), ("PF001", 13)]
    assert [finding for finding in whole if finding.path == tmp_path / SKILL_PATH] == alone
    assert [finding.rule for finding in lint_paths([tmp_path / AGENT_PATH]).findings] == ["ST003"]


def test_packs_side_by_side_do_not_mix(tmp_path: Path) -> None:
    lay(tmp_path / "one", house())
    lay(tmp_path / "two", house(agent=HOUSE_AGENT.replace("skills:\n  - greeting\n", "")))

    found = lint_paths([tmp_path]).findings

    assert [(finding.rule, finding.path) for finding in found] == [("LK002", tmp_path / "two" / SKILL_PATH)]
    shutil.rmtree(tmp_path / "two" / "templates")
    assert lint_paths([tmp_path]).findings == []
