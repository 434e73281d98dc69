"""Every setting of every role, read from the environment once; nothing else reads it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, get_args

PREFIX = "STOWLINE_"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "console")
WAVE_MODES = ("discrete", "batch", "cluster", "zone")


class SettingsError(ValueError):
    """A setting is unknown or has a value that makes no sense; the text names it."""


def setting(
    default: Any,
    about: str,
    *,
    least: float | None = None,
    among: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """A field with its line in the settings table, and what its values may be."""
    metadata = {"about": about, "least": least, "among": among}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


def default_home() -> Path:
    """Where data live by default; root's home can't be entered by the account of its server."""
    if os.geteuid() == 0:
        return Path("/var/lib/stowline")
    return Path.home() / ".local" / "share" / "stowline"


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a Stowline on one machine is told; the variable is the field's name in capitals."""

    database_url: str | None = setting(
        None, "PostgreSQL 15 or newer; without one, an embedded server under the home"
    )
    mqtt_url: str | None = setting(
        None, "MQTT 5 broker; without one, a local mosquitto if there is one, else an embedded one"
    )
    mqtt_ca: Path | None = setting(
        None, "authority that signed the broker's certificate, for `mqtts://`; else the system's"
    )
    mqtt_cert: Path | None = setting(
        None, "our own certificate, where the broker asks for one; it goes with its key"
    )
    mqtt_key: Path | None = setting(None, "the key of our own certificate")
    home: Path = setting(
        default_home,
        "data, backups and caches; `~/.local/share/stowline`, for root `/var/lib/stowline`",
    )
    host: str = setting("127.0.0.1", "address that the API and the console listen on")
    port: int = setting(8080, "port of the API; 0 takes a free one", least=0)
    console_port: int = setting(8081, "port of the console; 0 takes a free one", least=0)
    api_workers: int = setting(1, "processes that answer the API", least=1)
    pool_size: int = setting(10, "database connections of each process, at most", least=1)
    site: str = setting("main", "the site whose devices the gateway serves")
    gateway_name: str | None = setting(
        None,
        "a gateway that starts takes over at once what one of the same name held; `serve` sees to "
        "it that only one runs",
    )
    kill_at: str | None = setting(
        None, "for tests: points at which the gateway kills itself, `point:nth,…`"
    )
    kill_log: Path | None = setting(
        None, "for tests: file that notes each kill before it; without it none is honoured"
    )
    wedge_prefix: str = setting("", "text that handhelds' readers are set to type before a code")
    wedge_suffix: str = setting("", "text that they are set to type behind it")
    webhook_private: str = setting(
        "no",
        "for development: `yes` lets webhooks go by http and to private addresses",
        among=("no", "yes"),
    )
    delivery_days: int = setting(
        30, "how long webhook deliveries and other sent messages are kept", least=4
    )
    promise_ttl_s: float = setting(1800.0, "how long an unpaid order holds its promise", least=1)
    waybill_promise_s: float = setting(
        300.0, "from payment to waybill and a carrier that knows of it, at most", least=1
    )
    waybill_alarm_s: float = setting(
        180.0, "an alarm is raised when a paid order has waited for them so long", least=1
    )
    suspicious_price_percent: int = setting(
        20, "a line below so many percent of its usual price holds its order; 0 for none", least=0
    )
    suspicious_quantity_times: int = setting(
        20, "a line of so many times the usual quantity holds its order; 0 for none", least=0
    )
    suspicious_quantity_least: int = setting(50, "of fewer units a line is never too many", least=1)
    wave_max_wait_s: float = setting(
        60.0, "a wave is released when its oldest order has waited so long", least=0
    )
    wave_lead_s: float = setting(
        3600.0, "orders are released so long before their carrier's cut-off", least=0
    )
    wave_min_orders: int = setting(24, "a wave is released when so many orders are open", least=1)
    wave_max_orders: int = setting(
        1000, "orders that a wave takes at most; where more wait, those that lie close", least=1
    )
    wave_overtaken_max_s: float = setting(
        1800.0, "an order that has waited so long is overtaken by no other any more", least=0
    )
    wave_solve_s: float = setting(
        30.0, "a wave's plan may take so long, and less where a cut-off is near", least=1
    )
    wave_replan_s: float = setting(
        60.0, "walks that nobody has begun are planned anew so often at most", least=0
    )
    wave_mode: str = setting(
        "cluster",
        "how waves are walked that release themselves: " + ", ".join(WAVE_MODES),
        among=WAVE_MODES,
    )
    roads_url: str | None = setting(
        None, "road service (OSRM or Valhalla) that tells how far it is by road"
    )
    roads_extract: Path | None = setting(
        None,
        "extract of OpenStreetMap (`.osm.pbf`) to go by without a service; with neither, vans go "
        "by straight lines",
    )
    route_lead_s: float = setting(
        1800.0, "a departure's routes are planned so long before its cut-off", least=0
    )
    route_solve_s: float = setting(30.0, "a route plan may take so long", least=1)
    route_workers: int = setting(
        1, "processes that search for one route plan; one alone repeats itself", least=1
    )
    counts_per_day: int = setting(
        20, "places that the cycle of counts asks for each day in a warehouse, at most", least=0
    )
    replenish_hour: int = setting(
        2,
        "the night's forecasts and proposals begin at this hour of the warehouse's clock",
        least=0,
    )
    service_percent: float = setting(
        97.0, "fill rate that stock is held for, where an item has none of its own", least=50
    )
    cover_days: int = setting(7, "an order to a supplier is meant to last so long", least=1)
    replenish_holding_percent: float = setting(
        20.0,
        "what keeping goods costs a year, of their price: sets how long an order lasts where its "
        "supplier says what one costs",
        least=0.1,
    )
    replenish_days_max: int = setting(
        60, "no order is made larger than for so long to save ordering, or to fill a truck", least=1
    )
    lead_days: int = setting(
        14, "how long goods take to come that no supplier is known for", least=0
    )
    transfer_days: int = setting(
        2, "how long goods take from one warehouse of the house to another", least=0
    )
    holidays: str | None = setting(
        None, "whose holidays move demand: a country such as GB, or a part of one such as DE-BY"
    )
    forecast_cluster: str | None = setting(
        None, "address of a Dask scheduler that works on forecasts; else the jobs role does"
    )
    work_hours: float = setting(
        8.0, "hours of a day in which goods are picked and sorted", least=0.1
    )
    public_url: str | None = setting(
        None,
        "where buyers reach the API, for the links they are sent; without it, `http://` with host "
        "and port",
    )
    address_hold_s: float = setting(
        259_200.0,
        "how long an order with a doubtful address waits for its buyer, whose link ends with it",
        least=60,
    )
    help_link_days: float = setting(
        60.0, "how long a buyer may ask for a human by the link of an order", least=0.01
    )
    refund_wait_s: float = setting(
        172_800.0,
        "how long a shop may take to give back what it was advised to, before a human looks",
        least=60,
    )
    quote_ttl_s: float = setting(
        1800.0, "how long a quote's dates hold, unless its cut-off comes before", least=1
    )
    data_keys: str | None = setting(
        None,
        "keys that personal data are sealed with, `id:base64,…,index:base64`, the last but `index` "
        "seals; without them, `data.keys` in the home, made at the first start",
        secret=True,
    )
    personal_days: int = setting(
        365,
        "days after its end that an order's personal data are kept; 0 keeps them for ever",
        least=0,
    )
    key_requests_per_s: float = setting(
        200.0, "requests that a key may send in a second, over all workers", least=0.001
    )
    key_burst: int = setting(1_000, "requests that a key may send at once after a pause", least=1)
    smtp_url: str | None = setting(
        None,
        "mail server that takes buyers' mails, `smtp://user:password@host:port` with STARTTLS or "
        "`smtps://` with TLS from the start; without one they wait",
        secret=True,
    )
    mail_from: str | None = setting(
        None,
        "address that mails come from, such as `Shop <mail@example.com>`; what comes back to it "
        "is for `stowline mail report` or `POST /v1/mail-reports`",
    )
    seed: int | None = setting(None, "makes every choice left to chance repeat itself")
    log_level: str = setting("info", "what is logged: " + ", ".join(LOG_LEVELS), among=LOG_LEVELS)
    log_format: str = setting("json", "how it is logged: json or console", among=LOG_FORMATS)

    def __post_init__(self) -> None:
        """Refuses values that make no sense.

        Raises: SettingsError
        """
        for described in fields(self):
            value, rule = getattr(self, described.name), described.metadata
            if rule["among"] and value not in rule["among"]:
                allowed = ", ".join(rule["among"])
                raise SettingsError(f"{variable(described.name)}: {value!r} is none of {allowed}")
            if rule["least"] is not None and not value >= rule["least"]:
                raise SettingsError(f"{variable(described.name)}: {value} is below {rule['least']}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Reads the settings; what is not set, or set to nothing, has its default.

        Raises: SettingsError where a variable of ours is unknown or its value makes no sense.
        """
        given = {
            name: value
            for name, value in (os.environ if environment is None else environment).items()
            if name.startswith(PREFIX) and value
        }
        known = {variable(described.name): described for described in fields(cls)}
        if unknown := sorted(given.keys() - known.keys()):
            raise SettingsError(f"unknown settings: {', '.join(unknown)}")
        return cls(**{known[name].name: _parse(known[name], given[name]) for name in given})

    def to_environment(self) -> dict[str, str]:
        """The variables that make another process read the same settings."""
        values = ((described.name, getattr(self, described.name)) for described in fields(self))
        return {variable(name): str(value) for name, value in values if value is not None}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as the README's table shows it."""

    variable: str
    default: str
    about: str


def setting_rows() -> list[SettingRow]:
    """Every setting with its default, for the README."""
    return [
        SettingRow(
            variable(described.name),
            "" if described.default in (None, MISSING) else str(described.default),
            described.metadata["about"],
        )
        for described in fields(Settings)
    ]


def keep_numba_cache(settings: Settings) -> Path:
    """Puts compiled kernels under the home, for this process and its children; tells the folder.

    Call it before numba is first imported.
    """
    folder = numba_cache(settings)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def numba_cache(settings: Settings) -> Path:
    """Where compiled kernels are kept: under the home, or NUMBA_CACHE_DIR where that is set.

    numba looks for changes in a kernel's own file only, so the folder is named by all of them.
    """
    sources = sorted((Path(__file__).resolve().parent.parent / "routing").rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    given = os.environ.get("NUMBA_CACHE_DIR")
    root = Path(given) if given else settings.home / "numba"
    return root if root.name == digest else root / digest


def child_environment(settings: Settings) -> dict[str, str]:
    """Our own environment with these settings in it, for a process that we start."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **settings.to_environment()}


def _parse(described: Field[Any], text: str) -> Any:
    kinds: tuple[type, ...] = get_args(described.type) or (described.type,)
    kind = next(kind for kind in (int, float, Path, str) if kind in kinds)
    try:
        return kind(text).expanduser() if kind is Path else kind(text)
    except ValueError as error:
        raise SettingsError(
            f"{variable(described.name)}: {text!r} is no {kind.__name__}"
        ) from error
