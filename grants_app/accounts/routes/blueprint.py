"""The one blueprint of accounts; its addresses stand at the root, because people type them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
