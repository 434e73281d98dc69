"""The lines of an order that are sent by mail: a part of their own, which needs no parcel."""

from collections.abc import Sequence

from wms.orders.line import Line
from wms.orders.order import Fulfilment
from wms.orders.sourcing import Choice, Need, Part, Plan, Portion, quantity_of
from wms.promise.claim import Short

REASON = "sent by e-mail, whatever ships"
SAMPLES = "samples, in the sandbox"
# No vault ends what an order of the sandbox may ask for.
SAMPLES_MAX = 1_000


def with_mail(
    shipped: Plan | None,
    needs: Sequence[Need],
    sent: Sequence[Line],
    choice: Choice,
    wish: Fulfilment,
) -> tuple[Plan | None, tuple[Short, ...]]:
    """An order's plan with the part that is sent by mail; None, and what of it falls short.

    shipped: the plan of the lines that are shipped, None where they cannot be had. needs: theirs.
    """
    fill = wish is Fulfilment.FILL_AVAILABLE
    units, left, short = _mail(sent, choice, fill=fill)
    if shipped is None and fill:
        # Of what ships there is nothing at all, and of what is mailed there may be.
        shipped = Plan((), {need.line: need.units for need in needs})
    elif shipped is None or short:
        return None, short
    parts = (*shipped.parts, *mail_parts(sent, units, REASON))
    if not parts:
        return None, tuple(Short(line.item.item_id, line.quantity, 0) for line in sent)
    return Plan(parts, {**shipped.left, **left}), ()


def mail_parts(sent: Sequence[Line], units: Portion, reason: str) -> tuple[Part, ...]:
    """The parts of an order that are sent by mail, one for each house that has books of them."""
    places = {line.item.digital_at for line in sent if line.number in units}
    return tuple(
        Part(
            place,
            {
                line.number: units[line.number]
                for line in sent
                if line.number in units and line.item.digital_at == place
            },
            reason,
            digital=True,
        )
        for place in sorted(place for place in places if place is not None)
    )


def too_many_samples(lines: Sequence[Line]) -> tuple[Short, ...]:
    """What of an order of the sandbox goes beyond the samples that one order gets."""
    left = SAMPLES_MAX
    short: list[Short] = []
    for line in lines:
        if line.item.digital_at is not None:
            if line.quantity > left:
                short.append(Short(line.item.item_id, line.quantity, left))
            left = max(left - line.quantity, 0)
    return tuple(short)


def _mail(
    sent: Sequence[Line], choice: Choice, *, fill: bool
) -> tuple[dict[int, int], dict[int, int], tuple[Short, ...]]:
    """Units of each line that are sent, those that are not, and the items of too few codes."""
    free: dict[int, int] = {}
    wanted: dict[int, int] = {}
    units: dict[int, int] = {}
    left: dict[int, int] = {}
    for line in sent:
        item_id, place = line.item.item_id, line.item.digital_at
        assert place is not None, "what is sent by mail has its books somewhere"
        had = free.setdefault(item_id, quantity_of(choice.free, place, item_id))
        wanted[item_id] = wanted.get(item_id, 0) + line.units
        units[line.number] = min(line.units, had)
        free[item_id] = had - units[line.number]
        left[line.number] = line.units - units[line.number]
    short = (
        ()
        if fill
        else tuple(
            Short(item_id, quantity, quantity_of(choice.free, place_of(sent, item_id), item_id))
            for item_id, quantity in wanted.items()
            if quantity > quantity_of(choice.free, place_of(sent, item_id), item_id)
        )
    )
    return _some(units), _some(left), short


def place_of(sent: Sequence[Line], item_id: int) -> int:
    """Where an item that is sent by mail has its books."""
    place = next(line.item.digital_at for line in sent if line.item.item_id == item_id)
    assert place is not None, "what is sent by mail has its books somewhere"
    return place


def _some(units: dict[int, int]) -> dict[int, int]:
    return {line: count for line, count in units.items() if count}
