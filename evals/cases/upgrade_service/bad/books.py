from fastapi import APIRouter, HTTPException, Query, status
from pydantic import BaseModel, ConfigDict, field_validator

router = APIRouter()
SHELVES = {}


class Book(BaseModel):
    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"title": "Notes", "pages": 66, "shelf": "a"}]}
    )

    title: str
    pages: int | None = None
    shelf: str

    @field_validator("title")
    @classmethod
    def strip_title(cls, value):
        if not value.strip():
            raise ValueError("a title has letters")
        return value.strip()


def load_shelves():
    SHELVES.update(a=[], b=[])
    print("shelves loaded", flush=True)


@router.post("/books", response_model=Book, status_code=201)
async def add_book(book: Book):
    if book.shelf not in SHELVES:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_ENTITY, "unknown shelf")
    SHELVES[book.shelf].append(book.model_dump())
    return book


@router.get("/books", response_model=list[Book])
async def list_books(shelf: str = Query(..., pattern="^[a-z]$")):
    return SHELVES.get(shelf, [])
