"""What a forecast is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """How far ahead, over which protection interval, and at which quantiles.

    Raises: ValueError for a horizon, interval, season, quantile or target outside its range.
    """

    horizon: int
    #: periods whose demand the stock must cover: lead time plus review
    protection: int = 1
    quantiles: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99)
    #: periods after which demand repeats; None takes the frequency's own, 1 is none
    season: int | None = None
    #: the service promised, when it is known
    target: float | None = None

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise ValueError(f"horizon is {self.horizon}, expected 1 or more")
        if self.protection < 1:
            raise ValueError(f"protection is {self.protection}, expected 1 or more")
        if self.season is not None and self.season < 1:
            raise ValueError(f"season is {self.season}, expected 1 or more")
        if not self.quantiles or any(not 0.0 < q < 1.0 for q in self.quantiles):
            raise ValueError(f"quantiles are {self.quantiles}, expected some between 0 and 1")
        if list(self.quantiles) != sorted(set(self.quantiles)):
            raise ValueError(f"quantiles are {self.quantiles}, expected them to ascend")
        if self.target is not None and not 0.0 < self.target < 1.0:
            raise ValueError(f"target is {self.target}, expected one between 0 and 1")
