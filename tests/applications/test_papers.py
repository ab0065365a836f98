"""Papers of an application: several files at once, photographed pages, the library, limits while bytes come."""

from __future__ import annotations

import io
import resource
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from grants_app.accounts.models import OrganisationDocument, User
from grants_app.accounts.services import library
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Attachment
from grants_app.applications.rules import MAX_FILES
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotFound
from grants_app.core.storage import LocalStorage, Stored
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.web.photos import in_order
from tests.support.applications import (
    PDF,
    declarations,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
)
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

JSON = {"Accept": "application/json"}


@pytest.fixture
def draft(call: Call) -> tuple[Application, User]:
    """A draft with its head; one paper is attached."""
    head = new_head()
    return draft_application(call.competition, head), head


def send(visitor: FlaskClient, draft: Application, *files: tuple[str, bytes], **more: Any) -> Any:
    data = {"kind": "other", "file": [(io.BytesIO(body), name) for name, body in files]}
    address = f"/applications/{draft.key}/files"
    return visitor.post(address, data=data, content_type="multipart/form-data", **more)


def names_of(application: Application) -> list[str]:
    db.session.rollback()
    query = sa.select(Attachment.file_name).filter_by(application_id=application.id).order_by(Attachment.id)
    return list(db.session.scalars(query))


def photo(width: int, height: int, *, colour: str = "red", turn: int = 1, form: str = "JPEG") -> bytes:
    body, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = turn
    exif[0x010F] = "TESTCAMERA"
    Image.new("RGB", (width, height), colour).save(body, form, **({"exif": exif} if form == "JPEG" else {}))
    return body.getvalue()


def test_several_files_at_once_each_told_by_name(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    sent = (("лист.pdf", PDF + b"1"), ("вірус.exe", b"MZ" + b"0" * 99), ("кошторис.pdf", PDF + b"2"))
    answer = send(visit_as(app, head), application, *sent, headers=JSON)
    outcomes = answer.get_json()["outcomes"]
    assert (answer.status_code, [(one["name"], bool(one["fault"])) for one in outcomes]) == (
        422,
        [("лист.pdf", False), ("вірус.exe", True), ("кошторис.pdf", False)],
    )
    assert "вірус.exe" in outcomes[1]["fault"]
    assert names_of(application) == ["рішення.pdf", "лист.pdf", "кошторис.pdf"]


@pytest.mark.sqlite_only
def test_page_without_script_tells_the_same(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    visitor = visit_as(app, head)
    mixed = send(visitor, application, ("лист.pdf", PDF + b"1"), ("вірус.exe", b"MZ" + b"0" * 99))
    assert (mixed.status_code, "«лист.pdf»" in mixed.text, "«вірус.exe»" in mixed.text) == (422, True, True)
    good = send(visitor, application, ("ще.pdf", PDF + b"3"), ("один.pdf", PDF + b"4"))
    assert (good.status_code, len(names_of(application))) == (302, 4)


def test_same_file_sent_again_stands_once(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    visitor = visit_as(app, head)
    for _attempt in range(2):
        assert send(visitor, application, ("лист.pdf", PDF + b"1"), headers=JSON).status_code == 200
    assert names_of(application) == ["рішення.pdf", "лист.pdf"]


@pytest.mark.sqlite_only
def test_one_file_too_many_refused_and_the_others_kept(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    sent = [(f"{number}.pdf", PDF + b"%d" % number) for number in range(MAX_FILES)]
    outcomes = send(visit_as(app, head), application, *sent, headers=JSON).get_json()["outcomes"]
    assert [bool(one["fault"]) for one in outcomes] == [False] * (MAX_FILES - 1) + [True]
    assert len(names_of(application)) == MAX_FILES


@pytest.mark.sqlite_only
def test_too_much_in_all_refused(call: Call, draft: tuple[Application, User]) -> None:
    application, head = draft
    with pytest.raises(InvalidInput), unit_of_work():
        for number in range(6):
            stored = Stored(f"{number}" * 64, 20 * 1024 * 1024)
            services.add_attachment(application, "other", f"{number}.pdf", "application/pdf", stored, by=head)


class Endless(io.RawIOBase):
    """A body that never ends, with a count of what was read of it."""

    def __init__(self, head: bytes) -> None:
        self._head, self.given = head, 0

    def read(self, size: int = -1) -> bytes:
        size = 65_536 if size < 0 else size
        piece, self._head = self._head[:size], self._head[size:]
        piece = piece or b"0" * size
        self.given += len(piece)
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        return True


def body_begins(name: str = "a.pdf") -> bytes:
    return (
        b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n'
        b'--cut\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%%PDF-1.7\n" % name.encode()
    )


@pytest.mark.sqlite_only
@pytest.mark.parametrize("declared", [1024**3, None])
def test_endless_upload_cut_in_memory_and_on_disk(
    app: Flask, draft: tuple[Application, User], declared: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, head = draft
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stream = Endless(body_begins())
    environ = {
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(declared or ""),
        "CONTENT_TYPE": "multipart/form-data; boundary=cut",
    }
    visitor = visit_as(app, head)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    answer = visitor.post(f"/applications/{application.key}/files", environ_overrides=environ, headers=JSON)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert answer.status_code == 413
    assert stream.given <= (0 if declared else 102 * 1024 * 1024)
    assert most < 8 * 1024 * 1024
    assert grown_kb < 60 * 1024
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 21 * 1024 * 1024
    assert names_of(application) == ["рішення.pdf"]


@pytest.mark.sqlite_only
def test_file_over_the_limit_told_by_name_beside_a_good_one(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    large = PDF + b"0" * (20 * 1024 * 1024)
    answer = send(visit_as(app, head), application, ("великий.pdf", large), ("лист.pdf", PDF + b"1"), headers=JSON)
    outcomes = answer.get_json()["outcomes"]
    assert [(one["name"], bool(one["fault"])) for one in outcomes] == [("великий.pdf", True), ("лист.pdf", False)]
    assert names_of(application) == ["рішення.pdf", "лист.pdf"]


def test_photos_joined_in_the_wanted_order_turned_upright_without_the_camera(
    app: Flask, draft: tuple[Application, User]
) -> None:
    application, head = draft
    photos = [photo(600, 400, colour="red", turn=6), photo(900, 300, colour="blue"), photo(50, 80, form="PNG")]
    data = {
        "kind": "decision",
        "name": "Рішення зборів",
        "order": "2, 1, 3",
        "photos": [
            (io.BytesIO(body), f"{number}.{'png' if number == 3 else 'jpg'}") for number, body in enumerate(photos, 1)
        ],
    }
    address = f"/applications/{application.key}/files/photos"
    answer = visit_as(app, head).post(address, data=data, content_type="multipart/form-data")
    assert (answer.status_code, names_of(application)) == (302, ["рішення.pdf", "Рішення зборів.pdf"])
    stored = queries.attachments_of(application)[-1]
    body = LocalStorage(Path(app.config["STORAGE_PATH"])).read(stored.sha256)
    pages = pypdf.PdfReader(io.BytesIO(body)).pages
    shapes = [page.mediabox.width > page.mediabox.height for page in pages]
    assert (shapes, b"TESTCAMERA" in body) == ([True, False, False], False)
    pictures = [next(iter(page.images)).image for page in pages]
    sizes = [picture.size for picture in pictures if picture is not None]
    assert sizes == [(900, 300), (400, 600), (50, 80)]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("photos", "order"),
    [
        ([photo(40, 40), PDF], ""),
        ([photo(40, 40), photo(40, 40)[:60]], ""),
        ([photo(9_000, 8_000, form="PNG")], ""),
        ([photo(40, 40), photo(40, 40)], "1, 1"),
        ([photo(40, 40), photo(40, 40)], "2"),
        ([], ""),
    ],
)
def test_photos_that_make_no_document_refused(
    app: Flask, draft: tuple[Application, User], photos: list[bytes], order: str
) -> None:
    application, head = draft
    endings = {b"%": "pdf", b"\x89": "png", b"\xff": "jpg"}
    names = [f"{number}.{endings[body[:1]]}" for number, body in enumerate(photos)]
    sent = [(io.BytesIO(body), name) for body, name in zip(photos, names, strict=True)]
    data = {"kind": "other", "order": order, "photos": sent}
    address = f"/applications/{application.key}/files/photos"
    answer = visit_as(app, head).post(address, data=data, content_type="multipart/form-data")
    assert (answer.status_code, names_of(application)) == (422, ["рішення.pdf"])


def test_order_of_pages_read_as_people_type_it() -> None:
    assert in_order(3, "") == [0, 1, 2]
    assert in_order(3, "3;1  2") == [2, 0, 1]
    for typed in ("1", "1,2,2", "0,1,2", "4,1,2", "один", "1,2,3,9999"):
        with pytest.raises(InvalidInput):
            in_order(3, typed)


def put_in_library(app: Flask, head: User, *, until: Any = None, body: bytes = PDF + b"lib") -> OrganisationDocument:
    stored = LocalStorage(Path(app.config["STORAGE_PATH"])).put(io.BytesIO(body), limit=10_000)
    facts = library.DocumentFacts("statute", "Статут", until, "статут.pdf", "application/pdf")
    with unit_of_work():
        return library.add_document(organisation_of(head), facts, stored, by=head)


def test_paper_of_the_library_attached_with_one_press_and_kept_when_replaced(
    app: Flask, draft: tuple[Application, User]
) -> None:
    application, head = draft
    document = put_in_library(app, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/files/library"
    assert visitor.post(address, data={"kind": "statute", "document": document.code}).status_code == 302
    attached = queries.attachments_of(application)[-1]
    assert (attached.kind, attached.file_name, attached.document_id, attached.sha256) == (
        "statute",
        "статут.pdf",
        document.id,
        document.sha256,
    )
    stored = LocalStorage(Path(app.config["STORAGE_PATH"])).put(io.BytesIO(PDF + b"new"), limit=10_000)
    facts = library.DocumentFacts("statute", "Статут", None, "новий.pdf", "application/pdf")
    with unit_of_work():
        library.replace_document(organisation_of(head), document.code, facts, stored, by=head)
    assert visitor.get(f"/applications/{application.key}/files/{attached.code}").data == PDF + b"lib"
    again = visitor.post(address, data={"kind": "statute", "document": document.code})
    assert again.status_code == 404, "a replaced version is attached no more"


def test_expired_paper_refused_on_the_day_after_its_last(
    app: Flask, draft: tuple[Application, User], clock: FrozenClock
) -> None:
    application, head = draft
    document = put_in_library(app, head, until=product_clock.today())
    visitor, address = visit_as(app, head), f"/applications/{application.key}/files/library"
    data = {"kind": "statute", "document": document.code}
    clock.forward(timedelta(days=1))
    refused = visitor.post(address, data=data)
    assert (refused.status_code, names_of(application)) == (422, ["рішення.pdf"])
    clock.forward(timedelta(days=-1))
    assert visitor.post(address, data=data).status_code == 302


def test_check_page_says_which_document_each_file_is(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    page = visit_as(app, head).get(f"/applications/{application.key}/check").text
    shown = page.split('id="s-files"')[1].split("</section>")[0]
    assert ("рішення.pdf" in shown, "Рішення керівного органу про участь у конкурсі" in shown) == (True, True)


@pytest.mark.parametrize(("kind", "is_told"), [("no_debt", True), ("statute", False)])
def test_paper_whose_term_ends_while_the_draft_is_written_is_told_before_sending(
    app: Flask, draft: tuple[Application, User], clock: FrozenClock, kind: str, is_told: bool
) -> None:
    """The certificate must be valid on the day of submission, the statute need not."""
    application, head = draft
    document = put_in_library(app, head, until=product_clock.today())
    visitor, address = visit_as(app, head), f"/applications/{application.key}"
    assert visitor.post(f"{address}/files/library", data={"kind": kind, "document": document.code}).status_code == 302
    sentence = f"«статут.pdf» діяв до {document.valid_until:%d.%m.%Y}"
    pages = [f"{address}/files", f"{address}/check"]
    assert [sentence in visitor.get(page).text for page in pages] == [False, False]  # its last day is valid
    clock.forward(timedelta(days=1))
    assert [sentence in visitor.get(page).text for page in pages] == [is_told, is_told]
    sent = visitor.post(f"{address}/submit", data=dict.fromkeys(declarations(), "y"))
    assert sent.status_code == (422 if is_told else 302)
    if is_told:
        attached = queries.attachments_of(application)[-1]
        assert visitor.post(f"{address}/files/{attached.code}/remove").status_code == 302
        assert visitor.post(f"{address}/submit", data=dict.fromkeys(declarations(), "y")).status_code == 302


def test_paper_of_another_organisation_is_not_there(app: Flask, draft: tuple[Application, User]) -> None:
    application, head = draft
    stranger = new_head()
    foreign = put_in_library(app, stranger)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/files/library"
    assert visitor.post(address, data={"kind": "statute", "document": foreign.code}).status_code == 404
    with pytest.raises(NotFound), unit_of_work():
        services.attach_from_library(application, "statute", foreign, by=head)
    thief = visit_as(app, stranger)
    assert thief.post(address, data={"kind": "statute", "document": foreign.code}).status_code == 404
    assert names_of(application) == ["рішення.pdf"]


@pytest.mark.sqlite_only
def test_somebody_else_neither_attaches_nor_reads_nor_removes(app: Flask, draft: tuple[Application, User]) -> None:
    application, _head = draft
    code = queries.attachments_of(application)[0].code
    own = submitted_application(application.competition)
    for visitor in (visit_as(app, new_head()), visit_as(app, new_person(Role.SECRETARY)), visit_as(app, None)):
        base = f"/applications/{application.key}/files"
        answers = {
            send(visitor, application, ("a.pdf", PDF)).status_code,
            visitor.get(f"{base}/{code}").status_code,
            visitor.post(f"{base}/{code}/remove").status_code,
            visitor.get(f"/applications/{own.key}/files/{code}").status_code,
        }
        assert answers <= {302, 401, 403, 404}
        assert 200 not in answers
    assert names_of(application) == ["рішення.pdf"]


@pytest.mark.sqlite_only
def test_nothing_is_stored_for_a_closed_draft(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    before = sorted(Path(app.config["STORAGE_PATH"]).rglob("*"))
    answer = send(visit_as(app, head), application, ("a.pdf", PDF + b"later"), headers=JSON)
    assert (answer.status_code, [bool(one["fault"]) for one in answer.get_json()["outcomes"]]) == (422, [True])
    assert sorted(Path(app.config["STORAGE_PATH"]).rglob("*")) == before
