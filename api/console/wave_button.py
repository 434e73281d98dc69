"""The buttons with which planners take a wave back, or have it planned anew."""

from api.console.button import Button
from api.waves.rule import wave_rule
from api.wiring import House
from wms.journey.wave.replan import replan_wave
from wms.journey.wave.wave import unrelease_wave
from wms.overview import queries

PATH = "/console/waves"


async def _unrelease(house: House, wave_id: int, actor: str) -> int:
    await unrelease_wave(house.pool, wave_id, actor, house.now())
    return wave_id


async def _replan(house: House, wave_id: int, actor: str) -> int:
    rule = wave_rule(house.settings)
    return await replan_wave(house.pool, wave_id, actor, rule, house.seed(), house.now())


UNRELEASE = Button(
    "Unrelease wave",
    "Take this wave back?",
    "Its bins are freed and its orders wait for another wave.",
    "Keep it",
    "Unrelease",
    "The wave was taken back.",
    queries.wave_can_be_taken_back,
    _unrelease,
    PATH,
)
REPLAN = Button(
    "Plan anew",
    "Plan the rest of this wave anew?",
    "Carts that nobody has begun are taken back and planned again in a new wave, together with "
    "orders that cannot wait.",
    "Leave it",
    "Plan anew",
    "The new wave is being planned.",
    queries.wave_can_be_planned_anew,
    _replan,
    PATH,
)
