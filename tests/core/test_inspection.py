"""Files that would harm whoever opens them: bombs, archives in archives, documents that act, names that deceive."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from grants_app.core.archives import MAX_MEMBERS
from grants_app.core.errors import InvalidInput
from grants_app.core.inspection import FAULTS, OTHER_INSIDE, PHONE_PHOTO, clean_name, inspect, look

ODT = "application/vnd.oasis.opendocument.text"
ASICE = "application/vnd.etsi.asic-e+zip"


def packed(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Without the time of day: what a test is called must not change from process to process.
            archive.writestr(zipfile.ZipInfo(name), content, archive.compression)
    return body.getvalue()


def docx(**more: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", **more})


def pdf(*objects: bytes, trailer: bytes = b"<< /Root 1 0 R >>") -> bytes:
    body = b"%PDF-1.7\n" + b"\n".join(b"%d 0 obj\n%s\nendobj" % pair for pair in enumerate(objects, start=1))
    return body + b"\ntrailer\n" + trailer + b"\n%%EOF\n"


def object_stream(text: bytes, *, filters: bytes = b"/FlateDecode") -> bytes:
    content = zlib.compress(text)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter %s /Length %d >>\nstream\n" % (filters, len(content))
    return head + content + b"\nendstream"


def test_open_document_text_taken() -> None:
    body = packed({"mimetype": ODT.encode(), "content.xml": b"<x/>"})
    assert inspect("статут.odt", body, limit_mb=1) == ("статут.odt", ODT, "odt")


def test_chart_table_inside_a_document_taken() -> None:
    table = packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert look(docx(**{"word/embeddings/chart.xlsx": table})) == ("docx", None)
    container = {"mimetype": ASICE.encode(), "META-INF/signatures.p7s": b"0", "заявка.docx": docx()}
    assert look(packed(container)) == ("asice", None)


def overlapping() -> bytes:
    """Two entries of the list over the same packed bytes."""
    body = bytearray(docx(**{"a.xml": b"0" * 3000, "b.xml": b"0" * 3000}))
    first = body.index(b"PK\x01\x02")
    places = []
    while first >= 0:
        places.append(first)
        first = body.find(b"PK\x01\x02", first + 4)
    for place in places[2:]:
        body[place + 42 : place + 46] = struct.pack("<I", struct.unpack_from("<I", body, places[2] + 42)[0])
    return bytes(body)


def understated() -> bytes:
    """A member that says it unpacks to ten bytes and holds a megabyte."""
    body = bytearray(docx(**{"word/media.bin": b"\x01" * 1_000_000}))
    place = body.rindex(b"PK\x01\x02")
    body[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(body)


def locked() -> bytes:
    body = bytearray(docx())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        body[body.index(mark) + offset] |= 1
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (docx(**{"word/media.bin": b"0" * 40_000_000}), "bomb"),
        (docx(**{f"word/{number}.xml": b"x" for number in range(MAX_MEMBERS)}), "bomb"),
        (docx(**{"word/inner.zip": packed({"a.txt": b"text"})}), "bomb"),
        (docx(**{"word/inner.docx": docx(**{"x.docx": docx(**{"y.docx": docx()})})}), "bomb"),
        (docx(**{"word/inner.7z": b"7z\xbc\xaf\x27\x1c" + b"0" * 40}), "bomb"),
        (docx(**{"word/inner.docx": docx(**{"media.bin": b"0" * 20_000_000})}), "bomb"),
        (overlapping(), "bomb"),
        (understated(), "damaged"),
        (locked(), "locked"),
        (docx(**{"word/vbaProject.bin": b"macro"}), "program"),
        (packed({"mimetype": ODT.encode(), "content.xml": b"<x/>", "Basic/Standard/run.xml": b"x"}), "program"),
        (packed({"mimetype": ASICE.encode(), "META-INF/s.p7s": b"0", "рахунок.exe": b"MZ"}), "program"),
        (docx(**{"../../evil.xml": b"x"}), "damaged"),
        (docx()[:60], "damaged"),
    ],
)
def test_harmful_container_named_by_its_fault(body: bytes, fault: str) -> None:
    assert look(body)[1] == fault
    with pytest.raises(InvalidInput) as caught:
        inspect("звіт.docx", body, limit_mb=50)
    assert caught.value.message == FAULTS[fault]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"), "acts"),
        (pdf(b"<< /OpenAction << /S /J#61vaScript /J#53 (app.alert(1)) >> >>"), "acts"),
        (pdf(b"<< /AA << /O << /S /Launch /F (calc.exe) >> >> >>"), "acts"),
        (pdf(b"<< /A << /S /SubmitForm /F (http://evil.example) >> >>"), "acts"),
        (pdf(b"<< /AcroForm << /XFA 3 0 R >> >>"), "acts"),
        (pdf(object_stream(b"1 0 << /S /JavaScript /JS (x) >>")), "acts"),
        (pdf(object_stream(b"1 0 << /Names << /EmbeddedFiles 4 0 R >> >>")), "embedded"),
        (pdf(b"<< /Type /EmbeddedFile /Length 3 >>\nstream\nabc\nendstream"), "embedded"),
        (pdf(object_stream(b"0" * 20_000_000)), "bomb"),
        (pdf(object_stream(b"1 0 << >>", filters=b"[/ASCIIHexDecode /FlateDecode]")), "hidden"),
        (pdf(b"<< /First 4 /Filter /FlateDecode /Length 3 >>\nstream\nabc\nendstream"), "hidden"),
        (pdf(b"<< >>", trailer=b"<< /Root 1 0 R /Encrypt 2 0 R >>"), "locked"),
        # Hidden behind something that only looks like a stream.
        (pdf(b"%>>\nstream\n", b"<< /S /JavaScript /JS (x) >>\n%endstream"), "acts"),
    ],
)
def test_document_that_acts_refused(body: bytes, fault: str) -> None:
    assert look(body) == ("pdf", fault)
    with pytest.raises(InvalidInput) as caught:
        inspect("рішення.pdf", body, limit_mb=50)
    assert caught.value.message == FAULTS[fault]


@pytest.mark.parametrize(
    "body",
    [
        pdf(b"<< /OpenAction [3 0 R /Fit] >>"),
        pdf(b"<< /Length 40 >>\nstream\n\x01/JS \x02/Launch (packed bytes)\nendstream"),
        pdf(object_stream(b"1 0 << /Type /Page /Annots [] >>")),
        pdf(b"<< /Title (JavaScript for beginners) >>"),
    ],
)
def test_plain_document_taken(body: bytes) -> None:
    assert look(body) == ("pdf", None)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("рахунок\u202efdp.exe.pdf", "рахунокfdp.exe.pdf"),
        ("ста\u200bтут\u2060\ufeff.pdf", "статут.pdf"),
        ("a\u061cb\u180e\U000e0041.pdf", "ab.pdf"),
        ("лист\u2028другий рядок.pdf", "лист другий рядок.pdf"),
        ("..\\..\\a|b?.pdf", "a_b_.pdf"),
    ],
)
def test_signs_that_deceive_the_eye_are_taken_out(name: str, kept: str) -> None:
    assert clean_name(name) == kept


def test_wrong_ending_and_phone_photo_told_apart() -> None:
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 300
    for name, body, message in (("звіт.pdf", docx(), OTHER_INSIDE), ("IMG_1.heic", heic, PHONE_PHOTO)):
        with pytest.raises(InvalidInput) as caught:
            inspect(name, body, limit_mb=1)
        assert caught.value.message == message
