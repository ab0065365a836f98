"""A corpus of bad files: type by content, containers looked into, names never trusted."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications.models import Attachment
from grants_app.core.errors import InvalidInput
from grants_app.core.inspection import MEDIA_TYPES, clean_name, inspect, kind_of
from grants_app.database import db
from tests.support.applications import PDF, draft_application, new_head
from tests.support.calls import Call
from tests.support.visitors import visit_as

EXE = b"MZ\x90\x00" + b"\x00" * 60 + b"This program cannot be run in DOS mode"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 200
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 200
P7S = bytes.fromhex("3080") + bytes.fromhex("06092a864886f70d010702") + b"\x00" * 100


def _zip(**members: bytes | str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Without the time of day: what a test is called must not change from process to process.
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/")), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


XLSX = _zip(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>"})
DOCX = _zip(**{"[Content_Types].xml": "<x/>", "word__document.xml": "<x/>"})
ASICE = _zip(**{"mimetype": "application/vnd.etsi.asic-e+zip", "META-INF__signatures.xml": "<x/>"})
BOMB = _zip(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": b"0" * 50_000_000})
MACRO = _zip(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>", "xl__vbaProject.bin": b"macro"})
CLIMBING = _zip(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>", "..__..__evil.xml": b"x"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [(PDF, "pdf"), (JPG, "jpg"), (PNG, "png"), (XLSX, "xlsx"), (DOCX, "docx"), (ASICE, "asice"), (P7S, "p7s")],
)
def test_allowed_kind_known_by_content(body: bytes, kind: str) -> None:
    assert kind_of(body) == kind
    assert inspect(f"файл.{kind}", body, limit_mb=20) == (f"файл.{kind}", MEDIA_TYPES[kind], kind)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("звіт.pdf", EXE),
        ("звіт.exe", EXE),
        ("сторінка.pdf", HTML),
        ("сторінка.html", HTML),
        ("малюнок.svg", SVG),
        ("малюнок.png", SVG),
        ("кошторис.xlsx", BOMB),
        ("кошторис.xlsx", MACRO),
        ("кошторис.xlsx", CLIMBING),
        ("кошторис.xlsx", PDF),
        ("кошторис.pdf", XLSX),
        ("архів.zip", XLSX),
        ("зламаний.xlsx", XLSX[:40]),
        ("порожній.pdf", b""),
        ("pdf", PDF),
        (".pdf", PDF),
        ("подвійний.pdf.exe", PDF),
    ],
)
def test_unsuitable_file_refused(name: str, body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        inspect(name, body, limit_mb=20)
    assert caught.value.field == "file"


def test_file_at_the_limit_taken_and_one_byte_over_refused() -> None:
    body = PDF + b"0" * (1024 * 1024 - len(PDF))
    assert inspect("a.pdf", body, limit_mb=1) == ("a.pdf", "application/pdf", "pdf")
    with pytest.raises(InvalidInput):
        inspect("a.pdf", body + b"0", limit_mb=1)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Олена\\статут.pdf", "статут.pdf"),
        ("лист\r\nSet-Cookie: a=b.pdf", "лист Set-Cookie_ a=b.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("я" * 300 + ".pdf", "я" * 146 + ".pdf"),
    ],
)
def test_name_is_cleaned(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("name", "body"), [("звіт.pdf", EXE), ("сторінка.html", HTML), ("кошторис.xlsx", BOMB)])
def test_upload_page_refuses_and_stores_nothing(app: Flask, call: Call, name: str, body: bytes) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    root = Path(app.config["STORAGE_PATH"])
    before = sorted(root.rglob("*"))
    data = {"kind": "other", "file": (io.BytesIO(body), name)}
    visitor = visit_as(app, head)
    answer = visitor.post(f"/applications/{application.key}/files", data=data, content_type="multipart/form-data")
    assert (answer.status_code, name in answer.text) == (422, True)
    assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 1
    assert sorted(root.rglob("*")) == before


@pytest.mark.sqlite_only
def test_upload_page_keeps_no_path_of_the_name(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    data = {"kind": "other", "file": (io.BytesIO(PDF), "../../../статут.pdf")}
    visitor = visit_as(app, head)
    answer = visitor.post(f"/applications/{application.key}/files", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302
    names = db.session.scalars(sa.select(Attachment.file_name).order_by(Attachment.id)).all()
    assert names == ["рішення.pdf", "статут.pdf"]


@pytest.mark.sqlite_only
def test_upload_without_a_file_or_with_an_odd_kind_refused(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    address = f"/applications/{application.key}/files"
    assert visitor.post(address, data={"kind": "other"}, content_type="multipart/form-data").status_code == 422
    data = {"kind": "malware", "file": (io.BytesIO(PDF), "a.pdf")}
    assert visitor.post(address, data=data, content_type="multipart/form-data").status_code == 422
