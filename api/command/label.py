"""`stowline label preview`: a label drawn from a description, for whoever designs or checks one."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from devices.label import (
    BinLabel,
    ItemLabel,
    Label,
    LabelRefused,
    PalletLabel,
    ParcelLabel,
    ToteLabel,
    render_image,
    render_pdf,
    render_zpl,
)

label_app = typer.Typer(no_args_is_help=True, help="What printers print.")
BYTES_MAX = 65_536
SUFFIXES = (".png", ".pdf", ".zpl")


class Format(StrEnum):
    """What a label is stuck on."""

    PARCEL = "parcel"
    BIN = "bin"
    TOTE = "tote"
    ITEM = "item"
    PALLET = "pallet"


class Resolution(StrEnum):
    """The resolutions of label printers."""

    DPI_203 = "203"
    DPI_300 = "300"
    DPI_600 = "600"


FORMATS: dict[Format, type[Label]] = {
    Format.PARCEL: ParcelLabel,
    Format.BIN: BinLabel,
    Format.TOTE: ToteLabel,
    Format.ITEM: ItemLabel,
    Format.PALLET: PalletLabel,
}


@label_app.command("preview")
def preview_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="What stands on the label.")],
    format_: Annotated[Format, typer.Option("--format", help="What it is stuck on.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Written as .png, .pdf or .zpl.")],
    dpi: Annotated[Resolution, typer.Option(help="Of the printer; a PDF has none.")] = (
        Resolution.DPI_203
    ),
) -> None:
    """Draw a label into a file, as a printer prints it."""
    if out.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter("its name ends in .png, .pdf or .zpl", param_hint="--out")
    try:
        drawn = _drawn(_read(file, FORMATS[format_]), out.suffix.lower(), int(dpi))
        out.write_bytes(drawn)
    except LabelRefused as refused:
        pointer = f"/{refused.field}" if refused.field else "the file"
        typer.echo(f"{file}: {pointer}: {refused}", err=True)
        raise typer.Exit(1) from refused
    typer.echo(f"{out}: {len(drawn)} bytes", err=True)


def _drawn(label: Label, suffix: str, dpi: int) -> bytes:
    if suffix == ".png":
        return render_image(label, dpi)
    if suffix == ".pdf":
        return render_pdf(label)
    return render_zpl(label, dpi).encode()


def _read(file: Path, kind: type[Label]) -> Label:
    """The label that a file describes. Raises: LabelRefused; OSError, the file is not there."""
    from pydantic import TypeAdapter, ValidationError
    from pydantic_core import ErrorDetails, from_json

    with file.open("rb") as opened:
        data = opened.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise LabelRefused("", f"longer than {BYTES_MAX} bytes")
    try:
        described = from_json(data)
    except ValueError as error:
        raise LabelRefused("", f"is no JSON: {error}") from error
    if not isinstance(described, dict):
        raise LabelRefused("", "is no JSON object")
    known = [field.name for field in dataclasses.fields(kind)]
    for name in described:
        if name not in known:
            raise LabelRefused(name, f"is not known here: {', '.join(known)}")
    try:
        return TypeAdapter[Label](kind).validate_python(described)
    except ValidationError as error:
        first: ErrorDetails = error.errors(include_url=False)[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, LabelRefused):
            raise cause from error
        pointer = "/".join(map(str, first["loc"]))
        raise LabelRefused(pointer, first["msg"]) from error
