"""The gateway's own process."""

import asyncio

import pytest

from api.gateway import __main__ as main


async def _answer() -> int:
    await asyncio.sleep(0)
    return 42


@pytest.mark.parametrize("there", [True, False])
def test_it_runs_with_and_without_uvloop(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if there:
        pytest.importorskip("uvloop")
    else:
        monkeypatch.setattr(main, "find_spec", lambda _name: None)
    factory = main.loop_factory()
    assert (factory is not None) == there
    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(_answer()) == 42
