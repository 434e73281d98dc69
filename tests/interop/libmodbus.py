"""libmodbus 3.1 through ctypes: its client, and what its server is made of."""

import ctypes
from collections.abc import Sequence
from types import TracebackType
from typing import Self

LIBRARY = "libmodbus.so.5"
# Exceptions of the other side come as errno from here on. Source: modbus.h, MODBUS_ENOBASE.
ENOBASE = 112_345_678
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2


class Mapping(ctypes.Structure):
    """What a server answers from. Source: modbus.h, modbus_mapping_t."""

    _fields_ = (
        ("nb_bits", ctypes.c_int),
        ("start_bits", ctypes.c_int),
        ("nb_input_bits", ctypes.c_int),
        ("start_input_bits", ctypes.c_int),
        ("nb_input_registers", ctypes.c_int),
        ("start_input_registers", ctypes.c_int),
        ("nb_registers", ctypes.c_int),
        ("start_registers", ctypes.c_int),
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    )


class ModbusFault(Exception):
    """A call failed; `code` is the Modbus exception, or None where nothing was answered."""

    def __init__(self, what: str, number: int) -> None:
        super().__init__(f"{what}: errno {number}")
        self.code = number - ENOBASE if number > ENOBASE else None


def load() -> ctypes.CDLL:
    """Load the library. Raises: OSError where there is none."""
    library = ctypes.CDLL(LIBRARY, use_errno=True)
    context = ctypes.c_void_p
    library.modbus_new_tcp.restype = context
    library.modbus_new_tcp.argtypes = [ctypes.c_char_p, ctypes.c_int]
    library.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
    for name in ("connect", "close", "free", "tcp_listen", "receive", "reply", "set_slave"):
        getattr(library, f"modbus_{name}").argtypes = [context]
    library.modbus_set_slave.argtypes = [context, ctypes.c_int]
    library.modbus_set_response_timeout.argtypes = [context, ctypes.c_uint32, ctypes.c_uint32]
    library.modbus_tcp_listen.argtypes = [context, ctypes.c_int]
    library.modbus_tcp_accept.argtypes = [context, ctypes.POINTER(ctypes.c_int)]
    library.modbus_receive.argtypes = [context, ctypes.c_char_p]
    library.modbus_reply.argtypes = [
        *(context, ctypes.c_char_p, ctypes.c_int),
        ctypes.POINTER(Mapping),
    ]
    words = ctypes.POINTER(ctypes.c_uint16)
    for name in ("read_registers", "read_input_registers", "write_registers"):
        call = getattr(library, f"modbus_{name}")
        call.argtypes = [context, ctypes.c_int, ctypes.c_int, words]
    library.modbus_write_and_read_registers.argtypes = [
        *(context, ctypes.c_int, ctypes.c_int, words),
        *(ctypes.c_int, ctypes.c_int, words),
    ]
    return library


class Client:
    """A Modbus TCP client; its calls block, so they belong in a thread."""

    def __init__(self, port: int, unit: int = 1) -> None:
        self._library = load()
        self._context = self._library.modbus_new_tcp(b"127.0.0.1", port)
        self._library.modbus_set_slave(self._context, unit)
        self._library.modbus_set_response_timeout(self._context, 60, 0)

    def __enter__(self) -> Self:
        self._check("connect", self._library.modbus_connect(self._context))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._library.modbus_close(self._context)
        self._library.modbus_free(self._context)

    def read(self, start: int, count: int) -> list[int]:
        """Function 3. Raises: ModbusFault."""
        words = (ctypes.c_uint16 * count)()
        done = self._library.modbus_read_registers(self._context, start, count, words)
        self._check("read", done)
        return list(words)

    def read_inputs(self, start: int, count: int) -> list[int]:
        """Function 4. Raises: ModbusFault."""
        words = (ctypes.c_uint16 * count)()
        done = self._library.modbus_read_input_registers(self._context, start, count, words)
        self._check("read inputs", done)
        return list(words)

    def write(self, start: int, values: Sequence[int]) -> None:
        """Function 16. Raises: ModbusFault."""
        words = (ctypes.c_uint16 * len(values))(*values)
        done = self._library.modbus_write_registers(self._context, start, len(values), words)
        self._check("write", done)

    def write_and_read(
        self, write_start: int, values: Sequence[int], read_start: int, count: int
    ) -> list[int]:
        """Function 23. Raises: ModbusFault."""
        words = (ctypes.c_uint16 * len(values))(*values)
        found = (ctypes.c_uint16 * count)()
        done = self._library.modbus_write_and_read_registers(
            *(self._context, write_start, len(values), words),
            *(read_start, count, found),
        )
        self._check("write and read", done)
        return list(found)

    def _check(self, what: str, done: int) -> None:
        if done == -1:
            raise ModbusFault(what, ctypes.get_errno())
