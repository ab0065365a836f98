"""An expert of a blind call looks for the applicant everywhere: every address, every suffix, every letter.

The secrets exist and are read by the secretary, so that their absence proves something.
"""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.awards import services as awards
from grants_app.awards.models import AgendaItem, Award, Meeting
from grants_app.awards.queries.voting import voters
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.queries import masking
from grants_app.reviews.services import masking as copies
from tests.support.blind import blind_panel, secrets_of, without_ties
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

# Every address of the product is walked: on a loaded machine that takes its time.
pytestmark = pytest.mark.timeout(1200)

SUFFIXES = ("json", "csv", "xlsx", "pdf")


def values_of(app: Flask, rule: Rule, panel: Panel) -> list[dict[str, str]]:
    """Every code that the expert may know or guess, in every place of the address."""
    bid = panel.applications[0]
    codes = [panel.competition.code, bid.code or ""]
    others = [one.code for one in bid.attachments] + ["E-2222", "goal", "statute"]
    found: dict[str, list[str]] = {}
    for name, converter in rule._converters.items():
        items = getattr(converter, "items", None)
        if items:
            found[name] = sorted(items)
        else:
            found[name] = codes if "code" in name and name != "file_code" else [*others, *codes]
    return [dict(zip(found, chosen, strict=True)) for chosen in itertools.product(*found.values())]


def addresses(app: Flask, panel: Panel) -> list[str]:
    urls = app.url_map.bind("localhost")
    found = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or "sign" in rule.endpoint:
            continue
        if any(type(one).__name__ in {"PathConverter", "IntegerConverter"} for one in rule._converters.values()):
            continue
        for values in values_of(app, rule, panel):
            found.add(urls.build(rule.endpoint, values))
    return sorted(found)


def text_of(body: bytes) -> str:
    """What can be read in an answer: pages and data as they are, PDF and containers unpacked."""
    if body[:5] == b"%PDF-":
        done = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True)
        return re.sub(r"\s+", " ", done.stdout.decode())
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join([name + "\n" + text_of(archive.read(name)) for name in archive.namelist()])
    return body.decode("utf-8", "replace")


def found_by(app: Flask, panel: Panel, person: User | None) -> dict[str, list[str]]:
    """Addresses whose answers hold a secret of the first application."""
    client = visit_as(app, person)
    secrets = secrets_of(panel.applications[0])
    leaks = {}
    for address in addresses(app, panel):
        answer = client.get(address)
        assert answer.status_code < 500, address
        text = text_of(answer.data)
        leaked = [secret for secret in secrets if secret in text]
        if leaked:
            leaks[address] = leaked
    return leaks


def ready(app: Flask, clock: FrozenClock) -> Panel:
    """A blind call in scoring: the expert has named no ties, reads one application and has finished the other."""
    panel = blind_panel(clock)
    expert, other = panel.experts[:2]
    for one in (expert, other):
        without_ties(panel, one)
    declared(panel.applications[0], expert)
    submitted(panel.applications[1], expert)
    submitted(panel.applications[0], other)
    return panel


def test_expert_finds_the_applicant_nowhere(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    leaks = found_by(app, panel, panel.experts[0])
    # The list of all applicants is the one place that names them, linked to no application.
    ties = f"/reviews/ties/{panel.competition.code}"
    assert set(leaks) == {ties}
    body = secrets_of(panel.applications[0])[1]
    assert leaks[ties] == ["Дзвінк", body]


@pytest.mark.sqlite_only
def test_guest_and_foreign_expert_find_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    assert found_by(app, panel, None) == {}
    assert found_by(app, panel, new_person(Role.EXPERT)) == {}


@pytest.mark.sqlite_only
def test_secrets_are_there_to_be_found(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    client = visit_as(app, panel.secretary)
    bid = panel.applications[0]
    text = client.get(f"/applications/{bid.code}").text + client.get(f"/reviews/{bid.code}/masking").text
    assert [secret for secret in secrets_of(bid) if secret not in text] == []


@pytest.mark.sqlite_only
def test_order_and_search_of_the_public_list_tell_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    client = visit_as(app, panel.experts[0])
    address = f"/applications/public/{panel.competition.code}"
    nothing = client.get(f"{address}.json?text=Дзвінкий").get_json()
    assert nothing["rows"] == []
    ordered = [client.get(f"{address}.json?sort={sort}").get_json()["rows"] for sort in ("organisation", "number")]
    assert ordered[0] == ordered[1]


@pytest.mark.sqlite_only
def test_letters_to_experts_name_no_applicant(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    letters = db.session.scalars(sa.select(Notice).filter(Notice.email.in_([one.email for one in panel.experts]))).all()
    assert len(letters) > 0
    text = "\n".join(f"{one.subject}\n{one.body}" for one in letters)
    assert [secret for bid in panel.applications for secret in secrets_of(bid) if secret in text] == []


@pytest.mark.sqlite_only
def test_safe_document_opens_under_a_plain_name(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    bid, client = panel.applications[0], visit_as(app, panel.experts[0])
    folder = Path(app.config["STORAGE_PATH"]) / "00" / "00"
    folder.mkdir(parents=True, exist_ok=True)
    address = f"/reviews/{bid.code}/files/FILE1"
    assert client.get(address).status_code == 404
    row = next(one for one in masking.copy_rows(bid) if one.is_file)
    with unit_of_work():
        copies.save_copy(bid, row.question, None, seen=copies.fingerprint(row), is_approved=True, by=panel.secretary)
    page = client.get(f"/reviews/{bid.code}/sheet").text
    assert ("statute-1.pdf" in page, "статут-" in page) == (True, False)
    with unit_of_work():
        copies.close_file(bid, row.question, by=panel.secretary)
    assert client.get(address).status_code == 404


@pytest.mark.sqlite_only
def test_names_open_when_the_phase_ends(app: Flask, clock: FrozenClock) -> None:
    panel = ready(app, clock)
    assert masking.hides_applicant(panel.competition, masking.EXPERT)
    with unit_of_work():
        db.session.execute(sa.update(type(panel.competition)).values(state=CompetitionState.DELIBERATION))
    db.session.expire_all()
    assert not masking.hides_applicant(panel.competition, masking.EXPERT)
    page = visit_as(app, None).get(f"/applications/public/{panel.competition.code}").text
    assert "Дзвінкий двір 1" in page


# -- seeing a score, and seeing whose it is --------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_marks_and_their_authors_are_two_rights(app: Flask, clock: FrozenClock) -> None:
    """The chair reads marks and the ranking, never an expert's name or e-mail, nor the note to the secretary."""
    panel = opened_panel(clock)
    with unit_of_work():
        for number, expert in enumerate(panel.experts):
            person = db.session.get_one(User, expert.id)
            person.full_name, person.email = f"Таємний Оцінювач {number}", f"secret-expert-{number}@example.org"
    for bid in panel.applications:
        for expert in panel.experts[:2]:
            declared(bid, expert)
            sheet = full_sheet(bid, "7", comment_secretary="Нотатка лише секретареві")
            with unit_of_work():
                services.submit_review(assignment_of(bid, expert), sheet, version=0, by=expert)
    hidden = ("Таємний Оцінювач", "secret-expert-", "Нотатка лише секретареві")
    client = visit_as(app, panel.call.chair)
    texts = {address: text_of(client.get(address).data) for address in addresses(app, panel)}
    leaks = {address: [secret for secret in hidden if secret in text] for address, text in texts.items()}
    assert {address: found for address, found in leaks.items() if found} == {}
    bid = panel.applications[0]
    own = visit_as(app, panel.secretary)
    seen = own.get(f"/reviews/{bid.code}/reviews").text + own.get(f"/reviews/{bid.code}/experts").text
    assert (hidden[0] in seen, hidden[2] in seen) == (True, True)


# -- the commission of a blind deliberation --------------------------------------------------------------------


def handed_over(clock: FrozenClock) -> Panel:
    """Scored in the open, deliberated blind: the ranking is made, its commission may not learn whose it is."""
    panel = blind_panel(clock, phases=("deliberation",))
    for bid in panel.applications:
        for expert in panel.experts[: panel.competition.experts_per_application]:
            submitted(bid, expert)
    with unit_of_work():
        awards.open_decision(panel.competition, by=db.session.get_one(User, panel.secretary.id))
    return panel


@pytest.mark.sqlite_only
def test_commission_of_a_blind_deliberation_finds_no_applicant(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    for person in (panel.call.chair, panel.call.members[0]):
        assert found_by(app, panel, person) == {}
    client = visit_as(app, panel.call.chair)
    code = panel.competition.code
    row = client.get(f"/awards/{code}/ranking.json").get_json()["rows"][0]
    assert (row["title"], row["organisation"]) == ("Школа медіаторів [█ назву приховано]", "")
    assert "Двадцять дворів" in client.get(f"/applications/{panel.applications[0].code}").text
    own = visit_as(app, panel.secretary).get(f"/awards/{code}/ranking.json").get_json()["rows"][0]
    assert own["organisation"].startswith("ГО «Дзвінкий двір")


@pytest.mark.sqlite_only
def test_agenda_and_minutes_of_a_blind_deliberation_name_no_applicant(app: Flask, clock: FrozenClock) -> None:
    """What the secretary typed, who knows the applicants, is read with masks till the decision is public."""
    panel = handed_over(clock)
    secretary, chair = panel.secretary, panel.call.chair
    bid = db.session.get_one(Application, panel.applications[0].id)
    body = db.session.get_one(Organisation, bid.organisation_id)
    with unit_of_work():
        meeting = awards.plan_meeting(
            panel.competition, kind="room", scheduled_at=product_clock.now() + timedelta(days=5), place="Зала 1",
            by=secretary,
        )  # fmt: skip
        seats = {seat.user_id: "room" for seat in panel.competition.seats}
        awards.mark_attendance(meeting, seats, by=secretary)
        award = db.session.scalars(sa.select(Award).filter_by(application_id=bid.id)).one()
        told_of = f"Кошторис {body.head_name} завищено"
        award.proposed_kop, award.departure, award.reason = award.rule_kop // 2, "amount", told_of
        item = awards.add_item(
            meeting, kind="award", title=f"Про проєкт «{bid.title}» громадської організації «Дзвінкий двір 1»",
            draft=f"Надати грант. Питання: {body.contact_email}, ЄДРПОУ {body.edrpou}", award=award, by=secretary,
        )  # fmt: skip
        awards.add_item(meeting, kind="ranking", title="Про решту", draft="Затвердити список.", by=secretary)
    with unit_of_work():
        awards.open_meeting(meeting, by=chair)
    with unit_of_work():
        awards.note_for_minutes(item, f"Голова {body.head_name} відповіла на питання", by=secretary)
    finished(panel, meeting)
    code, number = meeting.code, f"/awards/meetings/{meeting.code}"
    call = panel.competition.code
    pages = (
        number, f"{number}/items/1", f"{number}/items/1/live", f"{number}/items/2", f"{number}/minutes",
        f"{number}/minutes.pdf", f"/awards/{call}/ranking", f"/awards/{call}/ranking.csv", "/home",
        f"/awards/{call}/ranking/{bid.code}", f"/awards/{call}/applications/{bid.code}/explanation",
        f"/awards/{call}/score-sheets.pdf", f"/awards/{call}/draw",
    )  # fmt: skip

    def told(person: User) -> dict[str, list[str]]:
        client = visit_as(app, person)
        texts = {address: text_of(client.get(address).data) for address in pages}
        return {address: [one for one in secrets_of(bid) if one in text] for address, text in texts.items()}

    assert told(chair) == told(panel.call.members[0]) == {address: [] for address in pages}
    own = told(secretary)
    assert [address for address in pages[:6] if not own[address]] == []
    page = visit_as(app, chair).get(f"{number}/minutes").text
    assert "1. Про проєкт «Школа медіаторів [█ назву приховано]» [█ назву приховано]" in " ".join(page.split())
    assert (code in page, "ГОЛОСУВАЛИ поіменно" in page, "Зала 1" in page) == (True, True, True)


def finished(panel: Panel, meeting: Meeting) -> None:
    """Every item voted on, the meeting closed."""
    for item in db.session.scalars(sa.select(AgendaItem).filter_by(meeting_id=meeting.id)).all():
        with unit_of_work():
            awards.open_vote(item, by=panel.call.chair)
        for seat in voters(item):
            with unit_of_work():
                awards.cast_vote(item, "for", by=db.session.get_one(User, seat.user_id))
        with unit_of_work():
            awards.close_vote(item, by=panel.call.chair)
    with unit_of_work():
        awards.close_meeting(meeting, by=panel.call.chair)
