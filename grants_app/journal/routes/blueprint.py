"""The blueprint of the journal, letters and jobs."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("journal", __name__, url_prefix="/journal")
