"""The reviewer's packet: everything to score without a network in one ZIP, and the filled score sheet back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from grants_app.applications.rules.files import clean_name
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.core.storage import DamagedError
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import queries
from grants_app.reviews.documents import packet as drawings
from grants_app.reviews.forms.packet import PacketForm, seen_versions
from grants_app.reviews.models import Assignment, PacketUpload
from grants_app.reviews.queries import packet as packets
from grants_app.reviews.queries.masking import EXPERT, shown_title
from grants_app.reviews.queries.reading import ReadFile
from grants_app.reviews.routes.blueprint import Answer, blueprint, lang, viewer
from grants_app.reviews.services import packet as services
from grants_app.web import parcels
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.files import storage_of

WORDS = {
    "assignment.export_packet": "Text taken away in the reviewer’s packet",
    "packet_upload": "Score sheet from a packet",
    "packet_upload.carry_out": "Filled score sheet carried out",
}
MOST_BYTES_OF_FILES = 200 * 1024 * 1024


@blueprint.get("/packet/<string:code>")
@requires(Permission.REVIEW_SUBMIT)
def packet(code: str) -> str:
    """What the packet holds, the way to get it, and the place for the filled sheet."""
    return _page(packets.packet_competition(viewer(), code), PacketForm(formdata=None))


@blueprint.get("/packet/<string:code>.zip")
@requires(Permission.REVIEW_SUBMIT)
def packet_file(code: str) -> Response:
    """The packet. That it was taken is noted: personal data leaves."""
    person = viewer()
    competition = packets.packet_competition(person, code)
    assignments = packets.packet_assignments(person, competition)
    if not assignments:
        raise NotFound()
    items = []
    for one in assignments:
        reading = queries.reading_of(one.application, lang=lang())
        items.append((one, reading, queries.sheet_for(one, person, reading=reading)))
    chosen, closed = _files([reading for _one, reading, _view in items])
    language = lang()
    papers = [
        (f"{reading.code}/{reading.code}.pdf", drawings.application_paper(one, reading, lang=language))
        for one, reading, _view in items
    ]
    sheet = drawings.score_sheet(competition, items, lang=language)
    text = drawings.read_me(competition, items, closed)
    name = f"{competition.code}-{assignments[0].expert_code}"
    parcel = parcels.pack(papers, [(f"{name}.xlsx", sheet)], [("README.txt", text)], _bodies(chosen))
    with unit_of_work():
        services.record_export(assignments, person)
    return parcels.send(parcel, f"packet-{name}.zip")


def _files(readings: Sequence[queries.Reading]) -> tuple[list[tuple[str, ReadFile]], list[str]]:
    """Attached files that fit into the packet, with their names in it, and the names of those that do not."""
    chosen, closed, left = [], [], MOST_BYTES_OF_FILES
    for reading in readings:
        for number, file in enumerate(reading.attachments, start=1):
            name = f"{reading.code}/{number:02d}-{clean_name(file.file_name)}"
            if file.size > left:
                closed.append(name)
                continue
            left -= file.size
            chosen.append((name, file))
    return chosen, closed


def _bodies(files: Sequence[tuple[str, ReadFile]]) -> Iterator[tuple[str, bytes]]:
    storage = storage_of(current_app)
    for name, file in files:
        try:
            yield name, storage.read(file.sha256)
        except (FileNotFoundError, DamagedError):
            current_app.logger.error("packet: a stored file is missing or damaged")
            yield f"{name}.txt", gettext("This document could not be read. Tell the secretary").encode()


@blueprint.post("/packet/<string:code>")
@requires(Permission.REVIEW_SUBMIT)
def upload_packet(code: str) -> Answer:
    """Read the filled sheet and show what it changes; nothing is written into the sheets yet."""
    competition, form = packets.packet_competition(viewer(), code), PacketForm()
    if not form.validate_on_submit():
        return _page(competition, form), 422
    try:
        body = form.file.data.stream.read(parcels.LARGEST_TABLES + 1)
        tables = parcels.read_tables(body)
        with unit_of_work() as unit:
            found = services.keep_upload(
                competition, tables, body, file_name=clean_name(form.file.data.filename or ""), by=viewer()
            )
            unit.answer = url_for("reviews.packet_preview", code=code, upload=found.code)
    except DomainError as error:
        put_on_form(form, error)
        return _page(packets.packet_competition(viewer(), code), form), 422
    return redirect(unit.answer)


@blueprint.get("/packet/<string:code>/<string:upload>")
@requires(Permission.REVIEW_SUBMIT)
def packet_preview(code: str, upload: str) -> str:
    """Old beside new, field by field; or what was done, once it is done."""
    return _preview(_upload(code, upload))


@blueprint.post("/packet/<string:code>/<string:upload>")
@requires(Permission.REVIEW_SUBMIT)
def carry_out_packet(code: str, upload: str) -> Answer:
    """Write what was previewed as drafts, all or nothing."""
    found = _upload(code, upload)
    try:
        with unit_of_work() as unit:
            changed = services.carry_out(found, seen_versions(request.form), viewer())
            unit.answer = url_for("reviews.packet_preview", code=code, upload=upload)
    except (EditConflict, StaleDataError):
        return _preview(_upload(code, upload), problem=gettext(services.MEANWHILE)), 409
    except DomainError as error:
        return _preview(_upload(code, upload), problem=sentence(error)), 422
    if changed:
        flash(ngettext("%(num)d review sheet is saved", "%(num)d review sheets are saved", len(changed)), "ok")
    else:
        flash(gettext("Nothing has changed"), "ok")
    return redirect(unit.answer)


@blueprint.post("/packet/<string:code>/<string:upload>/finish")
@requires(Permission.REVIEW_SUBMIT)
def finish_packet(code: str, upload: str) -> Answer:
    """Finish the reviews that this file has completed; a choice of its own."""
    found = _upload(code, upload)
    try:
        with unit_of_work() as unit:
            count = services.finish(found, seen_versions(request.form), viewer())
            unit.answer = url_for("reviews.packet_preview", code=code, upload=upload)
    except (EditConflict, StaleDataError):
        return _preview(_upload(code, upload), problem=gettext(services.MEANWHILE)), 409
    except DomainError as error:
        return _preview(_upload(code, upload), problem=sentence(error)), 422
    flash(ngettext("%(num)d review is finished", "%(num)d reviews are finished", count), "ok")
    return redirect(unit.answer)


def _upload(code: str, upload: str) -> PacketUpload:
    competition = packets.packet_competition(viewer(), code)
    found = packets.upload_for(viewer(), upload)
    if found.competition_id != competition.id:
        raise NotFound()
    return found


def _page(competition: Competition, form: PacketForm) -> str:
    person = viewer()
    assignments: Sequence[Assignment] = packets.packet_assignments(person, competition)
    return render_template(
        "reviews/packet.html",
        competition=competition,
        form=form,
        titles=[(one.application.code, shown_title(one.application, EXPERT), one.state) for one in assignments],
        undeclared=packets.undeclared_count(person, competition),
    )


def _preview(upload: PacketUpload, *, problem: str = "") -> str:
    person = viewer()
    rows = packets.preview_rows(upload, packets.packet_assignments(person, upload.competition), lang())
    ready = services.ready_to_finish(upload, person)
    return render_template(
        "reviews/packet_preview.html",
        upload=upload,
        competition=upload.competition,
        rows=rows,
        change_count=sum(len(row.changes) for row in rows if row.will_change),
        ready=[
            (one.application.code, shown_title(one.application, EXPERT), one.review.version)
            for one in ready
            if one.review is not None
        ],
        problem=problem,
    )
