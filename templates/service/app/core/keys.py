"""What names a row: the type of its key in Python, in JSON, in columns and in paths, the same for every table."""

import uuid
from typing import Annotated

from pydantic import TypeAdapter

# % if keys == "integer"
# + from pydantic import Field
# + from sqlalchemy import BigInteger, Identity
# + from starlette.convertors import IntegerConvertor
# % endif
from sqlalchemy import Uuid, text
from sqlalchemy.orm import mapped_column
from starlette.convertors import UUIDConvertor, register_url_convertor

# % if keys == "uuid"
Key = Annotated[uuid.UUID, mapped_column(Uuid)]
# = PrimaryKey = Annotated[uuid.UUID, mapped_column(primary_key=True, server_default=text("{{ new_uuid }}"))]
PrimaryKey = Annotated[uuid.UUID, mapped_column(primary_key=True, server_default=text("uuidv7()"))]

# `"/{task_id:key}"`: a segment that can't be a key is another path, so the answer is 404.
register_url_convertor("key", UUIDConvertor())
# % else
# + Key = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True), mapped_column(BigInteger)]
# + PrimaryKey = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
# +
# +
# + class KeyConvertor(IntegerConvertor):
# +     """Takes no more digits than a bigint has: what is longer is another path, and never an error."""
# +
# +     regex = "[1-9][0-9]{0,18}"
# +
# +
# + # `"/{task_id:key}"`: a segment that can't be a key is another path, so the answer is 404.
# + register_url_convertor("key", KeyConvertor())
# % endif

_key: TypeAdapter[Key] = TypeAdapter(Key)


def parse_key(text: str) -> Key:
    """Read a key.

    Raises:
        ValueError: the text is none.
    """
    return _key.validate_strings(text)
