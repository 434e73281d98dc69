"""Each of these tests has a house of its own, for it looks at everything that happened there."""

from tests.wms.journey.conftest import house

__all__ = ["house"]
