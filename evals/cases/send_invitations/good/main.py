from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr
from sqlalchemy.orm import Mapped, mapped_column

import mailer
from database import Base, Session, SessionDep, create_tables, engine


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


async def send_invitation(number: int, address: str) -> None:
    """Send the mail, then note what became of it in a transaction of its own."""
    try:
        await to_thread.run_sync(mailer.send, address, "You are invited.")
        status = "sent"
    except mailer.MailError:
        status = "failed"
    async with Session.begin() as session:
        invitation = await session.get(Invitation, number)
        if invitation is not None:
            invitation.status = status


@app.post("/invitations", status_code=202)
async def invite(body: InvitationIn, session: SessionDep, tasks: BackgroundTasks) -> InvitationOut:
    invitation = Invitation(email=body.email)
    session.add(invitation)
    await session.flush()
    tasks.add_task(send_invitation, invitation.id, body.email)
    return InvitationOut.model_validate(invitation)


@app.get("/invitations/{number}")
async def get_invitation(number: int, session: SessionDep) -> InvitationOut:
    invitation = await session.get(Invitation, number)
    if invitation is None:
        raise HTTPException(404, "There is no such invitation.")
    return InvitationOut.model_validate(invitation)
