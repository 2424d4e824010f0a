"""What the token endpoint takes and gives (RFC 6749, section 4.3)."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.core.schemas import RequestModel, Text


# % if login_body == "form"
class LoginForm(BaseModel):
    # = """The form of OAuth2's password grant, where `username` is the {{ login_words }}. Unknown fields pass."""
    """The form of OAuth2's password grant, where `username` is the e-mail address. Unknown fields pass."""

    grant_type: Literal["password"] = "password"
    # = username: Annotated[Text, Field(min_length=1, max_length=254, examples=["{{ login_example }}"])]
    username: Annotated[Text, Field(min_length=1, max_length=254, examples=["ada@example.com"])]
    password: Annotated[Text, Field(min_length=1, max_length=128)]


# % else
# + class Credentials(RequestModel):
# +     """What proves who somebody is."""
# +
# +     {{ login }}: Annotated[Text, Field(min_length=1, max_length=254, examples=["{{ login_example }}"])]
# +     password: Annotated[Text, Field(min_length=1, max_length=128)]
# +
# +
# % endif
class Token(BaseModel):
    """An access token, and what comes with it."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="seconds", examples=[900])
    # % if refresh_tokens
    refresh_token: str = Field(description="good for one use")


class PresentedRefreshToken(RequestModel):
    """A refresh token that the service gave out."""

    refresh_token: Annotated[Text, Field(min_length=1, max_length=128)]
    # % endif
