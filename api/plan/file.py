"""A file to be planned: what it holds is told by its content, not by its name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from api.plan.batch import BatchInput
from api.plan.floor import TAGS
from api.plan.refusal import PlanRefused
from api.plan.route import RouteInput
from api.plan.tour import TourInput
from api.plan.wave import WaveInput
from routing.delivery.reader.instance import Rounding, RouteFile
from routing.delivery.reader.text import read_bytes as read_route_bytes
from routing.pick.batch.problem import BatchProblem
from routing.pick.reader.kind import TourInput as TourText
from routing.pick.reader.text import read_bytes
from routing.pick.wave.problem import WaveProblem
from routing.pick.wave.reader import read_wave

Model = TypeVar("Model", bound=BaseModel)
Read = TypeVar("Read")
BYTES_MAX = 256 * 2**20
# More errors than these of one file help nobody.
ERRORS_TOLD = 8
OTHER: dict[type[BaseModel], str] = {
    TourInput: "stowline plan tour",
    BatchInput: "stowline plan batch",
    WaveInput: "stowline plan wave",
    RouteInput: "stowline plan route",
}


def tour_file(path: Path) -> TourInput | TourText:
    """A file with one walk.

    Raises: PlanRefused with a plain sentence.
    """
    data = _bytes_of(path)
    if _is_json(data):
        return _checked(TourInput, data, path)
    read = _text(lambda: read_bytes(data, path.name), path)
    if isinstance(read, BatchProblem):
        raise PlanRefused(f"{path}: these are orders for carts: `stowline plan batch` plans them")
    return read


def batch_file(path: Path) -> BatchInput | BatchProblem:
    """A file with loads for carts.

    Raises: PlanRefused with a plain sentence.
    """
    data = _bytes_of(path)
    if _is_json(data):
        return _checked(BatchInput, data, path)
    read = _text(lambda: read_bytes(data, path.name), path)
    if isinstance(read, TourText):
        raise PlanRefused(f"{path}: this is a single walk: `stowline plan tour` plans it")
    return read


def wave_file(path: Path) -> WaveInput | WaveProblem:
    """A file with orders that wait.

    Raises: PlanRefused with a plain sentence.
    """
    data = _bytes_of(path)
    if _is_json(data):
        return _checked(WaveInput, data, path)
    return _text(lambda: read_wave(data.decode("utf-8-sig", "replace")), path)


def route_file(path: Path, rounding: Rounding | None) -> RouteInput | RouteFile:
    """A file with stops for vehicles; rounding is for the text formats.

    Raises: PlanRefused with a plain sentence.
    """
    data = _bytes_of(path)
    if _is_json(data):
        return _checked(RouteInput, data, path)
    return _text(lambda: read_route_bytes(data, path.name, rounding), path)


def refuse_unwritable(*paths: Path | None) -> None:
    """A file that is to be written can be, as far as one sees before a search.

    Raises: PlanRefused naming the path.
    """
    for path in paths:
        if path is not None and path.is_dir():
            raise PlanRefused(f"{path}: is a folder, and a file is to be written there")
        if path is not None and not path.absolute().parent.is_dir():
            raise PlanRefused(f"{path}: there is no folder {path.parent} to write it to")


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise PlanRefused(f"{path}: is a folder, not a file")
    try:
        if path.stat().st_size > BYTES_MAX:
            raise PlanRefused(f"{path}: is larger than {BYTES_MAX // 2**20} MB")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PlanRefused(f"{path}: there is no such file") from error
    except OSError as error:
        raise PlanRefused(f"{path}: cannot be read: {error.strerror}") from error
    if not data.strip():
        raise PlanRefused(f"{path}: is empty")
    if any(byte < 9 or 13 < byte < 32 for byte in data[:100_000]):
        raise PlanRefused(f"{path}: is neither JSON nor a text file of a known format")
    return data


def _is_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b'"')


def _text(read: Callable[[], Read], path: Path) -> Read:
    try:
        return read()
    except ValueError as error:
        said = str(error)
        raise PlanRefused(said if path.name in said else f"{path}: {said}") from error


def _checked(model: type[Model], data: bytes, path: Path) -> Model:
    try:
        return model.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        raise PlanRefused(_told(model, error, path)) from error


def _told(model: type[BaseModel], error: ValidationError, path: Path) -> str:
    found = error.errors(include_url=False, include_context=False)
    # The errors of a file that was meant for another command would be many and of no use.
    names = {str(one["loc"][0]) for one in found if one["type"] == "extra_forbidden"}
    for other, command in OTHER.items():
        missed = names - set(model.model_fields)
        if other is not model and len(missed & set(other.model_fields)) > 1:
            return f"{path}: this looks like a file for `{command}`"
    said = [
        f"{pointer_of(one['loc']) or 'the whole file'}: {_plain(one['msg'])}"
        for one in found[:ERRORS_TOLD]
    ]
    if len(found) > ERRORS_TOLD:
        said.append(f"and {len(found) - ERRORS_TOLD} more")
    return f"{path}: " + "; ".join(said)


def pointer_of(where: Sequence[int | str]) -> str:
    """The JSON pointer (RFC 6901) of a place in a file."""
    steps = (str(step) for step in where if step not in TAGS)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _plain(said: str) -> str:
    if said.startswith("Extra inputs"):
        return "there is no field of that name"
    return said.removeprefix("Value error, ")[:1].lower() + said.removeprefix("Value error, ")[1:]
