"""`stowline key`: made, listed, revoked; a third is refused with what to do."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.settings import Settings
from tests.key import DATA_KEYS
from wms.error import WmsError


def run(settings: Settings, *arguments: str) -> Result:
    environment = settings.to_environment() | {"COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["key", *arguments], env=environment)


def said(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def refused(done: Result, code: str) -> str:
    assert isinstance(done.exception, WmsError), done.output
    assert done.exception.code == code
    return done.exception.detail


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database, data_keys=DATA_KEYS, home=tmp_path)


def test_a_third_key_is_refused_with_what_to_do_and_a_revoked_one_makes_room(
    settings: Settings,
) -> None:
    shop = ("--shop", "Two Keys")
    first = said(run(settings, "create", *shop))
    said(run(settings, "create", *shop, "--scope", "orders:write", "--scope", "items:read"))
    assert "stowline key revoke" in refused(run(settings, "create", *shop), "too_many_keys")
    said(run(settings, "create", *shop, "--sandbox"))
    prefix = first.split("_")[1]
    assert said(run(settings, "revoke", prefix)) == f"revoked {prefix}"
    said(run(settings, "create", *shop, "--requests-per-s", "5"))
    listed = json.loads(said(run(settings, "list", *shop, "--json")))["keys"]
    assert [(key["scopes"], key["sandbox"], bool(key["revoked_at"])) for key in listed] == [
        ([], False, True),
        (["orders:write", "items:read"], False, False),
        ([], True, False),
        ([], False, False),
    ]
    assert (listed[3]["requests_per_s"], listed[3]["burst"]) == (5.0, 25)
    assert first not in said(run(settings, "list"))
    refused(run(settings, "revoke", "0123456789ab"), "key_not_found")
    unknown = refused(run(settings, "create", *shop, "--scope", "all"), "unknown_scope")
    assert "orders:read" in unknown
    assert run(settings, "create", *shop, "--burst", "5").exit_code == 2
