"""Certificates of work: who may have one, what the check tells, what it never tells."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.core import identifiers
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.journal.services import advance
from grants_app.permissions import Role
from grants_app.reviews.models import WorkCertificate
from grants_app.reviews.queries import certificates as queries
from grants_app.reviews.rules.experts import masked_name
from grants_app.reviews.services import certificates as services
from tests.support.panel import Panel, opened_panel, submitted
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


def handed_over(clock: FrozenClock, *, applications: int = 2) -> Panel:
    """A panel whose experts have scored everything, in the hands of the commission."""
    panel = opened_panel(clock, applications=applications)
    for bid in panel.applications:
        for expert in panel.experts:
            submitted(bid, expert)
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    return panel


def issued(panel: Panel, expert: User) -> WorkCertificate:
    with unit_of_work():
        return services.issue(panel.competition, by=expert)


def test_certificate_counts_reviews_and_days(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    submitted(panel.applications[0], panel.experts[0])
    clock.at("2027-04-07 23:30")
    submitted(panel.applications[1], panel.experts[0])
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    found = issued(panel, panel.experts[0])
    assert (found.review_count, str(found.first_on), str(found.last_on)) == (2, "2027-04-05", "2027-04-07")
    assert (found.full_name, identifiers.has_valid_check(found.code)) == (panel.experts[0].full_name, True)


def test_certificate_asked_twice_is_one(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    assert issued(panel, panel.experts[0]).code == issued(panel, panel.experts[0]).code
    assert len(db.session.scalars(sa.select(JournalEntry).filter_by(thing="work_certificate")).all()) == 1


def test_certificate_before_the_handover_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    submitted(panel.applications[0], panel.experts[0])
    with pytest.raises(NotAllowed) as caught:
        issued(panel, panel.experts[0])
    assert caught.value.message == "The certificate is issued when scoring has been handed over to the commission"


def test_certificate_without_work_refused(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    with pytest.raises(NotAllowed) as caught:
        issued(panel, new_person(Role.EXPERT))
    assert caught.value.message == "You have no finished reviews here"


def test_certificate_revoked_by_the_secretary_with_a_reason(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    found = issued(panel, panel.experts[0])
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.revoke(found, " ", by=panel.secretary)
    assert caught.value.field == "reason"
    with pytest.raises(NotAllowed), unit_of_work():
        services.revoke(found, "так", by=panel.experts[0])
    with unit_of_work():
        services.revoke(found, "Видано помилково", by=panel.secretary)
    with pytest.raises(NotAllowed) as again, unit_of_work():
        services.revoke(found, "ще раз", by=panel.secretary)
    assert again.value.message == "The certificate is revoked already"
    checked = queries.public_certificate(found.code)
    assert (checked is not None, checked is not None and checked.is_revoked) == (True, True)


def revoked(panel: Panel, expert: User) -> WorkCertificate:
    found = issued(panel, expert)
    with unit_of_work():
        services.revoke(found, "Помилка в імені", by=panel.secretary)
    return found


def test_certificate_issued_anew_has_its_own_code_and_the_old_one_stays_revoked(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    expert = panel.experts[0]
    old = revoked(panel, expert)
    with unit_of_work():
        db.session.get_one(User, expert.id).full_name = "Тестова Виправлена"
        new = services.issue_anew(old, by=panel.secretary)
    told = [queries.public_certificate(one.code) for one in (old, new)]
    assert [one is not None and one.is_revoked for one in told] == [True, False]
    assert (new.code != old.code, new.full_name, new.review_count) == (True, "Тестова Виправлена", 2)
    with pytest.raises(NotAllowed) as again, unit_of_work():
        services.issue_anew(old, by=panel.secretary)
    assert again.value.message == "This person has a certificate in force"
    assert issued(panel, expert).code == new.code
    steps = db.session.scalars(sa.select(JournalEntry.step).filter_by(thing="work_certificate").order_by("seq")).all()
    assert steps == ["issue", "revoke", "issue_anew"]


def test_certificate_revoked_is_not_issued_anew_by_its_holder(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    old = revoked(panel, panel.experts[0])
    with pytest.raises(NotAllowed) as own:
        issued(panel, panel.experts[0])
    assert own.value.message == "Your certificate was revoked: ask the secretary to issue a new one"
    with pytest.raises(NotAllowed), unit_of_work():
        services.issue_anew(old, by=panel.experts[0])
    assert len(db.session.scalars(sa.select(WorkCertificate)).all()) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Соломія Тестова-Зразкова", "С. Т."), ("Ієремія  Вигаданий Пан", "І. В. П."), ("ольга", "О."), ("", "")],
)
def test_certificate_shows_first_letters_only(name: str, shown: str) -> None:
    assert masked_name(name) == shown


# -- pages -----------------------------------------------------------------------------------------------------


def test_certificates_page_issues_and_gives_the_paper(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    client = visit_as(app, panel.experts[0])
    assert "Not issued" in client.get("/reviews/certificates?lang=en").text
    data = {"competition": panel.competition.code}
    assert client.post("/reviews/certificates", data=data).location == "/reviews/certificates"
    assert client.post("/reviews/certificates", data=data).location == "/reviews/certificates"
    code = db.session.scalars(sa.select(WorkCertificate.code)).one()
    assert identifiers.grouped(code) in client.get("/reviews/certificates").text
    assert client.get(f"/reviews/certificates/{code}/paper.pdf").data[:5] == b"%PDF-"
    assert visit_as(app, panel.experts[1]).get(f"/reviews/certificates/{code}/paper.pdf").status_code == 404
    assert client.post("/reviews/certificates", data={"competition": "2027-NIL"}).status_code == 404
    assert visit_as(app, panel.secretary).post("/reviews/certificates", data=data).status_code == 403


def test_certificates_page_before_the_handover_says_when(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    client = visit_as(app, panel.experts[0])
    assert "Certificates appear here once" in client.get("/reviews/certificates?lang=en").text
    submitted(panel.applications[0], panel.experts[0])
    assert (
        "The certificate is issued when scoring has been handed over"
        in client.get("/reviews/certificates?lang=en").text
    )
    assert client.post("/reviews/certificates", data={"competition": panel.competition.code}).status_code == 403


def test_check_tells_a_holder_enough_and_a_guesser_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    code, guest = issued(panel, panel.experts[0]).code, visit_as(app, None)
    page = guest.get(f"/reviews/certificates/{identifiers.grouped(code).lower()}?lang=en")
    assert page.status_code == 200
    for told in ("The certificate is genuine", panel.competition.title, "Т. Т.", "5 April 2027"):
        assert told in page.text
    for hidden in (panel.experts[0].full_name, panel.experts[0].email, *(bid.title for bid in panel.applications)):
        assert hidden not in page.text
    assert [bid.code for bid in panel.applications if bid.code in page.text] == []


def test_check_of_a_mistyped_code_asks_no_database(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock, applications=1)
    code, guest = issued(panel, panel.experts[0]).code, visit_as(app, None)
    wrong = code[:-1] + next(sign for sign in identifiers.ALPHABET if sign != code[-1])
    with count_queries() as asked:
        answer = guest.get(f"/reviews/certificates/{wrong}?lang=en")
    assert (answer.status_code, "its last character does not agree" in answer.text, asked) == (404, True, [])
    stranger = guest.get(f"/reviews/certificates/{identifiers.new_code(15)}?lang=en")
    assert (stranger.status_code, "There is no certificate with this code" in stranger.text) == (404, True)


def test_check_form_leads_to_the_address_of_the_code(app: Flask) -> None:
    guest = visit_as(app, None)
    assert guest.get("/reviews/certificates/check").status_code == 200
    answer = guest.get("/reviews/certificates/check", query_string={"code": " vk7m-4qrt "})
    assert answer.location == "/reviews/certificates/VK7M4QRT"


def test_revoked_by_page_with_its_reason(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    code, client = issued(panel, panel.experts[0]).code, visit_as(app, panel.secretary)
    address = f"/reviews/{panel.competition.code}/panel/certificates/{code}/revoke"
    bad = client.post(f"{address}?lang=en", data={"reason": ""})
    assert (bad.status_code, 'href="#reason"' in bad.text) == (422, True)
    assert visit_as(app, panel.experts[0]).post(address, data={"reason": "так"}).status_code == 403
    assert client.post(address, data={"reason": "Видано помилково"}).location == (
        f"/reviews/{panel.competition.code}/panel"
    )
    assert client.post(address.replace(code, "UNKNOWN"), data={"reason": "так"}).status_code == 404
    page = visit_as(app, None).get(f"/reviews/certificates/{code}?lang=en").text
    assert "The certificate has been revoked" in page
    assert ("Видано помилково" in page, "Т. Т." in page) == (False, False)
    assert "Видано помилково" in visit_as(app, panel.experts[0]).get("/reviews/certificates").text


def test_issued_anew_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = handed_over(clock)
    old = revoked(panel, panel.experts[0]).code
    address, client = f"/reviews/{panel.competition.code}/panel", visit_as(app, panel.secretary)
    assert "Issue a new certificate" in client.get(f"{address}?lang=en").text
    assert visit_as(app, panel.experts[0]).post(f"{address}/certificates/{old}/anew").status_code == 403
    assert client.post(f"{address}/certificates/{old}/anew").location == address
    assert "Issue a new certificate" not in client.get(f"{address}?lang=en").text
    assert client.post(f"{address}/certificates/{old}/anew").status_code == 403
    assert client.post(f"{address}/certificates/UNKNOWN/anew").status_code == 404
    page = visit_as(app, panel.experts[0]).get("/reviews/certificates?lang=en").text
    assert f"{identifiers.grouped(old)} is revoked" in page
