"""Files made to pass the doorkeeper and act, or to fell the server that looks into them."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from grants_app.applications.rules.containers import NotAContainerError, read_container
from grants_app.core.inspection import look
from tests.core.test_inspection import object_stream, pdf

SCRIPT = b"1 0 << /S /JavaScript /JS (app.alert(1)) >>"
MEGABYTE = 1024 * 1024


def packed_objects(text: bytes = SCRIPT, *, more: bytes = b"", between: bytes = b"\n", content: bytes = b"") -> bytes:
    """A stream of objects; `more` stands in its dictionary, `between` before its bytes."""
    content = content or zlib.compress(text)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d%s >>" % (len(content), more)
    return head + between + b"stream\n" + content + b"\nendstream"


def ends_early() -> bytes:
    """Packed bytes among which the word for their end stands, the script behind it."""
    first = b"1 0 << /A (\nendstream) >> "
    open_part, last_part = zlib.compressobj(0), zlib.compressobj(9, zlib.DEFLATED, -15)
    content = open_part.compress(first) + open_part.flush(zlib.Z_FULL_FLUSH)
    content += last_part.compress(SCRIPT * 3) + last_part.flush()
    return content + struct.pack(">I", zlib.adler32(first + SCRIPT * 3))


def as_differences(text: bytes, columns: int = 64) -> bytes:
    """Packed as differences from the byte before, as pictures are (a predictor)."""
    rows = [text[start : start + columns].ljust(columns) for start in range(0, len(text), columns)]
    deltas = [bytes((row[at] - (row[at - 1] if at else 0)) & 255 for at in range(columns)) for row in rows]
    return zlib.compress(b"".join(b"\x01" + delta for delta in deltas))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (pdf(packed_objects(more=b" /X (" + b"x" * 5000 + b")")), "hidden"),
        (pdf(packed_objects(between=b" % a comment\n")), "hidden"),
        (pdf(packed_objects(more=b" /X (1 0 obj )")), "hidden"),
        (pdf(packed_objects(content=ends_early())), "acts"),
        (
            pdf(packed_objects(more=b" /DecodeParms << /Predictor 12 /Columns 64 >>", content=as_differences(SCRIPT))),
            "hidden",
        ),
        (pdf(b"<< /Length 3 >>\nstream\nabc\n", packed_objects()), "hidden"),
        (pdf(b"<< /Length 3 >>\nstream\nabc\n", b"<< /AA << /O << /S /Launch /F (a) >> >> >>\nendstream"), "acts"),
        (pdf(packed_objects(content=zlib.compress(SCRIPT)[:-6])), "hidden"),
    ],
    ids=["long", "comment", "string", "early end", "differences", "nested", "unended", "cut"],
)
def test_script_in_a_corner_of_a_document_is_found(body: bytes, fault: str) -> None:
    assert look(body) == ("pdf", fault)


def test_plain_objects_and_texts_about_streams_are_taken() -> None:
    text = b"<< /Length 40 >>\nstream\nBT (endobj is a word) Tj ET\nendstream"
    assert look(pdf(object_stream(b"1 0 << /Type /Page >>"), text, object_stream(b"2 0 << >>"))) == ("pdf", None)


@pytest.mark.parametrize("name", ["word/media.bin", "mimetype"])
@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_kilobyte_that_unpacks_to_a_gigabyte_at_once_is_never_unpacked(packing: int, name: str) -> None:
    """These packings give all of a piece at once, whatever size was declared."""
    body, size = io.BytesIO(), 32 * MEGABYTE + 0x1234
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
        archive.writestr(name, bytes(size), packing)
    small = body.getvalue().replace(struct.pack("<I", size), struct.pack("<I", 100))
    tracemalloc.start()
    try:
        assert look(small) == (None, "damaged")
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


def element(tag: int, content: bytes) -> bytes:
    """One element of ASN.1."""
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def test_elements_inside_each_other_do_not_multiply_the_memory() -> None:
    body = element(0x04, bytes(2 * MEGABYTE))
    for _depth in range(38):
        body = element(0x30, body)
    tracemalloc.start()
    try:
        with pytest.raises(NotAContainerError):
            read_container(body)
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_name_of_megabytes_is_not_counted_for_ever() -> None:
    """An identifier grows with every byte: twenty megabytes of it would hold a worker for days."""
    body = element(0x30, element(0x06, b"\xff" * 400_000) + element(0xA0, b""))
    with pytest.raises(NotAContainerError, match="no signed data"):
        read_container(body)
