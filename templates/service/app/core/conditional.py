"""Conditional requests (RFC 9110, section 13): read again only what changed, and change only what was read."""

from typing import Annotated

from fastapi import Depends, Header

from app.core.errors import PreconditionFailedError

EtagHeader = Annotated[str | None, Header(max_length=1000, examples=['"3"'])]


class IfMatch:
    """The versions that a change may be based on; without the header, any."""

    def __init__(self, header: str | None) -> None:
        self._tags = _tags(header)

    def require(self, version: int) -> None:
        """Insist that the caller has read this version. Weak tags never match (section 13.1.1).

        Raises:
            PreconditionFailedError: it was another one.
        """
        if self._tags is not None and "*" not in self._tags and etag(version) not in self._tags:
            raise PreconditionFailedError


class IfNoneMatch:
    """The versions that the caller has already."""

    def __init__(self, header: str | None) -> None:
        self._tags = _tags(header)

    def has(self, version: int) -> bool:
        """Tell whether this version needs no sending."""
        return self._tags is not None and bool({"*", etag(version)} & {tag.removeprefix("W/") for tag in self._tags})


def etag(version: int) -> str:
    """Write a version as an entity tag."""
    return f'"{version}"'


def _tags(header: str | None) -> list[str] | None:
    return None if header is None else [tag.strip() for tag in header.split(",")]


async def get_if_match(if_match: EtagHeader = None) -> IfMatch:
    """Read the header of a change."""
    return IfMatch(if_match)


async def get_if_none_match(if_none_match: EtagHeader = None) -> IfNoneMatch:
    """Read the header of a read."""
    return IfNoneMatch(if_none_match)


IfMatchDep = Annotated[IfMatch, Depends(get_if_match)]
IfNoneMatchDep = Annotated[IfNoneMatch, Depends(get_if_none_match)]
