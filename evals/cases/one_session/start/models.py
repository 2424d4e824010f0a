from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Base


class Guest(Base):
    __tablename__ = "guests"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Booking(Base):
    __tablename__ = "bookings"
    # Two guests may swap rooms in one transaction, so the check waits for its end.
    __table_args__ = (UniqueConstraint("room", "night", deferrable=True, initially="DEFERRED"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guests.id"))
    room: Mapped[int]
    night: Mapped[int]
