"""Files in an object store that speaks S3, for installations of several nodes without a common folder.

The digest is the name, as in a local folder, and it travels with the upload: a store that received other bytes refuses.
Credentials come from where boto3 looks for them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role).
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from typing import Any, BinaryIO

from grants_app.core.storage import CHUNK, DamagedError, Stored, TooLargeError

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
KEPT_IN_MEMORY = 4 * CHUNK


class S3Storage:
    """Files in one bucket; whoever has rights on the bucket alone can read them, links to it are never given out."""

    def __init__(self, bucket: str, *, endpoint: str = "", region: str = "") -> None:
        import boto3
        from botocore.config import Config

        self.bucket = bucket
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=region or None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"} if endpoint else {},
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
            ),
        )

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Store the bytes; returns once the store has them. Raises TooLargeError past `limit` bytes."""
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY) as received:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLargeError(limit)
                digest.update(chunk)
                received.write(chunk)
            if not self.has(digest.hexdigest()):
                received.seek(0)
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=self._key(digest.hexdigest()),
                    Body=received,
                    ContentLength=size,
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                )
        return Stored(digest.hexdigest(), size)

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest. Raises FileNotFoundError, or DamagedError when they are not what was stored."""
        try:
            body: bytes = self._client.get_object(Bucket=self.bucket, Key=self._key(sha256))["Body"].read()
        except self._client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(sha256) from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DamagedError(sha256)
        return body

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        from botocore.exceptions import ClientError

        try:
            self._client.head_object(Bucket=self.bucket, Key=self._key(sha256))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise
        return True

    def is_reachable(self) -> bool:
        """Whether the bucket answers to our credentials."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError):
            return False
        return True

    def _key(self, sha256: str) -> str:
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a digest is 64 hexadecimal signs")
        return f"files/{sha256[:2]}/{sha256}"
