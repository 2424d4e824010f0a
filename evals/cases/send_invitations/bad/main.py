import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import mailer
from database import Base, SessionDep, create_tables, engine


class Invitation(Base):
    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")


class InvitationIn(BaseModel):
    email: EmailStr


class InvitationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    status: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="invitations", lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


async def send_invitation_email(session: AsyncSession, invitation: Invitation) -> None:
    try:
        await asyncio.to_thread(mailer.send, invitation.email, "You are invited.")
        invitation.status = "sent"
    except Exception:
        invitation.status = "failed"
    await session.flush()


@app.post("/invitations", status_code=202)
async def invite(
    body: InvitationIn, session: SessionDep, background_tasks: BackgroundTasks
) -> InvitationOut:
    invitation = Invitation(email=body.email)
    session.add(invitation)
    await session.flush()
    background_tasks.add_task(send_invitation_email, session, invitation)
    return InvitationOut.model_validate(invitation)


@app.get("/invitations/{number}")
async def get_invitation(number: int, session: SessionDep) -> InvitationOut:
    invitation = await session.get(Invitation, number)
    if invitation is None:
        raise HTTPException(404, "There is no such invitation.")
    return InvitationOut.model_validate(invitation)
