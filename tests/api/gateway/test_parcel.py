"""Parcels on the sorter: to their departure, or to the late lane with the reason."""

import pytest

from devices.sorter.message import EventType
from tests.api.gateway.floor import PLACED
from tests.api.gateway.sorting import item, last, plan, state_of, told, until_row
from tests.api.gateway.test_gateway import Line
from tests.api.gateway.test_gateway import now as _now
from wms.database.pool import staff_transaction
from wms.stock import commands as stock
from wms.stock.ledger import Goods
from wms.stock.ledger import Line as Move

pytestmark = pytest.mark.asyncio


async def parcel_on_belt(line: Line, *, packed_at: object = PLACED) -> str:
    """A closed parcel with a printed label and goods in it; its SSCC."""
    floor = line.floor
    (sscc,) = await floor.label_jobs(1, "nobody")
    async with staff_transaction(floor.pool) as c:
        await c.execute("update waybill set label_printed_at = now() where sscc = $1", sscc)
        place_id = floor.packing_ids[0]
        unit_id = await c.fetchval(
            "insert into handling_unit (warehouse_id, code, kind, place_id) "
            "values ($1, $2, 'parcel', $3) returning id",
            floor.warehouse_id,
            sscc,
            place_id,
        )
        goods = Goods(floor.owner_id, floor.item_id)
        move = Move(goods, 3, floor.supplier_id, place_id, 0, unit_id)
        await stock.post(
            c, floor.tenant_id, "receive", [move], command_id="", actor="test", now=PLACED
        )
        await c.execute(
            "update parcel set handling_unit_id = $2, closed_at = $3 "
            "where id = (select parcel_id from waybill where sscc = $1)",
            sscc,
            unit_id,
            packed_at,
        )
        await c.execute(
            "update fulfilment_order set state = 'sorted' where id = (select fulfilment_order_id "
            "from parcel p join waybill w on w.parcel_id = p.id where w.sscc = $1)",
            sscc,
        )
        await c.execute(
            "insert into place (warehouse_id, code, kind) values ($1, 'DOCK-1', 'departure') "
            "on conflict do nothing",
            floor.warehouse_id,
        )
    return sscc


async def test_a_parcel_is_put_out_at_the_departure_into_whose_lane_it_falls(line: Line) -> None:
    sscc = await parcel_on_belt(line)
    await plan(line, lanes=[{"lane": 7, "place": "DOCK-1"}])
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, sscc)
        await told(line, 11, [7])
        line.plc.divert(last(line, 11))
        parcel = "select p.state from parcel p join waybill w on w.parcel_id = p.id where w.sscc = "
        await until_row(line, f"{parcel}'{sscc}'", "staged")
    stands = (
        "select p.code from handling_unit u join place p on p.id = u.place_id where u.code = $1"
    )
    assert await line.floor.value(stands, sscc) == "DOCK-1"
    packed = "select f.state from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id "
    joined = "join waybill w on w.parcel_id = p.id where w.sscc = $1"
    assert await line.floor.value(packed + joined, sscc) == "packed"
    assert await item(line, "state") == "diverted"


async def test_a_parcel_whose_departure_has_left_goes_to_the_late_lane_with_the_reason(
    line: Line,
) -> None:
    sscc = await parcel_on_belt(line)
    await plan(line, lanes=[{"lane": 7, "place": "DOCK-1"}], late_lane=8, reject_lane=9)
    async with staff_transaction(line.floor.pool) as c:
        await c.execute(
            "insert into departure (warehouse_id, carrier_id, place_id, state, opened_at, "
            "closed_at) select p.warehouse_id, w.carrier_id, p.id, 'closed', $2, $2 "
            "from place p, waybill w where p.warehouse_id = $1 and p.code = 'DOCK-1' "
            "and w.sscc = $3",
            line.floor.warehouse_id,
            _now(),
            sscc,
        )
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, sscc)
        await told(line, 11, [8])
        line.plc.divert(last(line, 11))
        await until_row(line, state_of(line), "rejected")
    assert await item(line, "decision ->> 'rule'") == "departure_left"
    assert "left at 12:00 UTC" in str(await item(line, "decision ->> 'why'"))
