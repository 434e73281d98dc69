"""What drives: how fast it may go, and where it may pass."""

from dataclasses import astuple, dataclass
from math import isfinite

# A goods vehicle above this counts as heavy, and has signs of its own.
LIGHT_MAX_T = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A vehicle as roads see it.

    modes: the access keys of OpenStreetMap that hold for it, from the general to the particular;
        the most particular that a road has decides.
    u_turn_s: what turning round at a junction to get round a limit of turns costs, where nothing
        forbids it; at the end of a road it costs nothing.
    access_kmh: the pace from a door to the road.

    Raises: ValueError for a measure that is not above 0, or a turn that gains time.
    """

    name: str
    modes: tuple[str, ...]
    top_kmh: float
    height_m: float
    width_m: float
    length_m: float
    weight_t: float
    u_turn_s: float = 60.0
    access_kmh: float = 5.0

    def __post_init__(self) -> None:
        for what in ("top_kmh", "height_m", "width_m", "length_m", "weight_t", "access_kmh"):
            value = getattr(self, what)
            if not (isfinite(value) and value > 0):
                raise ValueError(f"profile {self.name}: {what} must be above 0, not {value}")
        if not (isfinite(self.u_turn_s) and self.u_turn_s >= 0):
            raise ValueError(f"profile {self.name}: a turn cannot take {self.u_turn_s} s")

    @property
    def key(self) -> str:
        """The same for equal profiles, and for no others."""
        return repr(astuple(self))


CAR = Profile(
    name="car",
    modes=("access", "vehicle", "motor_vehicle", "motorcar"),
    top_kmh=130,
    height_m=1.6,
    width_m=1.9,
    length_m=4.5,
    weight_t=2.0,
)


def van(
    *, weight_t: float = LIGHT_MAX_T, height_m: float = 2.8, top_kmh: float = 100, name: str = "van"
) -> Profile:
    """A delivery van; above 3.5 t it heeds the signs of heavy goods vehicles."""
    kind = ("hgv",) if weight_t > LIGHT_MAX_T else ("motorcar", "goods")
    return Profile(
        name=name,
        modes=("access", "vehicle", "motor_vehicle", *kind),
        top_kmh=top_kmh,
        height_m=height_m,
        width_m=2.1,
        length_m=6.0,
        weight_t=weight_t,
    )


VAN = van()
PROFILES = {profile.name: profile for profile in (CAR, VAN)}
