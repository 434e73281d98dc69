"""What the settings say of stock."""

from api.settings import Settings
from wms.journey.replenish.saving import Limits
from wms.replenishment.case import Terms

# No stock serves every order there may ever be.
SERVICE_MAX = 99.99


def stock_terms(settings: Settings) -> Terms:
    """The fill rate that the house wants, how long goods take, and what keeping them costs."""
    return Terms(
        min(settings.service_percent, SERVICE_MAX),
        settings.cover_days,
        settings.lead_days,
        settings.transfer_days,
        holding_percent=settings.replenish_holding_percent,
        days_max=settings.replenish_days_max,
    )


def stock_limits(settings: Settings) -> Limits:
    """What a replenishment run goes by."""
    return Limits(stock_terms(settings), settings.work_hours, settings.holidays)
