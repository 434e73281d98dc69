"""Where buyers' links lead, as the settings say it."""

from datetime import timedelta

from api.settings import Settings
from wms.address.link import LinkRule


def link_rule(settings: Settings) -> LinkRule:
    """The address of the house as buyers know it, and how long a doubtful address may wait."""
    base_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    return LinkRule(base_url, timedelta(seconds=settings.address_hold_s))


def help_rule(settings: Settings) -> LinkRule | None:
    """Where buyers may ask for a human, and how long; None where nobody said how they get there."""
    if settings.public_url is None:
        return None
    return LinkRule(settings.public_url, timedelta(days=settings.help_link_days))
