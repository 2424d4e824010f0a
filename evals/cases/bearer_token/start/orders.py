from pydantic import BaseModel


class Order(BaseModel):
    id: int
    user_id: int
    item: str
    cancelled: bool = False


ORDERS = {
    1: Order(id=1, user_id=7, item="tea"),
    2: Order(id=2, user_id=7, item="cups"),
    3: Order(id=3, user_id=8, item="kettle"),
}
