"""Forecasts into files, Parquet or CSV by the file's ending."""

from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.demand_class import DemandClass
from forecasting.forecast import Forecast
from forecasting.total import Total


def write_forecast(forecast: Forecast | Total, path: Path) -> None:
    """Writes a row for each series and period: unique_id, ds, mean and the quantiles."""
    _write(period_table(forecast), path)


def write_protection(forecast: Forecast | Total, path: Path) -> None:
    """Writes a row for each series: its demand over the protection interval, and why."""
    _write(protection_table(forecast), path)


def protection_path(path: Path) -> Path:
    """Where the protection interval's demand is written beside a forecast: x.protection.parquet."""
    return path.with_name(f"{path.stem}.protection{path.suffix}")


def total_path(path: Path, attribute: str) -> Path:
    """Where the totals by an attribute are written beside a forecast: x.by-brand.parquet."""
    # A slash would name a folder.
    return path.with_name(f"{path.stem}.by-{attribute.replace('/', '-')}{path.suffix}")


def period_table(forecast: Forecast | Total) -> pd.DataFrame:
    """The forecast of each series and period; times are the periods' first days."""
    n, horizon = forecast.mean.shape
    columns: dict[str, object] = {
        "unique_id": np.repeat(np.array(forecast.series, object), horizon),
        "ds": np.tile(forecast.starts.astype("datetime64[s]"), n),
        "mean": forecast.mean.ravel(),
    }
    for k, level in enumerate(forecast.quantiles.levels):
        columns[f"q{level}"] = forecast.quantiles.values[:, :, k].ravel()
    return pd.DataFrame(columns)


def protection_table(forecast: Forecast | Total) -> pd.DataFrame:
    """The demand summed over the protection interval; a series' with class, model and reason."""
    columns: dict[str, object] = {
        "unique_id": np.array(forecast.series, object),
        "mean": forecast.protection.mean,
    }
    for level in forecast.quantiles.levels:
        columns[f"q{level}"] = forecast.protection.quantile(float(level))
    if isinstance(forecast, Total):
        return pd.DataFrame(columns)
    columns["class"] = [DemandClass(int(code)).name.lower() for code in forecast.demand_class]
    columns["model"] = forecast.model
    columns["reason"] = forecast.reason
    columns["flags"] = [" ".join(sorted(flags)) for flags in forecast.flags]
    return pd.DataFrame(columns)


def _write(frame: pd.DataFrame, path: Path) -> None:
    # Beside it first: what fails halfway leaves no half file, and the old one as it was.
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".csv":
            frame.to_csv(part, index=False, date_format="%Y-%m-%d", float_format="%.10g")
        else:
            frame.to_parquet(part, index=False)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
