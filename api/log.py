"""One line for each thing that happened, on standard error, with the order it was about."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.types import Processor

from api.settings import Settings

# These tell each request, poll or frame; ours say what mattered about it.
QUIET = ("httpx", "httpcore", "asyncio", "watchfiles", "alembic", "uvicorn")


def configure_log(settings: Settings, role: str) -> None:
    """Sends what we and our libraries log to standard error, one JSON object a line.

    Every line names the role. Call it once, before anything is logged.
    """

    def add_role(
        _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["role"] = role
        return event

    shared: list[Processor] = [
        add_role,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings.log_format),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It dumps every frame of a lost connection; our driver says that it is lost.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


@contextmanager
def about_order(order_id: int) -> Iterator[None]:
    """Everything that is logged inside carries the order's id."""
    with structlog.contextvars.bound_contextvars(order_id=order_id):
        yield


def _renderers(log_format: str) -> list[Processor]:
    # Local variables stay out of tracebacks: they hold keys and addresses.
    if log_format == "console":
        plain = structlog.dev.plain_traceback
        return [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
        ]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer()]
