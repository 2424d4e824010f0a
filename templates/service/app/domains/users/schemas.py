"""What users send and what they get to see."""

# % if fields
# + import datetime as dt
# + import uuid
# + from decimal import Decimal
# + from typing import Any
# % endif
from datetime import datetime
from typing import Annotated, Literal

# % if fields
# + from pydantic import AfterValidator
# % endif
from pydantic import MISSING, BaseModel, ConfigDict, Field

from app.core.keys import Key
from app.core.offset_pagination import OffsetQuery

# % if fields
# + from app.core.schemas import Day, Instant, Int32, Int64, JsonObject, Url, scaled
# % endif
# % if login == "username"
# + from app.core.schemas import Username
# % endif
from app.core.schemas import Email, RequestModel, ResponseModel, Text
from app.domains.users.models import Role

Password = Annotated[Text, Field(min_length=12, max_length=128, examples=["correct horse battery staple"])]
# % if profile
DisplayName = Annotated[Text, Field(min_length=1, max_length=100, examples=["Ada"])]
Bio = Annotated[Text, Field(max_length=1000, examples=["Writes programs for engines that don't exist yet."])]
# % endif
# % for field in fields
# + {{ field.sent_type }}
# % endfor
# % if roles
UserSort = Literal["created_at", "-created_at"]
# % endif


class UserCreate(RequestModel):
    """A registration."""

    # = {{ login }}: Annotated[{{ login_type }}, Field(examples=["{{ login_example }}"])]
    email: Annotated[Email, Field(examples=["ada@example.com"])]
    password: Password
    # % if profile
    display_name: DisplayName
    bio: Bio | None = None
    # % endif
    # % for field in fields
    # + {{ field.created }}
    # % endfor


class Caller(BaseModel):
    """As much of a user as a request has to know of who sends it."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: Key
    # % if password_change
    token_version: int
    # % endif
    # % if roles
    role: Role
    # % endif


# % if profile_update
class UserUpdate(RequestModel):
    """A change of one's own profile. A field that is missing stays as it is."""

    # % if profile
    display_name: DisplayName | MISSING = MISSING
    bio: Bio | MISSING | None = MISSING
    # % endif
    # % for field in fields
    # + {{ field.changed }}
    # % endfor


# % endif
# % if password_change
class PasswordChange(RequestModel):
    """A new password, and the proof that it is the owner of the account who wants it."""

    current_password: Annotated[Text, Field(min_length=1, max_length=128)]
    new_password: Password


# % endif
# % if account_deletion
class AccountDeletion(RequestModel):
    """The proof that it is the owner who deletes the account."""

    password: Annotated[Text, Field(min_length=1, max_length=128)]


# % endif
# % if roles
class UserQuery(OffsetQuery):
    """A listing page by page."""

    sort: UserSort = "-created_at"


# % endif
class UserRead(ResponseModel):
    """A user, without what is secret."""

    id: Key
    # = {{ login }}: str = Field(examples=["{{ login_example }}"])
    email: str = Field(examples=["ada@example.com"])
    # % if profile
    display_name: str = Field(examples=["Ada"])
    bio: str | None
    # % endif
    # % for field in fields
    # + {{ field.read }}
    # % endfor
    # % if roles
    role: Role
    # % endif
    created_at: datetime
    updated_at: datetime
