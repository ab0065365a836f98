"""The log: one JSON object a line with the number of the request; ids, never personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask

from grants_app.database import request_id


def init_app(app: Flask) -> None:
    """Set the level and the form."""
    structlog.configure(
        processors=[
            _add_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(app.config["SETTINGS"].log_level)),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _add_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    number = request_id.get()
    if number is not None:
        event["request"] = number
    return event
