"""`i18n merge` and `i18n check`: the one Ukrainian catalogue, made from the parts that stand beside each stage."""

from __future__ import annotations

import json
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from flask.cli import AppGroup

FOLDER = Path(__file__).resolve().parent.parent / "translations"
PARTS = FOLDER / "parts"
CATALOGUE = FOLDER / "uk" / "LC_MESSAGES" / "messages.po"
UKRAINIAN_FORMS = 3

i18n = AppGroup("i18n", help="The translations.")


@i18n.command("merge")
def merge() -> None:
    """Write the catalogue anew from translations/parts/*.json."""
    catalogue = merged()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, sort_output=True, omit_header=False, width=0)
    click.echo(f"{len(catalogue)} messages written to {CATALOGUE.relative_to(FOLDER.parent.parent)}.")


@i18n.command("check")
def check() -> None:
    """Say which part disagrees with the catalogue; the status is 1 when it must be merged again."""
    if texts(merged()) != texts(stored()):
        raise click.ClickException("the catalogue is older than its parts: run `flask --app grants_app i18n merge`")
    click.echo("The catalogue agrees with its parts.")


def merged() -> Catalog:
    """The catalogue of all parts together.

    Raises ClickException when two parts translate one message differently, or a plural lacks a form.
    """
    # Dates and versions stay out: they would change the file without changing a text.
    catalogue = Catalog(locale="uk", project="grants-app", version="1", fuzzy=False)
    catalogue.mime_headers = [
        ("Language", "uk"),
        ("Plural-Forms", catalogue.plural_forms),
        ("Content-Type", "text/plain; charset=utf-8"),
    ]
    found: dict[str, tuple[str, str | list[str]]] = {}
    faults: list[str] = []
    for path in sorted(PARTS.glob("*.json")):
        for msgid, text in json.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(text, list) and len(text) != UKRAINIAN_FORMS:
                faults.append(f"{path.name}: {msgid!r} needs {UKRAINIAN_FORMS} forms, it has {len(text)}")
            part, before = found.setdefault(msgid, (path.name, text))
            if before != text:
                faults.append(f"{msgid!r} is {before!r} in {part} and {text!r} in {path.name}")
    if faults:
        raise click.ClickException("\n".join(faults))
    for msgid, (_, text) in found.items():
        plural = isinstance(text, list)
        flags = ["python-format"] if "%(" in msgid else []
        catalogue.add((msgid, msgid) if plural else msgid, tuple(text) if plural else text, flags=flags)
    return catalogue


def stored() -> Catalog:
    """The catalogue as it stands in its file."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="uk")


def texts(catalogue: Catalog) -> dict[str, str | tuple[str, ...]]:
    """Translation by message; of a plural, by its singular."""
    return {
        message.id[0] if isinstance(message.id, list | tuple) else str(message.id): (
            tuple(message.string) if isinstance(message.string, list | tuple) else str(message.string)
        )
        for message in catalogue
        if message.id
    }


COMMANDS = (i18n,)
