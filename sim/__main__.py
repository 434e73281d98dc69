"""`python -m sim prepare` makes a scenario, `run` runs a day with it, `faults` names faults."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sim.day import Day, DayOptions
from sim.fault import FaultPlan, UnknownFault, parse_faults
from sim.run import run_day
from sim.scenario.file import make_scenario, read_scenario, write_scenario

DEFAULT_SPEED = 400.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sim", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="make a scenario from the real invoices")
    prepare.add_argument("--orders", type=int, default=200, help="clean orders in it")
    prepare.add_argument("--seed", type=int, default=1)
    prepare.add_argument("--out", type=Path, required=True, metavar="DIR")
    prepare.add_argument(
        "--first-port", type=int, default=0, help="of the machines; 0 finds free ones"
    )
    faults = commands.add_parser("faults", help="say which faults these names are")
    faults.add_argument("names", metavar="NAME,…|all")
    run = commands.add_parser("run", help="run a day against a service")
    run.add_argument("scenario", type=Path, metavar="DIR")
    run.add_argument("--api", required=True, metavar="URL")
    run.add_argument("--key", required=True, help="the shop's")
    run.add_argument("--carrier-key", required=True)
    run.add_argument("--mqtt", required=True, metavar="URL")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="of all motion")
    run.add_argument("--faults", default="", metavar="NAME,…|all")
    run.add_argument("--patience", type=float, default=60.0, help="seconds without any progress")
    run.add_argument("--deadline", type=float, default=1_800.0, help="seconds in all")
    run.add_argument("--report", type=Path, required=True, metavar="FILE")
    return parser


def _prepare(options: argparse.Namespace) -> int:
    if options.orders < 1:
        raise ValueError("a scenario has one order or more")
    scenario = make_scenario(options.orders, options.seed, options.first_port)
    write_scenario(scenario, options.out)
    clean = sum(posting.clean for posting in scenario.postings)
    dirty = len(scenario.postings) - clean
    print(f"{clean} orders and {dirty} that are none in {options.out}", file=sys.stderr)
    return 0


def _faults(options: argparse.Namespace) -> int:
    print(*sorted(parse_faults(options.names)))
    return 0


def _run(options: argparse.Namespace) -> int:
    if options.speed <= 0:
        raise ValueError("the speed is more than 0")
    day_options = DayOptions(
        api_url=options.api.rstrip("/"),
        shop_key=options.key,
        carrier_key=options.carrier_key,
        mqtt_url=options.mqtt,
        seed=options.seed,
        speed=options.speed,
        faults=FaultPlan(parse_faults(options.faults), options.seed),
        patience_s=options.patience,
        deadline_s=options.deadline,
        clock=lambda: datetime.now(UTC),
        tell=lambda line: print(line, flush=True),
    )
    scenario = read_scenario(options.scenario)
    report = asyncio.run(run_day(scenario, day_options, _stop_on_signals))
    options.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if report["finished"] and not report["failures"] else 1


def _stop_on_signals(day: Day) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, day.stopped.set)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 refused or something went wrong, 2 an unknown fault."""
    options = _parser().parse_args(arguments)
    # It tells of every connection that ends, byte by byte, and here they end on purpose.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    code = 1
    try:
        code = {"prepare": _prepare, "faults": _faults, "run": _run}[options.command](options)
    except* UnknownFault as group:
        code = 2
        print(*_leaves(group))
    except* (OSError, ValueError, KeyError, RuntimeError) as group:
        for error in _leaves(group):
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
    return code


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


if __name__ == "__main__":
    sys.exit(main())
