"""Finds the domains: adding a feature adds a folder below `app/domains/` and touches no shared file."""

import importlib.util
import pkgutil

from fastapi import APIRouter

from app import domains
from app.core.jobs import Job


def domain_names() -> list[str]:
    """Name every folder below `app/domains/`, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(domains.__path__) if module.ispkg)


def find_routers() -> list[APIRouter]:
    """Import each domain's router.

    Raises:
        RuntimeError: a domain has no `router.py` that defines `router`.
    """
    routers = []
    for name in domain_names():
        try:
            routers.append(importlib.import_module(f"app.domains.{name}.router").router)
        except (AttributeError, ModuleNotFoundError) as error:
            raise RuntimeError(f"app/domains/{name}/router.py must define `router`: {error}") from error
    return routers


# % if jobs
def find_jobs() -> list[type[Job]]:
    """Import each domain's jobs, where it has any.

    Raises:
        RuntimeError: a domain's `jobs.py` doesn't define `jobs`.
    """
    found: list[type[Job]] = []
    for name in domain_names():
        module = f"app.domains.{name}.jobs"
        if importlib.util.find_spec(module) is not None:
            try:
                found += importlib.import_module(module).jobs
            except AttributeError as error:
                raise RuntimeError(f"app/domains/{name}/jobs.py must define `jobs`: {error}") from error
    return found


# % endif
