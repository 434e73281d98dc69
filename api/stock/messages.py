"""Stock levels as shops read them."""

from pydantic import BaseModel


class LevelView(BaseModel):
    """`available` is what an order could be promised now: sellable less promised."""

    sku: str
    on_hand: int
    reserved: int
    sellable: int
    promised: int
    available: int


class LevelList(BaseModel):
    items: list[LevelView]
    next: str | None
