from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import func, select

import models
from database import SessionDep, create_tables, engine


class BookingIn(BaseModel):
    guest: str = Field(min_length=1, max_length=100)
    room: int = Field(ge=1, le=500)
    nights: list[int] = Field(min_length=1, max_length=30)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="bookings", lifespan=lifespan)


@app.post("/bookings", status_code=201)
async def book(wanted: BookingIn, session: SessionDep) -> dict[str, int]:
    guest = models.Guest(name=wanted.guest)
    session.add(guest)
    await session.flush()
    if wanted.room == 13:
        raise HTTPException(422, "There is no room 13.")
    session.add_all(models.Booking(guest_id=guest.id, room=wanted.room, night=night) for night in wanted.nights)
    await session.flush()
    return {"guest_id": guest.id, "nights": len(wanted.nights)}


@app.get("/rooms/{room}/nights")
async def nights_of(room: int, session: SessionDep) -> list[int]:
    query = select(models.Booking.night).where(models.Booking.room == room).order_by(models.Booking.night)
    return list(await session.scalars(query))


@app.get("/guests/count")
async def count_guests(session: SessionDep) -> int:
    return await session.scalar(select(func.count()).select_from(models.Guest)) or 0
