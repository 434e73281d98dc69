"""A house finds its data keys, makes them once, and goes nowhere with the wrong ones."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.data_key import key_file, read_keyset, write_keyset
from api.settings import Settings, SettingsError
from api.wiring import open_house
from tests.key import DATA_KEYS, KEYSET
from wms.database.seal import Keyset


def test_roles_that_start_together_have_the_same_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: read_keyset(settings), range(16)))
    assert all(keyset == found[0] for keyset in found)
    assert stat.S_IMODE(key_file(settings).stat().st_mode) == 0o600
    assert [file.name for file in settings.home.iterdir()] == ["data.keys"]


def test_keys_of_the_settings_come_first_and_show_nowhere(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, data_keys=DATA_KEYS)
    assert read_keyset(settings) == KEYSET
    assert not key_file(settings).exists()
    assert "c3Rv" not in repr(settings)
    with pytest.raises(SettingsError, match="STOWLINE_DATA_KEYS"):
        write_keyset(settings, KEYSET)


def test_a_broken_file_is_named_without_what_is_in_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    key_file(settings).write_text("k1:c2VjcmV0")
    with pytest.raises(SettingsError) as refused:
        read_keyset(settings)
    assert "data.keys" in str(refused.value) and "c2Vj" not in str(refused.value)


async def _open(settings: Settings) -> Keyset:
    async with open_house(settings, "test", 2) as house:
        return house.keyset


async def test_a_machine_with_other_keys_is_turned_away(database: str, tmp_path: Path) -> None:
    first = Settings(database_url=database, home=tmp_path / "first")
    both = await asyncio.gather(_open(first), _open(first))
    assert both[0] == both[1]
    bare = Settings(database_url=database, home=tmp_path / "second")
    with pytest.raises(SettingsError, match="Bring them"):
        await _open(bare)
    assert not key_file(bare).exists()
    other = Settings(database_url=database, home=tmp_path, data_keys=Keyset.new().text())
    with pytest.raises(SettingsError, match=both[0].newest):
        await _open(other)
    brought = Settings(database_url=database, home=tmp_path, data_keys=both[0].text())
    assert await _open(brought) == both[0]
