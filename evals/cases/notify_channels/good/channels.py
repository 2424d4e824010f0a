"""Notification channels: three kinds, told apart by `kind`, one model for each direction."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, EmailStr, Field, SecretStr

router = APIRouter(tags=["channels"])


def _https_only(url: AnyUrl) -> AnyUrl:
    if url.scheme != "https":
        raise ValueError("must be https")
    return url


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EmailFields(BaseModel):
    kind: Literal["email"]
    address: EmailStr
    digest_hours: Annotated[int, Field(strict=True, ge=1, le=24)]


class SmsFields(BaseModel):
    kind: Literal["sms"]
    number: Annotated[str, Field(pattern=r"^\+[0-9]{6,15}$")]


class WebhookFields(BaseModel):
    kind: Literal["webhook"]
    url: Annotated[AnyUrl, AfterValidator(_https_only)]


class EmailSent(EmailFields, Sent):
    pass


class SmsSent(SmsFields, Sent):
    pass


class WebhookSent(WebhookFields, Sent):
    secret: Annotated[SecretStr, Field(min_length=16, max_length=100)]


class EmailShown(EmailFields):
    id: int


class SmsShown(SmsFields):
    id: int


class WebhookShown(WebhookFields):
    id: int


ChannelSent = Annotated[EmailSent | SmsSent | WebhookSent, Field(discriminator="kind")]
ChannelShown = Annotated[EmailShown | SmsShown | WebhookShown, Field(discriminator="kind")]
SHOWN = {EmailSent: EmailShown, SmsSent: SmsShown, WebhookSent: WebhookShown}
channels: list[EmailShown | SmsShown | WebhookShown] = []


@router.post("/channels", status_code=201, summary="Add a channel")
async def add_channel(sent: ChannelSent) -> ChannelShown:
    """Add a channel. What is secret stays here."""
    shown = SHOWN[type(sent)].model_validate(sent.model_dump(exclude={"secret"}) | {"id": len(channels) + 1})
    channels.append(shown)
    return shown


@router.get("/channels", summary="List the channels")
async def list_channels() -> list[ChannelShown]:
    """List the channels in the order they were added."""
    return channels
