"""Files that nobody thought of: whatever the bytes, there is a report, and a mended file is no worse."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_expert.lint.fix import mended_texts
from fastapi_expert.lint.report import as_agent, as_github, as_json, as_text
from fastapi_expert.lint.rule import all_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import AGENT, AGENT_PATH, SKILL, SKILL_PATH
from fastapi_expert.lint.sarif import as_sarif

# More by hand: FUZZED_FILES=100000 python3 dev.py test tests/lint/test_fuzzed_files.py
EXAMPLES = int(os.environ.get("FUZZED_FILES", "60"))
# The parts of which a broken file is made: those of every rule's samples, and some that trip readers.
PARTS = sorted(
    {
        line + "\n"
        for rule in all_rules().values()
        for files in (rule.wrong, rule.right)
        for text in files.values()
        if isinstance(text, str) and len(text) < 5_000
        for line in text.split("\n")
    }
    | {
        "---\n",
        "```",
        "~~~\n",
        "> ",
        "- ",
        "\t",
        "\r",
        "\r\n",
        "\x00",
        "\ufeff",
        "\u200b",
        "&a ",
        "*a ",
        ": ",
        "{",
        "[",
        "|\n",
        "\x85",
    }
    | {
        "{{ x }}",
        "{% if x %}",
        "{#a}\n",
        "a.b(c: int) -> d\n",
        "a.b(\n",
        "@a\n",
        "a...)",
        "class a.b:\n",
        "```python\n",
        "```json\n",
        "copy `a/b` to ",
        "<!--",
        "-->",
        "<example>",
        "</example>",
        "](",
        "[a](b.md#c)",
        "`a/b`",
        "fastapi-expert: ignore ",
        "-- ",
        "\ud7ff",
        "\U000e0041",
    }
)
MADE = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=40).map("".join)
BYTES = st.one_of(
    MADE.map(lambda text: text.encode("utf-8", "surrogatepass")),
    MADE.map(lambda text: (SKILL + text).encode("utf-8", "surrogatepass")),
    st.binary(max_size=300),
    st.builds(
        lambda text, at, put: text[: at % len(text)] + put + text[at % len(text) + 1 :],
        st.sampled_from([SKILL.encode(), AGENT.encode()]),
        st.integers(0, 10_000),
        st.binary(max_size=3),
    ),
)
_RULES = list(all_rules().values())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(agent=BYTES, skill=BYTES)
def test_any_bytes_get_a_report(agent: bytes, skill: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in ((AGENT_PATH, agent), (SKILL_PATH, skill)):
            (root / name).parent.mkdir(parents=True)
            (root / name).write_bytes(content)

        report = lint_paths([root])

        for finding in report.findings:
            source = next(item.source for item in report.pack.items if item.source.path == finding.path)
            assert 1 <= finding.line <= len(source.line_starts)
            assert 1 <= finding.column <= len(finding.text) + 2
        assert as_text(report.findings, report.checked)
        assert as_json(report.findings, report.checked)
        assert as_sarif(report.findings)
        assert as_agent(report.findings, report.checked)
        as_github(report.findings)
        texts = mended_texts([root], _RULES)
        left = lint_paths([root], _RULES, texts).findings
        assert not [finding for finding in left if finding.fix and finding.fix.safe]
