"""A human is asked for, and answers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.auth import HouseOf, IdempotencyKey, PlannerOf, ShopOf
from api.buyer.rule import link_rule
from api.card import refuse_card_data
from api.cursor import PAGE, PAGE_MAX, cursor, event_after, row_after
from api.field import ROW_MAX, RowId
from api.handoffs.messages import (
    CloseRequest,
    HandoffList,
    HandoffRequest,
    HandoffSummary,
    HandoffView,
    LinkRequest,
    LinkView,
    WordsRequest,
)
from api.orders.asker import AskerOf, asked
from api.orders.routes import REFUSALS, reply
from api.wiring import House
from wms.database.pool import shop_transaction, staff_transaction
from wms.handoff import queries as handoffs
from wms.handoff.ticket import State
from wms.journey.handoff import ask, desk
from wms.journey.handoff.view import due, ticket_summary, ticket_view
from wms.journey.request import Request, StaffRequest
from wms.outbox.command import body_hash
from wms.tenants.shop import Shop
from wms.tenants.staff import Staff

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])
STANDING = (State.OPEN, State.CLAIMED)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@router.post("", status_code=201, response_model=HandoffView, responses=REFUSALS)
async def post_handoff(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: HandoffRequest
) -> JSONResponse:
    """Asks for a human, about an order or anything else; the answer comes as `handoff.answered`.

    The ticket has the order's whole timeline with it. How soon it is answered goes by its urgency.
    """
    refuse_card_data(body)
    request = Request(shop, key, "handoff", body_hash(body.model_dump(mode="json")))
    return reply(await ask.ask_human(house.pool, request, body.ticket(), house.now()))


@router.post("/links", status_code=201, response_model=LinkView, responses=REFUSALS)
async def post_link(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, body: LinkRequest
) -> JSONResponse:
    """Makes a link for the shop's own mails, by which an order's buyer asks for a human."""
    request = Request(shop, key, "handoff-link", body_hash([body.order_id]))
    lasts = timedelta(days=house.settings.help_link_days)
    return reply(
        await ask.give_link(
            house.pool, request, body.order_id, link_rule(house.settings), lasts, house.now()
        )
    )


@router.post("/next/claim", response_model=HandoffView, responses=REFUSALS)
async def post_next(house: HouseOf, planner: PlannerOf, key: IdempotencyKey) -> JSONResponse:
    """Gives the planner the ticket that is due first; no two get the same one."""
    request = StaffRequest(planner, key, "handoff/next", body_hash([]))
    return reply(await desk.claim_next(house.pool, request, house.now()))


@router.get("", response_model=HandoffList, responses=REFUSALS)
async def get_handoffs(
    house: HouseOf,
    asker: AskerOf,
    state: State | None = None,
    order_id: Annotated[int | None, Query(ge=1, le=ROW_MAX)] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
) -> HandoffList:
    """A shop's own tickets, the oldest first; for staff the queue, whichever is due first.

    A ticket is due when the limit of its urgency has passed since it began to wait. Staff who
    name no state see what is open or taken.
    """
    states = None if state is None else [state]
    if isinstance(asker, Shop):
        chosen = handoffs.Chosen(states, asker.tenant_id, asker.shop_id, order_id)
        async with shop_transaction(house.pool, asker.tenant_id) as connection:
            rows = await handoffs.tickets_after(connection, chosen, row_after(after), limit)
        behind: tuple[int, ...] = () if len(rows) < limit else (rows[-1]["id"],)
    else:
        chosen = handoffs.Chosen(states or STANDING, order_id=order_id)
        async with staff_transaction(house.pool) as connection:
            rows = await handoffs.queue_after(connection, chosen, event_after(after), limit)
        behind = ()
        if len(rows) == limit:
            behind = ((due(rows[-1]) - EPOCH) // MICROSECOND, rows[-1]["id"])
    items = [HandoffSummary.model_validate(ticket_summary(row)) for row in rows]
    return HandoffList(items=items, next=cursor(*behind) if behind else None)


@router.get("/{handoff_id}", response_model=HandoffView, responses=REFUSALS)
async def get_handoff(house: HouseOf, asker: AskerOf, handoff_id: RowId) -> JSONResponse:
    """A ticket with all that was said, and its order's timeline as it is now."""
    if isinstance(asker, Shop):
        async with shop_transaction(house.pool, asker.tenant_id) as connection:
            return JSONResponse(await ticket_view(connection, asker, handoff_id))
    async with staff_transaction(house.pool) as connection:
        view = await ticket_view(connection, asker, handoff_id)
    _note_read(house, asker, view)
    return JSONResponse(view)


@router.post("/{handoff_id}/words", response_model=HandoffView, responses=REFUSALS)
async def post_words(
    house: HouseOf, shop: ShopOf, key: IdempotencyKey, handoff_id: RowId, body: WordsRequest
) -> JSONResponse:
    """Adds what the shop has to say; a ticket that was answered is open again."""
    refuse_card_data(body)
    digest = body_hash([handoff_id, body.words])
    request = Request(shop, key, "handoff/words", digest)
    return reply(await ask.ask_again(house.pool, request, handoff_id, body.words, house.now()))


@router.post("/{handoff_id}/claim", response_model=HandoffView, responses=REFUSALS)
async def post_claim(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, handoff_id: RowId
) -> JSONResponse:
    """Takes a ticket; of two who want it one gets it."""
    request = StaffRequest(planner, key, "handoff/claim", body_hash([handoff_id]))
    return reply(await desk.claim(house.pool, request, handoff_id, house.now()))


@router.post("/{handoff_id}/release", response_model=HandoffView, responses=REFUSALS)
async def post_release(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, handoff_id: RowId
) -> JSONResponse:
    """Gives a ticket back to the queue, where it keeps the time that it has waited."""
    request = StaffRequest(planner, key, "handoff/release", body_hash([handoff_id]))
    return reply(await desk.release(house.pool, request, handoff_id, house.now()))


@router.post("/{handoff_id}/answer", response_model=HandoffView, responses=REFUSALS)
async def post_answer(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, handoff_id: RowId, body: WordsRequest
) -> JSONResponse:
    """Answers a ticket that one has taken: its shop hears of it, and a buyer who asked by mail."""
    request = _saying(planner, key, "handoff/answer", handoff_id, body)
    return reply(await desk.answer(house.pool, request, handoff_id, body.words, house.now()))


@router.post("/{handoff_id}/escalate", response_model=HandoffView, responses=REFUSALS)
async def post_escalate(
    house: HouseOf, planner: PlannerOf, key: IdempotencyKey, handoff_id: RowId, body: WordsRequest
) -> JSONResponse:
    """Gives a ticket to the next role, with the reason."""
    request = _saying(planner, key, "handoff/escalate", handoff_id, body)
    return reply(await desk.escalate(house.pool, request, handoff_id, body.words, house.now()))


@router.post("/{handoff_id}/close", response_model=HandoffView, responses=REFUSALS)
async def post_close(
    house: HouseOf, asker: AskerOf, key: IdempotencyKey, handoff_id: RowId, body: CloseRequest
) -> JSONResponse:
    """Ends a ticket: a shop its own at any time, the staff an answered one or with a reason."""
    refuse_card_data(body)
    request = asked(asker, key, "handoff/close", body_hash([handoff_id, body.words]))
    now = house.now()
    if isinstance(request, Request):
        return reply(await ask.close_by_shop(house.pool, request, handoff_id, body.words, now))
    return reply(await desk.close(house.pool, request, handoff_id, body.words, now))


def _saying(
    planner: Staff, key: str, kind: str, handoff_id: int, body: WordsRequest
) -> StaffRequest:
    """A planner's request that has words in it, and no number of a card."""
    refuse_card_data(body)
    return StaffRequest(planner, key, kind, body_hash([handoff_id, body.words]))


def _note_read(house: House, staff: Staff, view: dict[str, object]) -> None:
    if isinstance(view["order_id"], int):
        house.reads.order(staff.actor, "ticket", view["order_id"])
