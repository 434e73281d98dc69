"""Files that are planned: what is refused, in a plain sentence, and what is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.plan.batch import BatchInput
from api.plan.batch_answer import BatchOutput
from api.plan.file import batch_file, pointer_of, route_file, tour_file, wave_file
from api.plan.refusal import PlanRefused
from api.plan.route import RouteInput
from api.plan.schema import FOLDER, schemas
from api.plan.tour import TourInput
from api.plan.wave import WaveInput
from routing.pick.wave.problem import WaveProblem
from tests.architecture.source import ROOT

LAYOUT = {"aisles": 4, "aisle_length_mm": 9_000, "aisle_pitch_mm": 3_000}
STOP = {"aisle": 1, "position_mm": 500}


def written(tmp_path: Path, content: object) -> Path:
    """A file with bytes, a text, or anything else as JSON."""
    path = tmp_path / "plan.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (bytes(range(256)), "neither JSON nor a text file"),
        ("{", "invalid JSON"),
        ("[]", "the whole file"),
        ("nothing of the kind", "line 1"),
        ({"stops": [STOP]}, "either layout or walkways"),
        ({"layout": LAYOUT, "stops": []}, "/stops"),
        ({"layout": LAYOUT, "stops": [STOP], "stopps": []}, "/stopps: there is no field"),
        ({"layout": LAYOUT | {"aisles": 0}, "stops": [STOP]}, "/layout/aisles"),
        ({"layout": LAYOUT | {"depot_aisle": 9}, "stops": [STOP]}, "/layout: depot_aisle 9"),
        ({"layout": LAYOUT, "stops": [STOP | {"aisle": -1}]}, "/stops/0/aisle"),
        ({"layout": LAYOUT, "stops": [STOP | {"aisle": "1"}]}, "/stops/0/aisle"),
        ({"layout": LAYOUT, "stops": [STOP, {"node": 1}]}, "stop 1 names no place"),
        ({"layout": LAYOUT, "cart": {"mass_g_max": 1}, "loads": []}, "stowline plan batch"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(
    tmp_path: Path, content: object, words: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(PlanRefused) as refused:
        tour_file(path)
    assert words in str(refused.value)
    assert "plan.json" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanRefused, match="no such file"):
        wave_file(tmp_path / "away.json")
    with pytest.raises(PlanRefused, match="is a folder"):
        batch_file(tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"loads": [{"id": "A", "stops": [STOP]}] * 2}, "load A is listed twice"),
        ({"loads": [{"id": "A", "stops": []}]}, "/loads/0/stops"),
        ({"shifts": [{"picker": "Ada", "start_s": 9, "end_s": 3}]}, "/shifts/0: the shift of Ada"),
        ({"cart": {"mass_g_max": 0}}, "/cart/mass_g_max"),
        ({"hand_over": "throw"}, "/hand_over"),
    ],
)
def test_loads_that_make_no_sense_are_refused(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    file = {"layout": LAYOUT, "cart": {"mass_g_max": 9}, "loads": []} | changed
    with pytest.raises(PlanRefused) as refused:
        batch_file(written(tmp_path, file))
    assert words in str(refused.value)


def test_a_wave_s_names_are_its_own(tmp_path: Path) -> None:
    order = {"id": "A", "lines": [{"item": "TEA", "quantity": 1}]}
    file = {"orders": [order, order], "aisles": [], "units_min": 0, "units_max": 1}
    with pytest.raises(PlanRefused, match="order A is listed twice"):
        wave_file(written(tmp_path, file))


def test_the_challenge_s_format_is_known_by_its_content(tmp_path: Path) -> None:
    read = wave_file(written(tmp_path, "1 1 1\n1 0 2\n1 0 3\n1 5\n"))
    assert isinstance(read, WaveProblem)
    assert (read.orders, read.aisles) == ((((0, 2),),), (((0, 3),),))


def test_what_a_load_weighs_is_what_its_stops_say_unless_it_says_it_itself(tmp_path: Path) -> None:
    stops = [STOP | {"mass_g": 20, "volume_ml": 7}, STOP | {"mass_g": 5}]
    loads = [{"id": "A", "stops": stops}, {"id": "B", "stops": stops, "mass_g": 1}]
    file = {"layout": LAYOUT, "cart": {"mass_g_max": 9}, "loads": loads}
    read = batch_file(written(tmp_path, file))
    assert isinstance(read, BatchInput)
    assert [(load.mass_g, load.volume_ml) for load in read.problem().loads] == [(25, 7), (1, 7)]


def test_a_pointer_leads_to_the_field() -> None:
    assert pointer_of(("stops", 3, "in_aisle", "a/b~c")) == "/stops/3/a~1b~0c"


def test_the_schemas_are_those_of_the_models() -> None:
    made = schemas()
    assert {path.name for path in FOLDER.iterdir()} == set(made)
    for name, text in made.items():
        assert (FOLDER / name).read_text("utf-8") == text, "python -m api.plan.schema"


def test_every_field_is_described() -> None:
    for text in schemas().values():
        schema = json.loads(text)
        for part in (schema, *schema["$defs"].values()):
            for name, field in part.get("properties", {}).items():
                assert field.get("description") or "$ref" in field, name


def test_the_schemas_examples_are_read() -> None:
    for model in (TourInput, BatchInput, WaveInput, RouteInput):
        for example in model.model_json_schema()["examples"]:
            model.model_validate_json(json.dumps(example))


def _routes(path: Path) -> object:
    return route_file(path, None)


@pytest.mark.parametrize("path", sorted((ROOT / "examples/plan").glob("*.json")), ids=str)
def test_every_example_is_of_one_command(path: Path) -> None:
    taken = 0
    for read in (tour_file, batch_file, wave_file, _routes):
        try:
            read(path)
            taken += 1
        except PlanRefused:
            continue
    assert taken == 1


def test_the_outputs_refuse_what_is_not_theirs() -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        BatchOutput.model_validate({"surprise": 1})
