"""A cable lies before each machine where faults of the network are wanted, and nowhere else."""

import asyncio

from sim.cabling import Cabling
from sim.fault import Fault
from tests.patience import PATIENCE_S

HOST = "127.0.0.1"


def test_without_faults_of_the_network_everything_is_reached_directly() -> None:
    cabling = Cabling(HOST, frozenset({Fault.JAM}))
    assert cabling.behind(5_020) == 5_020
    assert cabling.before("mqtt://broker:1884") == "mqtt://broker:1884"
    assert cabling.cables == []


async def test_with_them_the_known_port_is_the_cables_and_leads_to_the_machine() -> None:
    cabling = Cabling(HOST, frozenset({Fault.NETWORK_CUT}))
    inner = cabling.behind(0)

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    machine = await asyncio.start_server(greet, HOST, inner)
    (cable,) = cabling.cables
    port = await cable.start(HOST)
    reader, writer = await asyncio.open_connection(HOST, port)
    assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b"hello"
    writer.close()
    await cabling.stop()
    machine.close()


def test_a_url_keeps_its_user_and_says_where_the_cable_begins() -> None:
    cabling = Cabling(HOST, frozenset({Fault.HALF_OPEN}))
    url = cabling.before("mqtt://me:secret@broker.example:1884")
    assert url.startswith(f"mqtt://me:secret@{HOST}:")
    assert cabling.cables[0].upstream == ("broker.example", 1_884)
    assert cabling.before("mqtts://broker.example").startswith(f"mqtts://{HOST}:")
    assert cabling.cables[1].upstream == ("broker.example", 8_883)
