"""What users send and what they get to see."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.core.pagination import PageQuery
from app.core.schemas import Email, RequestModel, ResponseModel, Text
from app.domains.users.models import Role

Password = Annotated[Text, Field(min_length=12, max_length=128, examples=["correct horse battery staple"])]
DisplayName = Annotated[Text, Field(min_length=1, max_length=100, examples=["Ada"])]
Bio = Annotated[Text, Field(max_length=1000, examples=["Writes programs for engines that don't exist yet."])]
# % if roles
UserSort = Literal["created_at", "-created_at"]
# % endif


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


# % if password_change
class PasswordChange(RequestModel):
    """A new password, and the proof that it is the owner of the account who wants it."""

    current_password: Annotated[Text, Field(min_length=1, max_length=128)]
    new_password: Password


# % endif
# % if roles
class UserQuery(PageQuery):
    """A listing page by page."""

    sort: UserSort = "-created_at"


# % endif
class UserRead(ResponseModel):
    """A user, without what is secret."""

    id: uuid.UUID
    email: str = Field(examples=["ada@example.com"])
    display_name: str = Field(examples=["Ada"])
    bio: str | None
    # % if roles
    role: Role
    # % endif
    created_at: datetime
    updated_at: datetime
