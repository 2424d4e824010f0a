from typing import List, Optional

from fastapi import APIRouter, HTTPException, Query, status
from pydantic import BaseModel, validator

router = APIRouter()
SHELVES = {}


class Book(BaseModel):
    title: str
    pages: Optional[int]
    shelf: str

    @validator("title")
    def strip_title(cls, value):
        if not value.strip():
            raise ValueError("a title has letters")
        return value.strip()

    class Config:
        orm_mode = True
        schema_extra = {"example": {"title": "Notes", "pages": 66, "shelf": "a"}}


def load_shelves():
    SHELVES.update(a=[], b=[])
    print("shelves loaded", flush=True)


@router.post("/books", response_model=Book, status_code=201)
async def add_book(book: Book):
    if book.shelf not in SHELVES:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_ENTITY, "unknown shelf")
    SHELVES[book.shelf].append(book.dict())
    return book


@router.get("/books", response_model=List[Book])
async def list_books(shelf: str = Query(..., regex="^[a-z]$")):
    return SHELVES.get(shelf, [])
