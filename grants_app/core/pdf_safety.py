"""What a PDF does by itself: scripts, starting of programs, sending of forms, files carried inside.

Such documents are refused rather than marked: an application needs none of it, the reader's program would run it on the
desk of the secretary, and a file inside a file is seen by nobody who reads. Names are searched the way readers decode
them (#41 for A), outside streams and inside compressed streams of objects; what cannot be looked into is refused too.
"""

from __future__ import annotations

import re
import zlib

MAX_INFLATED = 48 * 1024 * 1024
MAX_OBJECT_STREAM = 16 * 1024 * 1024

_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb">>[\s\x00]*stream\r?\n")
_END = b"endstream"
# After a name comes a delimiter or white space, never another letter of the name.
_DELIMITER = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"
_ACTS = re.compile(rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia|XFA|Rendition|Movie|GoToE)" + _DELIMITER)
# Long names cannot come about in packed bytes by chance, so they are searched everywhere, comments included.
_ACTS_ANYWHERE = re.compile(rb"/(?:JavaScript|SubmitForm|ImportData|RichMedia)" + _DELIMITER)
_EMBEDDED = re.compile(rb"/EmbeddedFiles?" + _DELIMITER)
_LOCKED = re.compile(rb"/Encrypt" + _DELIMITER)
_OBJECTS = re.compile(rb"/(?:ObjStm|First)" + _DELIMITER)
_NAMED_OBJECTS = re.compile(rb"/ObjStm" + _DELIMITER)
_PARAMETERS = re.compile(rb"/(?:DecodeParms|DP)" + _DELIMITER)
_OBJECT_END = b"endobj"
_FILTER = re.compile(rb"/Filter[\s\x00]*(?:\[[\s\x00]*)?(/[A-Za-z0-9]+)?[\s\x00]*(/[A-Za-z0-9]+)?")


def fault_of_pdf(body: bytes) -> str | None:
    """What is wrong with a document (locked, acts, embedded, hidden, bomb), or None."""
    whole = _decoded(body)
    try:
        outside, packed, seen = _split(body)
    except _HiddenError as error:
        return str(error)
    if len(_NAMED_OBJECTS.findall(whole)) > seen:
        return "hidden"  # objects that were passed by: readers would find them
    plain = _decoded(outside)
    if _LOCKED.search(plain):
        return "locked"
    if _ACTS.search(plain) or _ACTS.search(packed) or _ACTS_ANYWHERE.search(whole):
        return "acts"
    if _EMBEDDED.search(plain) or _EMBEDDED.search(packed):
        return "embedded"
    return None


class _HiddenError(Exception):
    """A stream of objects that cannot be looked into."""


def _decoded(body: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), body) if b"#" in body else body


def _split(body: bytes) -> tuple[bytes, bytes, int]:
    """What stands outside streams, the decoded contents of streams that hold objects, how often those are named."""
    outside, packed, place, inflated, seen = [], [], 0, 0, 0
    while found := _STREAM.search(body, place):
        outside.append(body[place : found.start() + 2])
        end = body.find(_END, found.end())
        if end < 0:
            place = found.end()
            continue
        dictionary = _decoded(_dictionary_before(body, found.start() + 2))
        if _OBJECTS.search(dictionary):
            text, end = _unpacked(dictionary, body, found.end(), end)
            inflated += len(text)
            if inflated > MAX_INFLATED:
                raise _HiddenError("bomb")
            packed.append(_decoded(text))
            seen += len(_NAMED_OBJECTS.findall(dictionary))
        early = body.find(_OBJECT_END, found.end(), end)
        if early >= 0:  # a stream that never ended: what follows it are objects again
            outside.append(body[early:end])
        place = end + len(_END)
    outside.append(body[place:])
    return b"\n".join(outside), b"\n".join(packed), seen


def _dictionary_before(body: bytes, end: int) -> bytes:
    start = body.rfind(b" obj", max(0, end - 4096), end)
    return body[start if start >= 0 else max(0, end - 4096) : end]


def _unpacked(dictionary: bytes, body: bytes, start: int, end: int) -> tuple[bytes, int]:
    """The objects of a stream, and where it ends: the word for the end may stand among its bytes."""
    found = _FILTER.search(dictionary)
    if found is None:
        return body[start:end], end
    if found[1] not in {b"/FlateDecode", b"/Fl"} or found[2] in {b"/FlateDecode", b"/LZWDecode", b"/ASCII85Decode"}:
        raise _HiddenError("hidden")
    if _PARAMETERS.search(dictionary):
        raise _HiddenError("hidden")  # differences instead of bytes: no name could be found in them
    text, used = _inflated(body[start:end])
    if used < 0:
        text, used = _inflated(body[start:])
        end = body.find(_END, start + used)
    if used < 0 or end < 0:
        raise _HiddenError("hidden")
    return text, end


def _inflated(content: bytes) -> tuple[bytes, int]:
    """What the bytes unpack to, and how many of them belong to it; -1 where they are cut."""
    skipped = len(content) - len(content.lstrip(b"\r\n"))
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(content[skipped:], MAX_OBJECT_STREAM)
    except zlib.error as error:
        raise _HiddenError("hidden") from error
    if unpacker.unconsumed_tail:
        raise _HiddenError("bomb")
    return text, len(content) - len(unpacker.unused_data) if unpacker.eof else -1
