"""Stock levels as shops read them."""

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel

from wms.items.unit import format_quantity
from wms.promise.position import Atp, Position, available_to_promise


class AtpView(BaseModel):
    """How much more can be promised from `at` on, or now where there is no moment."""

    at: AwareDatetime | None
    quantity: int | str


class WarehouseLevelView(BaseModel):
    """The numbers of one warehouse; `backordered` of what is `inbound` waits for orders."""

    warehouse: str
    sellable: int | str
    promised: int | str
    held_back: int | str
    inbound: int | str
    backordered: int | str
    available: int | str
    atp: list[AtpView]


class LevelView(BaseModel):
    """`available` is what an order of this shop could be promised now, in all warehouses.

    It is what is sellable less what is promised, held back, and kept for other channels.
    """

    sku: str
    on_hand: int | str
    reserved: int | str
    sellable: int | str
    promised: int | str
    held_back: int | str
    inbound: int | str
    backordered: int | str
    available: int | str
    atp: list[AtpView]
    warehouses: list[WarehouseLevelView]


class LevelList(BaseModel):
    items: list[LevelView]
    next: str | None


def level_view(
    sku: str, scale: int, on_hand: int, reserved: int, positions: Sequence[Position]
) -> LevelView:
    """An item's numbers over all warehouses, and those of each."""

    def total(name: str) -> int | str:
        return format_quantity(sum(getattr(one, name) for one in positions), scale)

    return LevelView(
        sku=sku,
        on_hand=format_quantity(on_hand, scale),
        reserved=format_quantity(reserved, scale),
        sellable=total("sellable"),
        promised=total("promised"),
        held_back=total("held_back"),
        inbound=total("inbound"),
        backordered=total("backordered"),
        available=total("available"),
        atp=_atp_views(_together(positions), scale),
        warehouses=[_warehouse_view(one, scale) for one in positions],
    )


def _warehouse_view(position: Position, scale: int) -> WarehouseLevelView:
    return WarehouseLevelView(
        warehouse=position.warehouse,
        sellable=format_quantity(position.sellable, scale),
        promised=format_quantity(position.promised, scale),
        held_back=format_quantity(position.held_back, scale),
        inbound=format_quantity(position.inbound, scale),
        backordered=format_quantity(position.backordered, scale),
        available=format_quantity(position.available, scale),
        atp=_atp_views(available_to_promise(position), scale),
    )


def _atp_views(steps: Sequence[Atp], scale: int) -> list[AtpView]:
    return [AtpView(at=one.at, quantity=format_quantity(one.quantity, scale)) for one in steps]


def _together(positions: Sequence[Position]) -> list[Atp]:
    now = Atp(None, sum(one.available for one in positions))
    later = [step for one in positions for step in available_to_promise(one)[1:]]
    moments = sorted({step.at for step in later if step.at is not None})
    return [now] + [
        Atp(at, sum(step.quantity for step in later if step.at == at)) for at in moments
    ]
