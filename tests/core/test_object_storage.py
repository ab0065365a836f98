"""Both storages keep one contract: content in, digest out, the same bytes back or a refusal."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from grants_app.core.object_storage import S3Storage
from grants_app.core.storage import DamagedError, LocalStorage, Storage, TooLargeError

BODY = "Кошторис проєкту".encode() * 1000
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """A store that speaks S3 on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> S3Storage:
    """An empty bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    name = f"grants-{tmp_path.name.replace('_', '-').lower()}"[:60].rstrip("-")
    client = boto3.client("s3", endpoint_url=object_store, region_name="eu-central-1")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return S3Storage(name, endpoint=object_store, region="eu-central-1")


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Each storage in turn."""
    if request.param == "folder":
        return LocalStorage(tmp_path / "files")
    bucket: S3Storage = request.getfixturevalue("bucket")
    return bucket


def test_stored_bytes_come_back(storage: Storage) -> None:
    stored = storage.put(io.BytesIO(BODY), limit=len(BODY))
    assert (stored.sha256, stored.size) == (DIGEST, len(BODY))
    assert storage.read(DIGEST) == BODY
    assert storage.has(DIGEST)


def test_same_content_twice_is_one_file(storage: Storage) -> None:
    assert storage.put(io.BytesIO(BODY), limit=len(BODY)) == storage.put(io.BytesIO(BODY), limit=len(BODY))
    assert storage.read(DIGEST) == BODY


def test_one_byte_too_much_keeps_nothing(storage: Storage) -> None:
    with pytest.raises(TooLargeError):
        storage.put(io.BytesIO(BODY), limit=len(BODY) - 1)
    assert not storage.has(DIGEST)


def test_unknown_digest_is_not_there(storage: Storage) -> None:
    assert not storage.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        storage.read("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../secret_key", DIGEST.upper(), DIGEST[:-1]])
def test_text_that_is_no_digest_is_refused(storage: Storage, digest: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal signs"):
        storage.read(digest)


def test_swapped_bytes_in_the_bucket_are_not_served(bucket: S3Storage) -> None:
    bucket.put(io.BytesIO(BODY), limit=len(BODY))
    bucket._client.put_object(Bucket=bucket.bucket, Key=bucket._key(DIGEST), Body=b"another report")
    with pytest.raises(DamagedError):
        bucket.read(DIGEST)


def test_bucket_of_somebody_else_is_not_reachable(bucket: S3Storage, object_store: str) -> None:
    assert bucket.is_reachable()
    assert not S3Storage("no-such-bucket", endpoint=object_store, region="eu-central-1").is_reachable()
