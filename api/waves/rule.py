"""What the settings say of waves."""

from datetime import timedelta

from api.settings import Settings
from wms.picking.limit import Limits
from wms.picking.release import Rule
from wms.picking.wave import Mode

# A job's lease is longer than any plan may take, so that nobody plans the same wave beside it.
SOLVE_S_MOST = 200.0


def wave_rule(settings: Settings) -> Rule:
    """When a wave is released by itself, and how."""
    return Rule(
        settings.wave_min_orders,
        timedelta(seconds=settings.wave_max_wait_s),
        timedelta(seconds=settings.wave_lead_s),
        timedelta(seconds=settings.wave_replan_s),
        Mode(settings.wave_mode),
    )


def wave_limits(settings: Settings) -> Limits:
    """What a wave takes at most, and how long its plan may take."""
    return Limits(
        orders_max=settings.wave_max_orders,
        overtaken_max=timedelta(seconds=settings.wave_overtaken_max_s),
        lead=timedelta(seconds=settings.wave_lead_s),
        solve_s_max=min(settings.wave_solve_s, SOLVE_S_MOST),
    )
