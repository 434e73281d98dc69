"""Items to be packed and the cartons there are."""

from dataclasses import dataclass


def _refuse_below(owner: str, least: int, **values: int) -> None:
    for name, value in values.items():
        if value < least:
            raise ValueError(f"{name} of {owner} must be at least {least}, not {value}")


def _edges(width_mm: int, depth_mm: int, height_mm: int) -> tuple[int, int, int]:
    low, middle, high = sorted((width_mm, depth_mm, height_mm))
    return low, middle, high


@dataclass(frozen=True, slots=True)
class PackItem:
    """One line: so many equal boxes, which may be turned any way up; mass_g is that of one."""

    key: str
    quantity: int
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("an item needs a key")
        owner = f"item {self.key}"
        _refuse_below(owner, 1, quantity=self.quantity)
        _refuse_below(
            owner, 1, width_mm=self.width_mm, depth_mm=self.depth_mm, height_mm=self.height_mm
        )
        _refuse_below(owner, 0, mass_g=self.mass_g)

    @property
    def edges_mm(self) -> tuple[int, int, int]:
        """The three edges, shortest first."""
        return _edges(self.width_mm, self.depth_mm, self.height_mm)

    @property
    def volume_mm3(self) -> int:
        """The volume of one unit."""
        return self.width_mm * self.depth_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class Carton:
    """A kind of carton; mass_g_max is that of the whole parcel, its tare included."""

    code: str
    inner_width_mm: int
    inner_depth_mm: int
    inner_height_mm: int
    tare_g: int
    mass_g_max: int

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a carton needs a code")
        owner = f"carton {self.code}"
        _refuse_below(
            owner,
            1,
            inner_width_mm=self.inner_width_mm,
            inner_depth_mm=self.inner_depth_mm,
            inner_height_mm=self.inner_height_mm,
        )
        _refuse_below(owner, 0, tare_g=self.tare_g)
        if self.mass_g_max <= self.tare_g:
            raise ValueError(f"{owner} weighs {self.tare_g} g empty and may not weigh more")

    @property
    def edges_mm(self) -> tuple[int, int, int]:
        """The three inner edges, shortest first."""
        return _edges(self.inner_width_mm, self.inner_depth_mm, self.inner_height_mm)

    @property
    def volume_mm3(self) -> int:
        """The inner volume."""
        return self.inner_width_mm * self.inner_depth_mm * self.inner_height_mm
