from sqlmodel import Field, SQLModel


class Product(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    cost_cents: int  # what we pay, not what we ask
    price_cents: int


class ProductShown(SQLModel):
    id: int
    name: str
    price_cents: int
