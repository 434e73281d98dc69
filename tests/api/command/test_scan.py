"""`stowline scan explain` as an engineer runs it who sets up a reader."""

import json

import pytest
from typer.testing import CliRunner

from api.cli import app

GTIN = "09501101530003"


def explain(*arguments: str) -> tuple[int, str]:
    """The exit code and what was said."""
    done = CliRunner().invoke(app, ["scan", "explain", *arguments])
    return done.exit_code, done.stdout


def told(*arguments: str) -> tuple[int, dict[str, object]]:
    """The exit code and the JSON."""
    code, said = explain(*arguments, "--json")
    answer = json.loads(said)
    assert isinstance(answer, dict)
    return code, answer


@pytest.mark.parametrize("fnc1", ["<GS>", "\\x1d", "\x1d", "␝"])
def test_a_code_is_told_element_by_element(fnc1: str) -> None:
    code, answer = told(f"]C101{GTIN}10LOT{fnc1}3103001250")
    assert (code, answer["kind"], answer["value"], answer["fault"]) == (0, "gtin", GTIN, None)
    assert (answer["aim"], answer["symbology"]) == ("]C1", "GS1 128")
    elements = answer["elements"]
    assert isinstance(elements, list)
    assert [(each["ai"], each["title"], each["says"]) for each in elements] == [
        ("01", "GTIN", "prefix 950 of GS1 Global Office, company 950110153"),
        ("10", "BATCH/LOT", ""),
        ("3103", "NET WEIGHT (kg)", "1.250"),
    ]


def test_words_are_for_people() -> None:
    code, said = explain("10LOT", "--aim", "]C1")
    assert code == 0
    assert said.splitlines() == [
        "elements",
        "symbology ]C1 GS1 128",
        "(10)   BATCH/LOT               LOT",
        "missing: (10) goes with (01) or (02) or (03) or (8006) or (8026)",
    ]


def test_a_fault_is_told_and_is_exit_code_1() -> None:
    code, answer = told(f"01{GTIN}10ABC17261231")
    assert code == 1 and answer["elements"] == [] and answer["value"] == ""
    assert "FNC1 is missing" in str(answer["fault"])
    code, said = explain("340123450000000179")
    assert code == 1 and "fault: SSCC 340123450000000179: wrong check digit" in said


def test_what_the_reader_types_around_a_code_goes() -> None:
    code, answer = told("~ST-00042#", "--prefix", "~S", "--suffix", "#")
    assert (code, answer["kind"], answer["value"]) == (0, "tote", "T-00042")
