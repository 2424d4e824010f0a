from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, EmailStr, Field

router = APIRouter()


class ChannelBase(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EmailChannel(ChannelBase):
    kind: Literal["email"]
    address: EmailStr
    digest_hours: int = Field(ge=1, le=24)


class SmsChannel(ChannelBase):
    kind: Literal["sms"]
    number: str = Field(pattern=r"^\+\d{6,15}$")


class WebhookChannel(ChannelBase):
    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https://")
    secret: str = Field(min_length=16, max_length=100)


class ChannelResponse(BaseModel):
    id: int
    kind: str


channels: list[dict] = []


@router.post("/channels", response_model=ChannelResponse, status_code=201)
async def create_channel(channel: EmailChannel | SmsChannel | WebhookChannel):
    data = channel.model_dump() | {"id": len(channels) + 1}
    channels.append(data)
    return data


@router.get("/channels", response_model=list[ChannelResponse])
async def list_channels():
    return channels
