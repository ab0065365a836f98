"""Files of people: how much of them a request may bring, where their bytes lie, how they are handed out.

The body of a request is cut while it comes: a declared length beyond the view's limit is refused unread, a longer body
without one when it passes the limit. Parts of a form that are files go through memory by pieces into a temporary file
and no further than the limit of one file, so that neither memory nor disk fills.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar, cast
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, request

from grants_app.core.object_storage import S3Storage
from grants_app.core.storage import MOST_AT_ONCE_MB, LocalStorage, Storage

MEGABYTE = 1024 * 1024
KEPT_IN_MEMORY = 512 * 1024
MOST_PARTS = 120  # of a form that brings files
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """The view reads uploaded files: its requests may be as large as all files of an application together."""
    view.takes_files = True  # type: ignore[attr-defined]  # functions take attributes
    return view


class CutFile(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]  # generic only for the checker
    """A temporary file that takes bytes up to a limit and one more, by which it is known that it was cut."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=KEPT_IN_MEMORY, mode="rb+")
        self._left = limit + 1

    def write(self, data: Any) -> int:
        """Keep what fits; the rest of the part is read and dropped."""
        kept = data[: self._left]
        self._left -= len(kept)
        super().write(kept)
        return len(data)


class BoundedRequest(Request):
    """A request whose files are cut at the limit of one file while they come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.received: list[CutFile] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        file = CutFile(largest_file_mb() * MEGABYTE)
        self.received.append(file)
        return cast("IO[bytes]", file)


def init_app(app: Flask) -> None:
    """Bound every request before anything reads its body."""
    app.request_class = BoundedRequest
    app.url_value_preprocessor(_bound)
    app.teardown_request(_close_received)


def _bound(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint is not None and getattr(current_app.view_functions.get(endpoint), "takes_files", False):
        request.max_content_length = (MOST_AT_ONCE_MB + 1) * MEGABYTE
        request.max_form_parts = MOST_PARTS


def _close_received(_error: BaseException | None) -> None:
    """Temporary files go with the request, also those of a body that was cut before the form was whole."""
    for file in getattr(request, "received", ()):
        file.close()


def largest_file_mb() -> int:
    """The largest file, in megabytes."""
    return int(current_app.config["SETTINGS"].upload_limit_mb)


def storage_of(app: Flask) -> Storage:
    """The storage of an installation, opened when it is first needed."""
    settings = app.config["SETTINGS"]
    if not settings.storage_bucket:
        return LocalStorage(Path(app.config["STORAGE_PATH"]))
    if "file_storage" not in app.extensions:
        app.extensions["file_storage"] = S3Storage(
            settings.storage_bucket, endpoint=settings.storage_endpoint, region=settings.storage_region
        )
    storage: Storage = app.extensions["file_storage"]
    return storage


def hand_out(sha256: str, *, name: str, media_type: str) -> Response:
    """The bytes of a stored file, never shown inside the site: an attachment, its type not guessed, sandboxed."""
    response = Response(storage_of(current_app).read(sha256), content_type=media_type)
    plain = name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "") or "file"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
