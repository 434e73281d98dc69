"""The thresholds of suspicious orders as the settings say them."""

from api.settings import Settings
from wms.orders.suspicion import Suspicion


def suspicion_rule(settings: Settings) -> Suspicion:
    """When an order is held as suspicious, where its shop wants nothing else."""
    return Suspicion(
        settings.suspicious_price_percent,
        settings.suspicious_quantity_times,
        settings.suspicious_quantity_least,
    )
