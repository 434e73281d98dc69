"""Tickets and the limits of steps, without a database."""

from datetime import timedelta
from itertools import product

import pytest

from tests.builders import NOW
from wms.error import Conflict, Refused
from wms.handoff import rule
from wms.handoff.sop import ABOUT, LIMIT_MAX, Rule, Step
from wms.handoff.ticket import (
    MOVES,
    WORDS_MAX,
    Event,
    NewTicket,
    State,
    Urgency,
    after,
    due_at,
    next_role,
    opened_to,
)
from wms.tenants.staff import Role

HOUR = timedelta(hours=1)
HELD = {"hold_id": 7, "kind": "no_carton", "owned_by": "planner", "reason": "<b>too long</b>"}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_a_ticket_moves_only_along_its_table(state: State, event: Event) -> None:
    if (state, event) in MOVES:
        assert after(state, event) is MOVES[state, event]
        return
    with pytest.raises(Conflict) as refusal:
        after(state, event)
    assert refusal.value.code == "wrong_state"


def test_an_urgent_ticket_overtakes_one_that_may_wait_longer() -> None:
    low = due_at(NOW, 24 * HOUR)
    assert due_at(NOW + HOUR, HOUR / 4) < low


def test_whoever_has_waited_their_time_is_before_all_that_come_later() -> None:
    low = due_at(NOW, 24 * HOUR)
    assert all(due_at(NOW + 24 * HOUR, length * HOUR) > low for length in (0.25, 1, 4, 24))


def test_a_role_takes_its_own_tickets_and_those_below() -> None:
    assert opened_to(Role.OPERATOR) == ()
    assert opened_to(Role.PLANNER) == (Role.PLANNER,)
    assert opened_to(Role.ADMIN) == (Role.PLANNER, Role.SUPERVISOR, Role.ADMIN)


def test_above_the_highest_role_is_nobody() -> None:
    ladder = [Role.OPERATOR, Role.PLANNER, Role.SUPERVISOR, Role.ADMIN, Role.ADMIN]
    assert [next_role(role) for role in ladder[:-1]] == ladder[1:]


@pytest.mark.parametrize("words", ["", "  \n", "a\x00b", "x" * (WORDS_MAX + 1)])
def test_words_that_say_nothing_or_cannot_be_kept_are_refused(words: str) -> None:
    with pytest.raises(Refused) as refusal:
        NewTicket("question", Urgency.LOW, words)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_words", "/words")


def test_a_hold_that_was_set_needs_nobody_until_it_is_overdue() -> None:
    assert rule.wanted_by(rule.HELD, 1, 3, HELD) is None
    wanted = rule.wanted_by(rule.OVERDUE, 2, 3, HELD)
    assert wanted is not None and wanted.ticket.cause == "hold/7"
    assert "<b>too long</b>" in wanted.ticket.words


def test_a_generator_that_failed_and_its_overdue_hold_are_one_cause() -> None:
    held = HELD | {"kind": rule.GENERATOR}
    first, second = (rule.wanted_by(kind, 1, 3, held) for kind in (rule.HELD, rule.OVERDUE))
    assert first is not None and second is not None
    assert first.ticket.cause == second.ticket.cause


def test_a_refund_is_looked_at_later_and_only_where_nothing_came_of_it() -> None:
    wanted = rule.wanted_by(rule.REFUND, 9, 3, {})
    assert wanted is not None and wanted.later


def test_what_is_about_no_order_asks_for_nobody() -> None:
    assert all(rule.wanted_by(kind, 1, None, HELD) is None for kind in rule.TYPES)


def test_every_step_says_what_it_is_about() -> None:
    assert set(ABOUT) == set(Step)


@pytest.mark.parametrize(
    ("step", "kind", "role", "limit", "escalate", "pointer"),
    [
        (Step.PICK, "", Role.OPERATOR, None, HOUR, "/limit_s"),
        (Step.HOLD, "fresh", Role.PLANNER, None, HOUR, "/limit_s"),
        (Step.PICK, "", Role.OPERATOR, timedelta(0), HOUR, "/limit_s"),
        (Step.PICK, "", Role.OPERATOR, HOUR, LIMIT_MAX + HOUR, "/escalate_s"),
        (Step.PICK, "fast", Role.OPERATOR, HOUR, HOUR, "/kind"),
        (Step.TICKET, "", Role.PLANNER, HOUR, HOUR, "/kind"),
        (Step.TICKET, "urgent", Role.OPERATOR, HOUR, HOUR, "/role"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_by_its_field(
    step: Step,
    kind: str,
    role: Role,
    limit: timedelta | None,
    escalate: timedelta,
    pointer: str,
) -> None:
    with pytest.raises(Refused) as refusal:
        Rule(step, kind, role, limit, escalate)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_sop", pointer)
