"""Museum pieces for tests, made past the routes."""

# + import datetime as dt
# + import uuid
# + from datetime import datetime
# + from decimal import Decimal
from typing import Any

from app.domains.museum_pieces.models import MuseumPiece
from tests.service import Account, Service

# % for field in fields if field.ref and not field.optional
# + from tests.{{ field.ref.folder }}.sample import new_{{ field.ref.snake }}
# % endfor


async def new_museum_piece(
    service: Service,
    owner: Account,
    /,
    **columns: Any,  # noqa: ANN401 - any value
) -> MuseumPiece:
    """Insert a museum piece; what is unique differs from one to the next."""
    # % if fields | rejectattr("ref") | selectattr("unique") | list
    number = next(service.numbers)
    # % endif
    values: dict[str, Any] = {
        # % if owned
        "owner_id": owner.id,
        # % endif
        # % for field in fields if not field.ref
        # = "{{ field.name }}": {{ field.made }},
        "name": f"{number:02}",
        # % endfor
        # % for field in fields if field.ref and not field.optional
        # + "{{ field.name }}": (await new_{{ field.ref.snake }}(service, owner)).id,
        # % endfor
    }
    row = MuseumPiece(**(values | columns))
    async with service.resources.sessions.begin() as session:
        session.add(row)
    return row
