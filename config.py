"""Settings of one installation, read from GRANTS_* environment variables and validated once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import click

PROJECT_ROOT = Path(__file__).resolve().parent


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(click.ClickException):
    """A setting is missing or wrong; the message, shown by every command, names the variable and what it must be."""


@dataclass(frozen=True)
class Settings:
    """Everything a city may set. Field `x_y` is read from the variable GRANTS_X_Y."""

    instance: str = str(PROJECT_ROOT / "instance")
    database_url: str = ""
    secret_key: str = ""
    secret_key_file: str = ""
    production: bool = False
    demo: bool = False
    public_url: str = "http://127.0.0.1:8000"
    proxy_hops: int = 0
    # The header in which the server in front says when a request was whole; only where it overwrites what comes in.
    arrival_header: str = ""
    product_name: str = "Гранти громади"
    city_name: str = "Надбузька міська рада"
    city_contact: str = "grants@example.org"
    storage_path: str = ""
    storage_bucket: str = ""
    storage_endpoint: str = ""
    storage_region: str = ""
    upload_limit_mb: int = 20
    mail_backend: str = "file"
    mail_path: str = ""
    mail_server: str = "localhost"
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = ""
    mail_use_tls: bool = False
    mail_sender: str = "noreply@example.org"
    queue_path: str = ""
    log_level: str = "INFO"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises SettingsError naming the first variable whose text cannot be read as its kind.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, str | int | bool] = {}
    for field in fields(Settings):
        text = environ.get(f"GRANTS_{field.name.upper()}")
        if text is not None:
            values[field.name] = _read(field.name, str(field.type), text)
    settings = Settings(**values)  # type: ignore[arg-type]  # kinds were checked field by field above
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"GRANTS_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, it is {settings.log_level!r}")
    return settings


def flask_config(settings: Settings) -> dict[str, object]:
    """The mapping handed to Flask; creates the instance folder and, outside production, the secret key."""
    instance = Path(settings.instance)
    instance.mkdir(parents=True, exist_ok=True)
    return {
        "SETTINGS": settings,
        "SECRET_KEY": _secret_key(settings, instance),
        "SQLALCHEMY_DATABASE_URI": settings.database_url or f"sqlite:///{instance / 'grants.sqlite3'}",
        "SESSION_COOKIE_NAME": "grants_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.production,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        # Views that take files say so themselves (web.files.takes_files).
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2_000,
        "BABEL_DEFAULT_LOCALE": "uk",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Kyiv",
        "STORAGE_PATH": settings.storage_path or str(instance / "files"),
        "QUEUE_PATH": settings.queue_path or str(instance / "queue.sqlite3"),
        "MAIL_BACKEND": settings.mail_backend,
        "MAIL_FILE_PATH": settings.mail_path or str(instance / "mail"),
        "MAIL_SERVER": settings.mail_server,
        "MAIL_PORT": settings.mail_port,
        "MAIL_USERNAME": settings.mail_username or None,
        "MAIL_PASSWORD": settings.mail_password or None,
        "MAIL_USE_TLS": settings.mail_use_tls,
        "MAIL_TIMEOUT": 20,  # a silent mail server must not hold the worker
        "MAIL_DEFAULT_SENDER": settings.mail_sender,
    }


def _secret_key(settings: Settings, instance: Path) -> str:
    if settings.secret_key:
        return settings.secret_key
    path = Path(settings.secret_key_file) if settings.secret_key_file else instance / "secret_key"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    if settings.production:
        raise SettingsError("GRANTS_SECRET_KEY or GRANTS_SECRET_KEY_FILE must be set in production")
    key = secrets.token_urlsafe(48)
    # O_EXCL: two processes starting together must not end up with two keys.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _read(name: str, kind: str, text: str) -> str | int | bool:
    if kind == "bool":
        lowered = text.strip().lower()
        if lowered in {"1", "true", "yes"}:
            return True
        if lowered in {"", "0", "false", "no"}:
            return False
        raise SettingsError(f"GRANTS_{name.upper()} must be true or false, it is {text!r}")
    if kind == "int":
        if not text.strip().isascii() or not text.strip().isdigit():
            raise SettingsError(f"GRANTS_{name.upper()} must be a whole number, it is {text!r}")
        return int(text)
    return text
