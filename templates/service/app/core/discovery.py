"""Finds the domains: adding a feature adds a folder below `app/domains/` and touches no shared file."""

import importlib
import pkgutil

from fastapi import APIRouter

from app import domains


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
