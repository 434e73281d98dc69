"""A version of a departure's routes as planners read it."""

from typing import Any

import asyncpg

from api.departures.messages import (
    RoutePlanView,
    RouteView,
    SearchView,
    UnservedView,
    VersionView,
)
from wms.shipping.route_plan import stop_of

SUMMED = ("engine", "why", "travel", "straight", "distance_m", "cost", "baseline_cost", "solve_s")


def version_view(row: asyncpg.Record) -> VersionView:
    """A version without its routes."""
    return VersionView(**_version(row), **_summary(row, row["vans"], row["unserved"]))


def plan_view(row: asyncpg.Record) -> RoutePlanView:
    """A version with its routes."""
    plan: dict[str, Any] = row["plan"] or {}
    routes, left_out = plan.get("routes", []), plan.get("unserved", [])
    counts = (len(routes), len(left_out)) if plan else (None, None)
    return RoutePlanView(
        **_version(row),
        **_summary(plan, *counts),
        routes=[RouteView.model_validate(_opened(route, plan["depot"])) for route in routes],
        left_out=[UnservedView.model_validate(each) for each in left_out],
    )


def _opened(route: dict[str, Any], depot: dict[str, float]) -> dict[str, Any]:
    stops = {
        name: [stop_of(stop, depot) for stop in route[name]]
        for name in ("stops", "visited")
        if name in route
    }
    return route | stops


def _version(row: asyncpg.Record) -> dict[str, Any]:
    names = ("version", "state", "asked_by", "reason", "asked_at", "planned_at", "refusal")
    progress = row["progress"]
    search = None if progress is None else SearchView.model_validate(progress)
    return {name: row[name] for name in names} | {"progress": search}


def _summary(
    plan: asyncpg.Record | dict[str, Any], vans: int | None, unserved: int | None
) -> dict[str, Any]:
    told = {name: plan.get(name) for name in SUMMED}
    cost, baseline = told["cost"], told["baseline_cost"]
    saving = None if cost is None or not baseline else 1 - cost / baseline
    return told | {"vans": vans, "unserved": unserved, "saving": saving}
