"""Where uploaded files of this installation lie: a folder, or an object store when the settings name one."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from grants_app.core.object_storage import S3Storage
from grants_app.core.storage import LocalStorage, Storage


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
