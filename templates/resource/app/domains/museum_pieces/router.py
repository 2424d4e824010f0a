"""`/museum-pieces`: HTTP in front of the service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.core.conditional import IfMatchDep, IfNoneMatchDep, etag
from app.core.idempotency import IdempotencyDep
from app.core.keys import Key

# % if listing == "offset"
# + from app.core.offset_pagination import CountedPage
# % endif
from app.core.pagination import Page
from app.core.problems import documented
from app.domains.auth.dependencies import get_caller
from app.domains.museum_pieces.dependencies import MuseumPieceServiceDep
from app.domains.museum_pieces.schemas import (
    MuseumPieceCreate,
    MuseumPieceQuery,
    MuseumPieceRead,
    MuseumPieceUpdate,
)

router = APIRouter(
    prefix="/museum-pieces",
    tags=["museum pieces"],
    dependencies=[Depends(get_caller)],
    responses=documented(status.HTTP_401_UNAUTHORIZED),
)


# % if create
@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Create a museum piece",
    responses=documented(status.HTTP_409_CONFLICT),
)
async def create_museum_piece(
    wanted: MuseumPieceCreate,
    museum_pieces: MuseumPieceServiceDep,
    # % if idempotency
    idempotency: IdempotencyDep,
    # % endif
    # % if read
    request: Request,
    # % endif
    response: Response,
) -> MuseumPieceRead:
    # = """Create a museum piece{{ "; `Location` says where it is" if read else "" }}.
    """Create a museum piece; `Location` says where it is.
    # % if idempotency

    With an `Idempotency-Key`, sending it again creates no other.
    # % endif
    """

    async def create() -> MuseumPieceRead:
        return MuseumPieceRead.model_validate(await museum_pieces.create(wanted))

    # = created = await {{ creation }}()
    created = await idempotency.once("create-museum-piece", wanted, MuseumPieceRead, create)()
    # % if read
    response.headers["Location"] = request.url_for("read_museum_piece", museum_piece_id=created.id).path
    # % endif
    response.headers["ETag"] = etag(created.version)
    return created


# % endif
# % if list
@router.get("", summary="List museum pieces")
async def list_museum_pieces(
    query: Annotated[MuseumPieceQuery, Query()],
    museum_pieces: MuseumPieceServiceDep,
    # = ) -> {{ page_type }}[MuseumPieceRead]:
) -> Page[MuseumPieceRead]:
    """List museum pieces, page by page. Keep filters and `sort` from page to page."""
    # % if listing == "keyset"
    found, next_cursor = await museum_pieces.page(query)
    return Page(items=list(found), next_cursor=next_cursor)
    # % else
    # + found, total = await museum_pieces.page(query)
    # + return CountedPage(items=list(found), total=total)
    # % endif


# % endif
# % if read
@router.get(
    "/{museum_piece_id:key}",
    summary="Read a museum piece",
    response_model=MuseumPieceRead,
    responses=documented(status.HTTP_404_NOT_FOUND) | {304: {"description": "You have this version"}},
)
async def read_museum_piece(
    museum_piece_id: Key, museum_pieces: MuseumPieceServiceDep, seen: IfNoneMatchDep, response: Response
) -> MuseumPieceRead | Response:
    """Read a museum piece; with `If-None-Match`, only when it has changed."""
    found = await museum_pieces.read(museum_piece_id)
    headers = {"ETag": etag(found.version)}
    if seen.has(found.version):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return found


# % endif
# % if update
@router.patch(
    "/{museum_piece_id:key}",
    summary="Change a museum piece",
    responses=documented(status.HTTP_404_NOT_FOUND, status.HTTP_409_CONFLICT, status.HTTP_412_PRECONDITION_FAILED),
)
async def update_museum_piece(
    museum_piece_id: Key,
    changes: MuseumPieceUpdate,
    museum_pieces: MuseumPieceServiceDep,
    if_match: IfMatchDep,
    response: Response,
) -> MuseumPieceRead:
    """Change what is sent. `If-Match` with the `ETag` that was read keeps two from overwriting each other."""
    changed = await museum_pieces.update(museum_piece_id, changes, if_match)
    response.headers["ETag"] = etag(changed.version)
    return MuseumPieceRead.model_validate(changed)


# % endif
# % if delete
@router.delete(
    "/{museum_piece_id:key}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a museum piece",
    responses=documented(status.HTTP_404_NOT_FOUND, status.HTTP_409_CONFLICT, status.HTTP_412_PRECONDITION_FAILED),
)
async def delete_museum_piece(museum_piece_id: Key, museum_pieces: MuseumPieceServiceDep, if_match: IfMatchDep) -> None:
    """Delete a museum piece, with `If-Match` only in the version that was read."""
    await museum_pieces.delete(museum_piece_id, if_match)


# % endif
