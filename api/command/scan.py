"""`stowline scan`: what a code says, for whoever sets up readers and labels."""

import json
from typing import Annotated, Any

import typer

from api.command.plan import AsJson
from devices.gs1 import FNC1, ScanKind, lacking, meaning_of, parse_scan, symbology_of
from devices.scan.wedge import WedgeFormat, read_wedge

scan_app = typer.Typer(no_args_is_help=True, help="What scanners read.")
_WRITTEN_FNC1 = ("\\x1d", "\\u001d")


@scan_app.command("explain")
def explain_command(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="As it was read; FNC1 as <GS> or \\x1d.")
    ],
    aim: Annotated[str, typer.Option(help="Symbology identifier, where it is not in TEXT.")] = "",
    prefix: Annotated[str, typer.Option(help="What the reader types before a code.")] = "",
    suffix: Annotated[str, typer.Option(help="What the reader types behind a code.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what a code is, element by element; exit code 1 where it breaks a rule."""
    for written in _WRITTEN_FNC1:
        text = text.replace(written, FNC1)
    reading = read_wedge(text, WedgeFormat(prefix, suffix))
    answer = _explained(reading.raw, aim or reading.aim)
    typer.echo(json.dumps(answer) if as_json else _told(answer))
    if answer["fault"]:
        raise typer.Exit(1)


def _explained(raw: str, aim: str) -> dict[str, Any]:
    scan = parse_scan(raw, aim)
    broken = scan.kind is ScanKind.FAULT
    meanings = [meaning_of(element) for element in scan.elements]
    return {
        "raw": raw,
        "aim": aim,
        "symbology": symbology_of(aim),
        "kind": str(scan.kind),
        "value": "" if broken else scan.value,
        "fault": scan.value if broken else None,
        "elements": [
            {"ai": each.ai, "title": each.title, "value": each.value, "says": each.says}
            for each in meanings
        ],
        "lacking": list(lacking(scan.elements)),
    }


def _told(answer: dict[str, Any]) -> str:
    kind, named = answer["kind"], answer["symbology"]
    lines = [f"{kind} {answer['value']}".rstrip() if not answer["fault"] else "no valid code"]
    if answer["aim"]:
        lines.append(f"symbology {answer['aim']} {named or 'unknown'}")
    for each in answer["elements"]:
        says = f"   {each['says']}" if each["says"] else ""
        lines.append(f"{'(' + each['ai'] + ')':<7}{each['title']:<24}{each['value']}{says}")
    lines += [f"missing: {rule}" for rule in answer["lacking"]]
    if answer["fault"]:
        lines.append(f"fault: {answer['fault']}")
    return "\n".join(lines)
