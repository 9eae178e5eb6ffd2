"""A handler whose hints are pydantic models: for the tests of the Python runtime."""

from datetime import date
from typing import List, Optional, Tuple

from pydantic import BaseModel, Field


class Line(BaseModel):
    text: str
    price: float = Field(ge=0)


class Order(BaseModel):
    """What somebody buys."""

    lines: List[Line]
    placed: date


class Bill(BaseModel):
    total: float
    due: date = Field(serialization_alias="dueDate")
    note: Optional[str] = None


def bill(order: Order) -> Bill:
    assert isinstance(order, Order)
    return Bill(total=sum(line.price for line in order.lines), due=order.placed)


class Part(BaseModel):
    """Made of others."""

    size: Tuple[int, int]
    parts: List["Part"] = []


def take_apart(part: Part) -> List[Part]:
    return part.parts


class Letter(BaseModel):
    text: str
    signed_by: Optional[str] = Field(None, validation_alias="from", serialization_alias="by")


def sign(letter: Letter) -> Letter:
    return letter
