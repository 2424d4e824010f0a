"""The program that runs the proofs on other versions: what it installs, and how it names a claim that doesn't hold."""

from pathlib import Path

import pytest

from tests.proofs.on_versions import failures, main, requirements

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite>
<testcase classname="tests.proofs.test_backend_database" name="test_db_01_commit_after_yield"/>
<testcase classname="tests.proofs.test_backend_database" name="test_db_02_an_attribute[asyncpg]">
<failure message="Failed: DID NOT RAISE MissingGreenlet&#10;more">…</failure></testcase>
<testcase classname="" name="tests.proofs.test_fastapi">
<error message="collection failure">ImportError</error></testcase>
</testsuite></testsuites>
"""


def test_claims_that_fail_are_named_by_their_ids(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT, encoding="utf-8")

    assert failures(report) == {
        "DB-02": "Failed: DID NOT RAISE MissingGreenlet",
        "tests.proofs.test_fastapi": "collection failure",
    }


def test_the_ranges_are_the_templates_and_prereleases_go_past_them() -> None:
    assert "sqlalchemy[asyncio]>=2.1.9,<2.2" in requirements("lowest")
    assert "sqlalchemy[asyncio]>=2.1.9" in requirements("prerelease")
    assert not [each for each in requirements("prerelease") if "<" in each]
    assert [each for each in requirements("highest") if each.startswith("passlib")]


def test_other_words_are_misuse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["on_versions.py", "oldest"])
    with pytest.raises(SystemExit) as raised:
        main()

    assert raised.value.code == 2
    assert "invalid choice: 'oldest'" in capsys.readouterr().err
