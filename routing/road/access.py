"""Who may pass: roads, directions and barriers, by their tags."""

import re
from collections.abc import Mapping

from routing.road.profile import Profile
from routing.road.speed import CLASS_KMH

Tags = Mapping[str, str]

OPEN_WORDS = frozenset({"yes", "permissive", "designated", "official", "public"})
# Whoever has business there may enter, and a delivery has.
DESTINATION_WORDS = frozenset({"destination", "delivery", "customers", "permit", "residents"})
# Roads that are closed unless a sign for our kind of vehicle opens them.
CLOSED_CLASSES = frozenset({"pedestrian", "track"})
# Barriers that open for whoever comes, or that are none for a vehicle.
PASSABLE = frozenset(
    {
        "border_control",
        "cattle_grid",
        "coupure",
        "entrance",
        "gate",
        "height_restrictor",
        "lift_gate",
        "no",
        "sally_port",
        "spikes",
        "swing_gate",
        "toll_booth",
    }
)
ONE_WAY = frozenset({"yes", "true", "1"})
AGAINST = frozenset({"-1", "reverse"})
FREE, DESTINATION, CLOSED = 0, 1, 2


def access_of(tags: Tags, profile: Profile) -> int | None:
    """FREE, DESTINATION or CLOSED by the most particular tag; None where none says a word."""
    for mode in reversed(profile.modes):
        words = {word.strip() for word in tags[mode].split(";")} if mode in tags else set()
        if words & OPEN_WORDS:
            return FREE
        if words & DESTINATION_WORDS:
            return DESTINATION
        if words and words != {"unknown"}:
            return CLOSED
    return None


def road_access(tags: Tags, profile: Profile) -> int:
    """Whether a way is a road for this vehicle: FREE, DESTINATION or CLOSED."""
    highway = tags.get("highway", "")
    if highway not in CLASS_KMH or tags.get("area") == "yes":
        return CLOSED
    if tags.get("oneway") in ("reversible", "alternating"):
        return CLOSED
    if tags.get("service") == "emergency_access" or not fits(tags, profile):
        return CLOSED
    said = access_of(tags, profile)
    if highway in CLOSED_CLASSES:
        explicit = any(mode in tags for mode in profile.modes[1:])
        firm = highway == "track" and tags.get("tracktype") == "grade1"
        return CLOSED if not (explicit or firm) or said == CLOSED else DESTINATION
    return FREE if said is None else said


def directions(tags: Tags) -> tuple[bool, bool]:
    """Whether a road is open along its nodes' order, and against it."""
    oneway = tags.get("oneway")
    if oneway in ONE_WAY:
        return True, False
    if oneway in AGAINST:
        return False, True
    implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] == "motorway"
    return True, oneway == "no" or not implied


def blocks(tags: Tags, profile: Profile) -> bool:
    """Whether the barrier at a node stops this vehicle."""
    barrier = tags.get("barrier")
    if not fits(tags, profile):
        return True
    said = access_of(tags, profile)
    if said is not None:
        return said == CLOSED
    if barrier is None:
        return False
    if barrier == "bollard":
        return tags.get("bollard") != "rising"
    return barrier not in PASSABLE or tags.get("locked") == "yes"


def fits(tags: Tags, profile: Profile) -> bool:
    """Whether the vehicle is no higher, wider, longer or heavier than the signs allow."""
    limits = (
        ("maxheight", profile.height_m),
        ("maxheight:physical", profile.height_m),
        ("maxwidth", profile.width_m),
        ("maxlength", profile.length_m),
        ("maxweight", profile.weight_t),
    )
    for key, own in limits:
        if key in tags:
            limit = measure(tags[key])
            if limit is not None and own > limit:
                return False
    return True


# What a number is multiplied by to be metres or tonnes; a bare one is.
UNITS = {
    "": 1.0,
    "m": 1.0,
    "cm": 0.01,
    "ft": 0.3048,
    "t": 1.0,
    "kg": 0.001,
    "lbs": 0.00045359237,
    "st": 0.90718474,
}


def measure(text: str) -> float | None:
    """A tagged height, width, length or weight in metres or tonnes; None for no number."""
    if feet := re.fullmatch(r"(\d+)'\s*(?:(\d+(?:\.\d+)?)\")?", text.strip()):
        return int(feet[1]) * 0.3048 + float(feet[2] or 0) * 0.0254
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)", text.strip())
    if found is None or found[2] not in UNITS:
        return None
    return float(found[1].replace(",", ".")) * UNITS[found[2]]
