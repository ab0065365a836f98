"""Reading of signature containers (CMS .p7s, ASiC-E): what was signed and by whom, without judging the signature.

Certificates of Ukrainian keys (ДСТУ 4145) are read like any other: names, serial numbers and terms stand beside the key
and need no knowledge of it. Nothing here says that a signature is valid; that is for a verifier.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from grants_app.core.archives import DAMAGE

MAX_DEPTH = 40
MAX_NODES = 20_000
MOST_SIGNERS = 10
LONGEST_OID = 64  # bytes; real ones have a dozen, and one of megabytes would be counted for ever
HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "1.3.14.3.2.26": "sha1",
}
SIGNED_DATA = "1.2.840.113549.1.7.2"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"


class NotAContainerError(ValueError):
    """The bytes are no container with a signature."""


@dataclass(frozen=True)
class Signer:
    """What the certificate of a signer says."""

    name: str
    organisation: str
    serial: str
    since: str  # days as ISO
    until: str

    def as_row(self) -> dict[str, str]:
        """For storing."""
        return {
            "name": self.name,
            "organisation": self.organisation,
            "serial": self.serial,
            "from": self.since,
            "until": self.until,
        }


@dataclass
class Container:
    """What was found: signed contents that lie inside, digests of contents that do not, signers."""

    contents: list[bytes] = field(default_factory=list)
    digests: list[tuple[str, bytes]] = field(default_factory=list)
    signers: list[Signer] = field(default_factory=list)

    def is_over(self, original: bytes) -> bool | None:
        """Whether the signature is over these bytes; None where that cannot be known here (other kinds of digests)."""
        if self.contents:
            return original in self.contents
        for name, digest in self.digests:
            return hashlib.new(name, original).digest() == digest
        return None


def read_container(body: bytes) -> Container:
    """Read a container. Raises NotAContainerError."""
    container = Container()
    if body[:2] == b"PK":
        _read_asic(body, container)
    else:
        _read_cms(body, container)
    return container


def _read_asic(body: bytes, container: Container) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = archive.namelist()
            signatures = [name for name in names if name.startswith("META-INF/") and name.lower().endswith(_SIGNED)]
            if not signatures:
                raise NotAContainerError("no signature inside")
            for name in names:
                if name != "mimetype" and not name.startswith("META-INF/") and not name.endswith("/"):
                    container.contents.append(archive.read(name))
            for name in signatures[:MOST_SIGNERS]:
                _read_signature_file(name, archive.read(name), container)
    except NotAContainerError:
        raise
    except (*DAMAGE, RuntimeError) as error:
        raise NotAContainerError("damaged") from error


_SIGNED = (".p7s", ".xml")


def _read_signature_file(name: str, body: bytes, container: Container) -> None:
    if name.lower().endswith(".p7s"):
        inner = Container()
        _read_cms(body, inner)
        container.signers += inner.signers
        return
    for certificate in _certificates_of_xml(body):
        container.signers += _signer_of(certificate)


def _certificates_of_xml(body: bytes) -> Iterator[bytes]:
    """Certificates of an XML signature: found as text, so that no parser follows what the file would have it follow."""
    for found in re.findall(rb"<(?:\w+:)?X509Certificate>([A-Za-z0-9+/=\s]+)</", body)[:MOST_SIGNERS]:
        try:
            yield base64.b64decode(found)
        except binascii.Error:
            continue


def _read_cms(body: bytes, container: Container) -> None:
    root = _one(body)
    parts = root.children
    if root.tag != 0x30 or len(parts) < 2 or parts[0].oid != SIGNED_DATA:
        raise NotAContainerError("no signed data")
    signed = parts[1].children[0] if parts[1].children else None
    if signed is None or signed.tag != 0x30 or len(signed.children) < 4:
        raise NotAContainerError("no signed data")
    content = signed.children[2]
    if len(content.children) > 1 and content.children[1].children:
        container.contents.append(content.children[1].children[0].octets)
    infos = signed.children[-1].children
    if not infos:
        raise NotAContainerError("nobody signed")
    serials = {bytes(info.children[1].children[1].value) for info in infos if _names_issuer(info)}
    for info in infos[:MOST_SIGNERS]:
        container.digests += _digests_of(info)
    certificates = next((part for part in signed.children if part.tag == 0xA0), None)
    for node in (certificates.children if certificates is not None else [])[:50]:
        if node.tag == 0x30 and (not serials or _serial_of(node) in serials):
            container.signers += _signer_of(bytes(node.whole))


def _names_issuer(info: Node) -> bool:
    return len(info.children) > 4 and info.children[1].tag == 0x30 and len(info.children[1].children) == 2


def _serial_of(certificate: Node) -> bytes | None:
    body = certificate.children[0].children if certificate.children else []
    return next((bytes(node.value) for node in body if node.tag == 0x02), None)


def _digests_of(info: Node) -> list[tuple[str, bytes]]:
    algorithm = info.children[2].children[0].oid if len(info.children) > 2 and info.children[2].children else ""
    attributes = next((part for part in info.children if part.tag == 0xA0), None)
    name = HASHES.get(algorithm)
    if name is None or attributes is None:
        return []
    return [
        (name, attribute.children[1].children[0].octets)
        for attribute in attributes.children
        if len(attribute.children) == 2
        and attribute.children[0].oid == MESSAGE_DIGEST
        and attribute.children[1].children
    ]


def _signer_of(certificate: bytes) -> list[Signer]:
    """The names of a certificate; nothing for one that cannot be read."""
    from cryptography import x509

    try:
        found = x509.load_der_x509_certificate(certificate)
        names = {attribute.oid.dotted_string: str(attribute.value) for attribute in found.subject}
        serial = f"{found.serial_number:X}"
        since, until = found.not_valid_before_utc.date(), found.not_valid_after_utc.date()
    except (ValueError, x509.UnsupportedGeneralNameType, TypeError):
        return []
    full = " ".join(names[oid] for oid in ("2.5.4.4", "2.5.4.42") if oid in names)
    return [
        Signer(
            name=(full or names.get("2.5.4.3", ""))[:200],
            organisation=names.get("2.5.4.10", "")[:300],
            serial=serial[:80],
            since=since.isoformat(),
            until=until.isoformat(),
        )
    ]


@dataclass
class Node:
    """One element of ASN.1: its tag, its own bytes, its value, what stands inside.

    Views, not copies: elements inside each other would otherwise hold the same megabytes once for every depth.
    """

    tag: int
    whole: memoryview
    value: memoryview
    children: list[Node] = field(default_factory=list)

    @property
    def oid(self) -> str:
        """The value as an object identifier, "" for anything else."""
        if self.tag != 0x06 or not 0 < len(self.value) <= LONGEST_OID:
            return ""
        numbers, number = [min(self.value[0] // 40, 2)], 0
        numbers.append(self.value[0] - 40 * numbers[0])
        for byte in self.value[1:]:
            number = (number << 7) | (byte & 0x7F)
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        return ".".join(map(str, numbers))

    @property
    def octets(self) -> bytes:
        """The bytes of a string, gathered where it came in pieces."""
        if self.tag == 0x04 or not self.children:
            return bytes(self.value)
        return b"".join(child.octets for child in self.children)


def _one(body: bytes) -> Node:
    try:
        node, end = _read(memoryview(body), 0, _Count(), depth=0)
    except (IndexError, RecursionError) as error:
        raise NotAContainerError("damaged") from error
    if body[end:].strip(b"\x00\r\n"):
        raise NotAContainerError("something follows the signature")
    return node


class _Count:
    left = MAX_NODES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise NotAContainerError("too many parts")


def _read(body: memoryview, start: int, count: _Count, *, depth: int) -> tuple[Node, int]:
    count.spend()
    if depth > MAX_DEPTH or body[start] & 0x1F == 0x1F:
        raise NotAContainerError("no container of ours")
    tag, length, place = body[start], body[start + 1], start + 2
    if length == 0x80:
        return _read_open(body, start, count, depth=depth)
    if length > 0x80:
        size = length & 0x7F
        if size > 4:
            raise NotAContainerError("too long")
        length = int.from_bytes(body[place : place + size], "big")
        place += size
    end = place + length
    if end > len(body):
        raise NotAContainerError("cut")
    node = Node(tag, body[start:end], body[place:end])
    while tag & 0x20 and place < end:
        child, place = _read(body, place, count, depth=depth + 1)
        if place > end:
            raise NotAContainerError("parts overlap")
        node.children.append(child)
    return node, end


def _read_open(body: memoryview, start: int, count: _Count, *, depth: int) -> tuple[Node, int]:
    """An element without a length: it ends with two zeros."""
    if not body[start] & 0x20:
        raise NotAContainerError("no container of ours")
    place, children = start + 2, []
    while bytes(body[place : place + 2]) != b"\x00\x00":
        child, place = _read(body, place, count, depth=depth + 1)
        children.append(child)
    return Node(body[start], body[start : place + 2], body[start + 2 : place], children), place + 2
