"""Domains are found by their folders."""

from pathlib import Path

import pytest

from app import domains
from app.core.discovery import domain_names, find_jobs, find_routers


def test_every_domain_is_found_in_order() -> None:
    names = domain_names()

    assert {"auth", "users"} <= set(names)
    assert names == sorted(names)
    assert [router.tags for router in find_routers()] == [[name.replace("_", " ")] for name in names]


def test_a_domain_without_a_router_is_an_error_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "__init__.py").touch()
    monkeypatch.setattr(domains, "__path__", [str(tmp_path)])

    with pytest.raises(RuntimeError, match=r"orders/router\.py must define `router`"):
        find_routers()


# % if welcome
def test_the_jobs_of_every_domain_are_found() -> None:
    assert "users.welcome" in [job.name for job in find_jobs()]


# % endif
# % if jobs
def test_a_jobs_file_without_jobs_is_an_error_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "invoices").mkdir()
    (tmp_path / "invoices" / "__init__.py").touch()
    (tmp_path / "invoices" / "jobs.py").touch()
    monkeypatch.setattr(domains, "__path__", [str(tmp_path)])

    with pytest.raises(RuntimeError, match=r"invoices/jobs\.py must define `jobs`"):
        find_jobs()


# % endif
