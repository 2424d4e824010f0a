"""What users send and what they get to see."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import MISSING, Field

from app.core.schemas import Email, RequestModel, ResponseModel, Text

Password = Annotated[Text, Field(min_length=12, max_length=128, examples=["correct horse battery staple"])]
DisplayName = Annotated[Text, Field(min_length=1, max_length=100, examples=["Ada"])]
Bio = Annotated[Text, Field(max_length=1000, examples=["Writes programs for engines that don't exist yet."])]


class UserCreate(RequestModel):
    """A registration."""

    email: Annotated[Email, Field(examples=["ada@example.com"])]
    password: Password
    display_name: DisplayName
    bio: Bio | None = None


class UserUpdate(RequestModel):
    """A change of one's own profile. A field that is missing stays as it is; only `bio` may be set to null."""

    display_name: DisplayName | MISSING = MISSING
    bio: Bio | MISSING | None = MISSING


class UserRead(ResponseModel):
    """A user as that user sees it."""

    id: uuid.UUID
    email: str = Field(examples=["ada@example.com"])
    display_name: str = Field(examples=["Ada"])
    bio: str | None
    created_at: datetime
    updated_at: datetime
