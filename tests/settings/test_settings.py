"""Settings of an installation: read once, checked, documented."""

from __future__ import annotations

import re
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from config import Settings, SettingsError, flask_config, read_settings
from tests.support.source import ROOT


def test_settings_without_environment_are_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_settings_read_by_their_kind() -> None:
    settings = read_settings({"GRANTS_PRODUCTION": "yes", "GRANTS_MAIL_PORT": "587", "GRANTS_CITY_NAME": "Тестове"})
    assert (settings.production, settings.mail_port, settings.city_name) == (True, 587, "Тестове")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("GRANTS_PRODUCTION", "maybe", "GRANTS_PRODUCTION must be true or false, it is 'maybe'"),
        ("GRANTS_MAIL_PORT", "25a", "GRANTS_MAIL_PORT must be a whole number, it is '25a'"),
        ("GRANTS_MAIL_PORT", "١٢", "GRANTS_MAIL_PORT must be a whole number, it is '١٢'"),
        ("GRANTS_LOG_LEVEL", "LOUD", "GRANTS_LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, it is 'LOUD'"),
    ],
)
def test_wrong_setting_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings({name: text})
    assert refusal.value.message == sentence


def test_production_without_a_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        flask_config(Settings(instance=str(tmp_path), production=True))
    assert refusal.value.message == "GRANTS_SECRET_KEY or GRANTS_SECRET_KEY_FILE must be set in production"
    assert list(tmp_path.iterdir()) == []


def test_secret_key_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    settings = Settings(instance=str(tmp_path))
    first = flask_config(settings)["SECRET_KEY"]
    second = flask_config(settings)["SECRET_KEY"]
    assert first == second
    assert len(str(first)) >= 43
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_settings_all_documented_with_their_defaults() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `GRANTS_([A-Z_]+)` \| (.*?) \|", text, re.MULTILINE))
    expected = {field.name.upper(): _shown(field.default) for field in fields(Settings)}
    expected["INSTANCE"] = "`instance`"
    assert rows == expected


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default != "" else ""
