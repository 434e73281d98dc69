"""Where the fuzzers begin: what is right, and what has been nasty before."""

from devices.link import message
from devices.sorter import message as sorter
from devices.sorter import register, wire

_GTIN = b"0109501101530003"
_SSCC = b"00340123450000000178"
_AIMED = b"\x02"
_STATUS = (
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
)


def _words(words: list[int] | tuple[int, ...]) -> bytes:
    return b"".join(word.to_bytes(2, "big") for word in words)


_RING = tuple(
    sorter.RingEvent(seq, kind, 7, 3, 3, sorter.Reason.NONE, 99, 1)
    for seq, kind in enumerate(sorter.EventType, 65_530)
    if seq <= register.SEQUENCE_MAX
)
_WHOLE = _words(wire.encode_status(sorter.Status(1, 2, sorter.Mode.AUTOMATIC, events=_RING)))
_REQUEST = _words(
    wire.encode_request(sorter.Request(1, 2, commands=(sorter.Command(1, sorter.Op.ASSIGN, 7, 3),)))
)
_EVENT = b'{"boot":7,"seq":812,"at":"2026-11-22T08:00:00Z","aim":"]C1","raw":"00","trigger":4711}'

SEEDS: dict[str, tuple[bytes, ...]] = {
    "scan": (
        _AIMED + _SSCC,
        _AIMED + _GTIN + b"10LOT\x1d17261231",
        _AIMED + _GTIN + b"10LOT17261231",
        _AIMED + b"02095011015300033724" + _SSCC,
        _AIMED + _GTIN + b"42205610LOT",
        _AIMED + b"7251202602282359",
        _AIMED + b"8007DE89370400440532013000",
        _AIMED + b"80131987654Ad4X4bL5ttr2310c2K",
        _AIMED + b"4300A%20B\x1d72582/3\x1d8001" + b"1" * 14,
        _AIMED + b"\x1d\x1d\x1d",
        _AIMED + _GTIN + _GTIN + b"10110LOT17261231",
        _AIMED + b"8110153",
        b"\x00]C1" + _GTIN,
        b"\x00(01)09501101530003(10)LOT",
        b"\x00T-00042\r\n",
        b"\x0010D9T",
        b"\x00https://id.gs1.org/01/09501101530003/10/LOT?17=261231",
        b"\x00https://id.gs1.org/AQnYUc1gmiCNV4JG",
        b"\x00https://[::1/01/%zz",
        b"\x00http://x/8006/095011015300030102?21=%ff;10=a&&=",
        b"\x00" + "٣".encode() * 13,
        b"\x00\xff\xfe\x00",
    ),
    "wedge": (
        b"\x02]C1" + _SSCC + b"\x03\r\n",
        b"~T-00042#\r",
        b"\r\r\n\x03",
        b"\x1d<GS>[GS]\xff\r",
    ),
    "read": (b"NOREAD\nT-00042\n" + _SSCC, b"T-1;T-00042;;\nMULTIREAD", b"??\n000\n"),
    "intent": (
        b'{"com.symbol.datawedge.data_string":"~T-1#","com.symbol.datawedge.label_type":"x"}',
        b'{"decode_data":[[-61,-74],[84]]}',
        b'{"barcodes":[{"data_string":"a"},{"data_string":"\\ud800"}]}',
        b'{"data_string":"\\u0000"}',
        b'{"barcodes":{}}',
        b'{"decode_data":[[1e400]]}',
    ),
    "telegram": (
        _EVENT,
        b'{"boot":7,"upto":812}',
        b'{"online":true,"boot":7}',
        b'{"schema":1,"capabilities":["read"],"boot":7}',
        message.encode_command(message.Command("read", {"a": [1, None, "x"]}, 3, 4)),
        message.encode_reply(message.Reply(3, 4, 4, False, "no", {"a": 1.5})),
        _EVENT.replace(b"2026-11-22T08:00:00Z", b"0001-01-01T00:00:00+23:59"),
        _EVENT.replace(b"812", b"1" * 5_000),
        _EVENT.replace(b"812", b"1e999"),
        _EVENT.replace(b'"00"', b'"\\ud800"'),
        b'{"op":"x","args":{"a":NaN}}',
        b'{"op":"x","args":' + b'{"a":' * 60 + b"1" + b"}" * 61,
        b"[" * 5_000,
        b"\xef\xbb\xbf{}",
    ),
    "topic": (b"wh/v1/main/sorter/scanner/s-1/evt", b"wh/v1/+/#/x/y/evt", b"a/b/c/d", b"wh/v1////"),
    "register": (
        b"\x00" + _WHOLE,
        b"\x02" + _WHOLE,
        b"\x05" + _REQUEST,
        b"\x06" + _REQUEST,
        b"\x01\x00\x01\x00\x01",
        b"\x03" + b"\x00\x01" * 8,
        b"\x04" + _words(wire.encode_event(_RING[0])),
        b"\x00" + b"\x00\x01" * 112,
        b"\x02" + b"\xff" * 224,
        b"\x05" + b"\xff" * 76,
        b"\x02\x00",
    ),
    "printer": (
        _STATUS,
        b'"123456"\r\n',
        b'"?"',
        _STATUS.replace(b"000,0,0,0,000", b"9" * 5_000 + b",0,0,0,000"),
        _STATUS[:40],
        b"\x02,,,,\x03\r\n" * 3,
    ),
}
