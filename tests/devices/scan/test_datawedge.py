"""DataWedge's extras say the same as a wedge and as MQTT."""

from typing import Any

import pytest

from devices.error import DecodeError
from devices.gs1 import FNC1, parse_scan
from devices.scan.datawedge import read_intent
from devices.scan.reading import Reading
from devices.scan.wedge import WedgeFormat

NAME = "com.symbol.datawedge."


def extras(**named: object) -> dict[str, object]:
    """Extras under their whole names, with what else always comes along."""
    always: dict[str, object] = {
        f"{NAME}source": "scanner",
        "com.motorolasolutions.emdk.datawedge.source": "scanner",
    }
    return always | {NAME + name: value for name, value in named.items()}


def test_a_code_comes_with_the_symbology_of_its_label_type() -> None:
    given = extras(data_string="00340123450000000178", label_type="LABEL-TYPE-EAN128")
    assert read_intent(given) == (Reading("00340123450000000178", "]C1"),)


def test_a_symbology_in_the_data_comes_first() -> None:
    given = extras(data_string="]C0T-00042\r\n", label_type="LABEL-TYPE-EAN128")
    assert read_intent(given) == (Reading("T-00042", "]C0"),)


def test_a_symbology_that_may_be_either_is_left_to_the_data() -> None:
    given = extras(data_string=f"{FNC1}10LOT", label_type="LABEL-TYPE-QRCODE")
    (reading,) = read_intent(given)
    assert parse_scan(reading.raw, reading.aim).element("10") == "LOT"


def test_prefix_and_suffix_of_the_formatting_plug_in_go() -> None:
    given = extras(data_string="P>T-00042<", label_type="LABEL-TYPE-CODE128")
    assert read_intent(given, WedgeFormat("P>", "<")) == (Reading("T-00042", "]C0"),)


def test_names_may_have_lost_their_beginning() -> None:
    assert read_intent({"data_string": "T-1"}) == (Reading("T-1"),)


def test_the_bytes_count_where_there_is_no_text() -> None:
    signed = [byte - 256 if byte > 127 else byte for byte in "Größe".encode()]
    assert read_intent(extras(decode_data=[signed])) == (Reading("Größe"),)
    assert read_intent(extras(decode_data=[[84, 45], [49]])) == (Reading("T-1"),)
    assert read_intent(extras(decode_data=[[0xFC]])) == (Reading("ü"),)


def test_several_codes_of_one_trigger_pull_are_several() -> None:
    codes = [extras(data_string="T-00042"), extras(data_string="T-00043")]
    assert read_intent(extras(barcodes=codes)) == (Reading("T-00042"), Reading("T-00043"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"data_string": 7},
        {"data_string": "T\0"},
        {"data_string": "\ud800"},
        {"data_string": "T-1", "label_type": 5},
        {"decode_data": "VA=="},
        {"decode_data": []},
        {"decode_data": [[300]]},
        {"decode_data": [[True]]},
        {"decode_data": [["84"]]},
        {"barcodes": "T-1"},
        {"barcodes": []},
        {"barcodes": ["T-1"]},
        {"barcodes": [{}]},
        {"barcodes": [{"data_string": "T-1"}] * 33},
    ],
)
def test_extras_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(DecodeError, match=r"data_string|decode_data|label_type|barcodes"):
        read_intent(given)
