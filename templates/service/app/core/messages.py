"""What the service tells people and programs outside, and that it tells each thing once."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import String, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=90)  # far longer than a job is tried


@dataclass(frozen=True)
class Email:
    """A message to a person."""

    to: str
    subject: str
    text: str


# % if example
@dataclass(frozen=True)
class WebhookCall:
    """A message to a program: a POST of JSON."""

    url: str
    body: Mapping[str, object]


# % endif
MessageT_contra = TypeVar("MessageT_contra", contravariant=True)


class Sender(Protocol[MessageT_contra]):
    """The port to whoever carries messages of one kind."""

    async def send(self, message: MessageT_contra, key: str) -> None:
        """Hand a message over, with a key by which the other side can tell that it has it already.

        Raises:
            JobRefusedError: it will never be taken.
        """


class LoggedEmails:
    """Writes to the log that there was an e-mail, and sends none: put your provider's sender in its place."""

    async def send(self, message: Email, key: str) -> None:
        """Log whom it was for, and why. The text may hold what no log should."""
        logger.info("e-mail", extra={"to": message.to, "subject": message.subject, "key": key})


class Delivery(Base):
    """A message that has gone out, by its key."""

    __tablename__ = "deliveries"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def deliver_once(
    sessions: async_sessionmaker[AsyncSession], key: str, send: Callable[[], Awaitable[None]]
) -> None:
    """Send a message unless it has been sent: a job that is run again does no harm.

    The note is made first and committed last. Another who has the same to send waits for it, and sends when this one
    could not. So a transaction is open while the message is on its way, which only a worker can afford.

    A process that dies after sending and before the commit sends again. Nothing here can rule that out; the receiver
    can, by the key.

    Args:
        sessions: makes the one in which the note is made.
        key: what tells this message from every other.
        send: does it.
    """
    note = insert(Delivery).values(key=key).on_conflict_do_nothing().returning(Delivery.key)
    async with sessions.begin() as session:
        if await session.scalar(note) is not None:
            await send()
