"""Settings come from the environment, once, and a wrong one is named."""

from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, setting_rows


def test_what_is_not_set_has_its_default() -> None:
    settings = Settings.from_environment({"PATH": "/bin", "STOWLINE_PORT": ""})
    assert settings == Settings()
    assert settings.port == 8080 and settings.database_url is None


def test_values_are_parsed_to_their_types() -> None:
    settings = Settings.from_environment(
        {
            "STOWLINE_HOME": "/srv/stowline",
            "STOWLINE_PORT": "0",
            "STOWLINE_PROMISE_TTL_S": "90.5",
            "STOWLINE_SEED": "7",
            "STOWLINE_MQTT_URL": "mqtt://127.0.0.1:1883",
        }
    )
    assert settings.home == Path("/srv/stowline")
    assert (settings.port, settings.promise_ttl_s, settings.seed) == (0, 90.5, 7)
    assert settings.mqtt_url == "mqtt://127.0.0.1:1883"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOWLINE_PORT", "many"),
        ("STOWLINE_PORT", "-1"),
        ("STOWLINE_PROMISE_TTL_S", "nan"),
        ("STOWLINE_LOG_FORMAT", "xml"),
        ("STOWLINE_PROT", "8080"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_another_process_reads_the_same_settings() -> None:
    settings = Settings(port=0, seed=3, home=Path("/srv/x"), database_url="postgresql://h/d")
    assert Settings.from_environment(settings.to_environment()) == settings


def test_every_setting_is_described() -> None:
    rows = setting_rows()
    assert {row.variable for row in rows} >= {"STOWLINE_DATABASE_URL", "STOWLINE_HOME"}
    assert all(row.about for row in rows)
