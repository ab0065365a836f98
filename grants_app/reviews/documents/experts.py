"""Frames of tables about experts that belong to no one competition."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from grants_app.core import clock
from grants_app.web import formatting
from grants_app.web.export import Block, Document


def pool_frame(*, lang: str) -> Document:
    """The frame of the pool."""
    title = _("Pool of experts")
    return Document(
        title=title,
        caption=current_app.config["SETTINGS"].city_name,
        blocks=[
            Block("text", text=_("As of %(moment)s", moment=formatting.stamp(clock.now()))),
            Block("rows"),
        ],
        landscape=True,
        foot=title,
        lang=lang,
    )
