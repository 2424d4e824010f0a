"""What the health checks say."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The process, or the service with its database, is well."""

    status: Literal["ok"] = "ok"
