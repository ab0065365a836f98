"""Pages of the pool, the panel, the answers and the profile: what each shows, refuses and keeps."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import minutely
from grants_app.journal.letters import without_secrets
from grants_app.journal.models import Notice
from grants_app.lifecycle import InvitationState
from grants_app.permissions import Role
from grants_app.reviews.models import ExpertProfile, PanelInvitation
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.reviews.services import invitations as services
from tests.support.panel import Panel, new_panel, opened_panel
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

PASSWORD = "жолуді-на-мосту-27"
DAY = "2027-04-11"


def texts(page: str, selector: str) -> list[str]:
    return [found.get_text(" ", strip=True) for found in BeautifulSoup(page, "html.parser").select(selector)]


def summary(page: str) -> list[tuple[str, str]]:
    """Links of the error summary; each must lead to something that exists."""
    soup = BeautifulSoup(page, "html.parser")
    links = soup.select(".govuk-error-summary a")
    assert [link["href"] for link in links if soup.find(id=str(link["href"])[1:]) is None] == []
    return [(str(link["href"]), link.get_text(strip=True)) for link in links]


def link_of(email: str) -> str:
    """The address in the latest letter."""
    query = sa.select(Notice).filter_by(email=email, template="panel_invitation").order_by(Notice.id.desc())
    found = re.search(r"(/reviews/invitations/[\w-]+)", db.session.scalars(query).first().body)  # type: ignore[union-attr]
    assert found is not None
    return found[1]


def invited(app: Flask, panel: Panel, *people: User) -> None:
    answer = visit_as(app, panel.secretary).post(
        f"/reviews/{panel.competition.code}/panel/invite",
        data={"people": [person.email for person in people], "respond_by": DAY},
    )
    assert answer.location == f"/reviews/{panel.competition.code}/panel"


def states() -> list[InvitationState]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(PanelInvitation.state).order_by(PanelInvitation.id)))


# -- the secretary ---------------------------------------------------------------------------------------------


def test_panel_page_invites_and_shows_answers(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=3)
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel"
    first = client.get(f"{address}?lang=en").text
    assert texts(first, ".app-facts dd") == ["9 3 admitted × 3 experts", "0 0 people", "0 0 people"]
    assert "Nobody is invited: applications may be given to everybody of the pool" in first
    invited(app, panel, *panel.experts[:2])
    shown = client.get(f"{address}?lang=en").text
    assert texts(shown, ".app-facts dd") == ["9 3 admitted × 3 experts", "0 0 people", "6 2 people"]
    assert texts(shown, "section[aria-labelledby=invited] .govuk-tag") == ["Answer awaited"] * 2
    assert f"Invite more experts: {panel.competition.code}" in client.get("/home?lang=en").text
    assert "Invite more people, or ask for a higher limit." in shown
    invited(app, panel, panel.experts[2])
    assert "It is enough if those who have not answered agree." in client.get(f"{address}?lang=en").text


def test_panel_page_refuses_without_people_or_day(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel"
    answer = client.post(f"{address}/invite?lang=en", data={"respond_by": "2027-04-01"})
    assert (answer.status_code, summary(answer.text)) == (
        422,
        [
            ("#people", "Choose the people to invite"),
            ("#pool-respond-by", "The last day of answers must not have passed"),
        ],
    )
    answer = client.post(
        f"{address}/invite?lang=en", data={"people": panel.experts[0].email, "respond_by": "2027-05-30"}
    )
    assert summary(answer.text) == [("#pool-respond-by", "Answers must come before scoring ends")]
    assert BeautifulSoup(answer.text, "html.parser").select_one("input[name=people][checked]") is not None
    assert states() == []


def test_panel_page_says_beside_the_name_who_cannot_be_invited(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=panel.experts[0].id, is_available=False))
    page = visit_as(app, panel.secretary).get(f"/reviews/{panel.competition.code}/panel?lang=en").text
    box = BeautifulSoup(page, "html.parser").select_one("input[name=people]")
    assert box is not None
    assert box.has_attr("disabled")
    assert "This person has said that they cannot be asked now" in page


def test_panel_page_invites_somebody_new(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel/invite-person"
    bad = client.post(f"{address}?lang=en", data={"full_name": "Я" * 2000, "email": "не адреса", "respond_by": DAY})
    assert (bad.status_code, summary(bad.text)) == (
        422,
        [
            ("#full_name", "Shorten by 1,840 characters: 160 are allowed, now 2,000"),
            ("#email", "Enter an e-mail address such as name@example.org"),
        ],
    )
    assert texts(bad.text, "#email-error") == ["Error: Enter an e-mail address such as name@example.org"]
    data = {"full_name": "Вигадана Особа", "email": "new@example.org", "respond_by": DAY}
    assert client.post(address, data=data).location == f"/reviews/{panel.competition.code}/panel"
    again = client.post(f"{address}?lang=en", data=data)
    assert summary(again.text) == [("#email", "This address is on the list already")]
    assert states() == [InvitationState.INVITED]


def test_panel_page_of_another_role_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    for person in (panel.experts[0], panel.call.chair, panel.heads[0]):
        client = visit_as(app, person)
        assert client.get(f"/reviews/{panel.competition.code}/panel").status_code == 403
        assert client.get(f"/reviews/{panel.competition.code}/panel.csv").status_code == 403


def test_panel_buttons_again_and_withdraw(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    old = link_of(panel.experts[0].email)
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel"
    code = db.session.scalars(sa.select(PanelInvitation.code)).one()
    client.post(f"{address}/{code}/again", data={"respond_by": "2027-04-01"})
    assert link_of(panel.experts[0].email) == old
    client.post(f"{address}/{code}/again", data={"respond_by": DAY})
    assert visit_as(app, None).get(old).status_code == 404
    client.post(f"{address}/{code}/withdraw")
    assert states() == [InvitationState.WITHDRAWN]
    assert visit_as(app, None).get(link_of(panel.experts[0].email)).status_code == 410
    assert client.post(f"{address}/{code}/withdraw").status_code == 403
    assert client.post(f"{address}/UNKNOWN1/withdraw").status_code == 404


def test_panel_exported_without_reasons_of_declines(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    visit_as(app, None).post(f"{link_of(panel.experts[0].email)}/decline", data={"reason": "Сімейні обставини"})
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel"
    assert "Сімейні обставини" in client.get(address).text
    rows = json.loads(client.get(f"{address}.json").text)["rows"]
    assert [(row["email"], row["state"]) for row in rows] == [(panel.experts[0].email, "declined")]
    assert "Сімейні" not in client.get(f"{address}.csv").data.decode()
    assert client.get(f"{address}.pdf").data[:5] == b"%PDF-"
    assert client.get(f"{address}.xlsx").data[:2] == b"PK"


def test_panel_page_asks_the_database_no_more_for_more_people(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=6)
    invited(app, panel, panel.experts[0], panel.experts[1])
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/panel"
    client.get(address)
    with count_queries() as few:
        client.get(address)
    invited(app, panel, *panel.experts[2:5])
    with count_queries() as many:
        client.get(address)
    assert len(many) == len(few)


# -- the link --------------------------------------------------------------------------------------------------


def test_link_opened_changes_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    address = link_of(panel.experts[0].email)
    for path in (address, f"{address}/decline", f"{address}/accept"):
        visit_as(app, None).get(path)
        visit_as(app, None).head(path)
    assert states() == [InvitationState.INVITED]


def test_link_shows_the_work_and_the_agreement(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=2)
    invited(app, panel, *panel.experts)
    page = visit_as(app, None).get(f"{link_of(panel.experts[0].email)}?lang=en").text
    values = texts(page, ".govuk-summary-list__value")
    assert values == [
        panel.competition.title, "2", "3 experts", "about 2 applications",
        "23:59 on 20 April 2027", "23:59 on 11 April 2027",
    ]  # fmt: skip
    assert agreement_digest() in page
    assert "Sign in and accept" in page
    assert panel.experts[0].full_name not in page  # who holds a forwarded letter learns no name


def test_link_accept_by_its_owner(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    client, address = visit_as(app, panel.experts[0]), link_of(panel.experts[0].email)
    bad = client.post(f"{address}/accept?lang=en", data={"digest": agreement_digest()})
    assert (bad.status_code, summary(bad.text)) == (422, [("#agree", "Confirm that you accept the agreement")])
    old = client.post(f"{address}/accept?lang=en", data={"digest": "0" * 64, "agree": "y"})
    assert summary(old.text) == [("#agree", "The text of the agreement has changed. Read it once more and accept")]
    good = client.post(f"{address}/accept", data={"digest": agreement_digest(), "agree": "y"})
    assert (good.status_code, good.location) == (302, "/reviews/profile")
    assert states() == [InvitationState.ACCEPTED]
    twice = client.post(f"{address}/accept?lang=en", data={"digest": agreement_digest(), "agree": "y"})
    assert (twice.status_code, "You have agreed already" in twice.text) == (422, True)
    assert "You have agreed already" in visit_as(app, None).get(f"{address}?lang=en").text


def test_link_accept_as_somebody_else_or_nobody_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    invited(app, panel, panel.experts[0])
    address, other = link_of(panel.experts[0].email), visit_as(app, panel.experts[1])
    data = {"digest": agreement_digest(), "agree": "y"}
    assert "You are signed in with another address" in other.get(f"{address}?lang=en").text
    assert other.post(f"{address}/accept", data=data).status_code == 422
    assert visit_as(app, None).post(f"{address}/accept", data=data).status_code == 401
    person = {"full_name": "Хтось", "password": PASSWORD, "again": PASSWORD, **data}
    assert visit_as(app, None).post(address, data=person).status_code == 422
    assert states() == [InvitationState.INVITED]


def test_link_of_a_new_person_opens_an_account(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    visit_as(app, panel.secretary).post(
        f"/reviews/{panel.competition.code}/panel/invite-person",
        data={"full_name": "Вигадана Особа", "email": "new@example.org", "respond_by": DAY},
    )
    client, address = visit_as(app, None), link_of("new@example.org")
    assert 'value="Вигадана Особа"' in client.get(address).text
    data = {"full_name": "Вигадана Особа", "password": "короткий", "again": "інший", "digest": agreement_digest()}
    bad = client.post(f"{address}?lang=en", data=data)
    assert (bad.status_code, summary(bad.text)) == (
        422,
        [
            ("#again", "The two passwords differ. Type the same one twice"),
            ("#agree", "Confirm that you accept the agreement"),
        ],
    )
    good = client.post(address, data={**data, "password": PASSWORD, "again": PASSWORD, "agree": "y"})
    assert (good.status_code, good.location) == (302, "/reviews/profile")
    assert client.get("/reviews/profile").status_code == 200
    assert db.session.scalars(sa.select(User).filter_by(email="new@example.org")).one().roles == {Role.EXPERT}


def test_link_of_a_lapsed_wrong_or_foreign_invitation_tells_nothing_more(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    address, guest = link_of(panel.experts[0].email), visit_as(app, None)
    wrong = guest.get("/reviews/invitations/" + "x" * 43 + "?lang=en")
    assert (wrong.status_code, "This link does not work" in wrong.text) == (404, True)
    assert panel.competition.title not in wrong.text
    clock.at("2027-04-12 00:00:01")
    gone = guest.get(f"{address}?lang=en")
    assert (gone.status_code, "The place has been freed" in gone.text) == (410, True)
    assert guest.post(f"{address}/decline", data={}).status_code == 410
    minutely()["reviews.invitations"]()
    assert states() == [InvitationState.LAPSED]


def test_link_decline_needs_no_reason_and_no_account(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    address, guest = link_of(panel.experts[0].email), visit_as(app, None)
    long = guest.post(f"{address}/decline?lang=en", data={"reason": "а" * 1001})
    assert (long.status_code, summary(long.text)[0][0]) == (422, "#decline-reason")
    assert guest.post(f"{address}/decline", data={"reason": ""}).status_code == 302
    assert states() == [InvitationState.DECLINED]
    assert "You have declined already" in guest.get(f"{address}?lang=en").text


def test_link_is_hidden_from_readers_of_the_outbox(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    body = db.session.scalars(sa.select(Notice.body).filter_by(template="panel_invitation")).one()
    assert link_of(panel.experts[0].email) not in without_secrets(body)
    assert "/reviews/invitations/…" in without_secrets(body)


# -- the expert's own pages ------------------------------------------------------------------------------------


def test_own_invitation_answered_without_the_letter(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=3)
    invited(app, panel, panel.experts[0])
    client = visit_as(app, panel.experts[0])
    code = db.session.scalars(sa.select(PanelInvitation.code)).one()
    address = f"/reviews/profile/invitations/{code}"
    assert "Answer the invitation" in client.get("/home?lang=en").text
    assert address in client.get("/reviews/profile").text
    assert visit_as(app, panel.experts[1]).get(address).status_code == 404
    assert client.post(f"{address}/accept", data={"digest": agreement_digest(), "agree": "y"}).status_code == 302
    assert visit_as(app, panel.experts[1]).post(f"{address}/step-back").status_code == 404
    answer = client.post(f"{address}/step-back?lang=en", data={"reason": ""}, follow_redirects=True)
    assert "You no longer score in this competition. 1 application is handed over" in answer.text
    assert states() == [InvitationState.DECLINED]
    assert client.post(f"{address}/step-back", data={}).status_code == 403


def test_own_invitation_declined(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    code = db.session.scalars(sa.select(PanelInvitation.code)).one()
    client = visit_as(app, panel.experts[0])
    assert client.post(f"/reviews/profile/invitations/{code}/decline", data={}).status_code == 302
    assert states() == [InvitationState.DECLINED]


def test_own_profile_saved_whole(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    client = visit_as(app, panel.experts[0])
    assert client.get("/reviews/profile").status_code == 200
    data = {
        "version": "0", "fields_known": [panel.competition.priorities[0].code, "unknown"], "languages": ["uk", "en"],
        "is_available": "y", "away_from": "2027-05-01", "away_until": "2027-05-09", "most_applications": "7",
        "workplace": "Бібліотека\u202e", "workplace_edrpou": "14360570", "organisations-0-name": "ГО «Вигадана»",
        "organisations-0-edrpou": "14360570", "organisations-0-role": "board", "organisations-1-name": "",
        "organisations-1-edrpou": "", "organisations-1-role": "", "address": "вул. Вигадана, 1",
        "iban": "UA21 3223 1300 0002 6007 2335 6600 1",
    }  # fmt: skip
    assert client.post("/reviews/profile", data=data).location == "/reviews/profile"
    stored = db.session.scalars(sa.select(ExpertProfile)).one()
    assert (stored.fields_known, stored.languages) == ([panel.competition.priorities[0].code], ["en", "uk"])
    assert (stored.most_applications, stored.workplace) == (7, "Бібліотека")
    assert stored.organisations == [{"name": "ГО «Вигадана»", "edrpou": "14360570", "role": "board"}]
    assert stored.iban == "UA213223130000026007233566001"
    page = client.get("/reviews/profile").text
    assert 'value="ГО «Вигадана»"' in page


def test_own_profile_refused_by_field(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    client = visit_as(app, panel.experts[0])
    data = {
        "version": "0", "workplace": "Ж" * 2000, "workplace_edrpou": "12345679", "most_applications": "багато",
        "organisations-0-name": "", "organisations-0-edrpou": "14360570", "organisations-0-role": "board",
    }  # fmt: skip
    answer = client.post("/reviews/profile?lang=en", data=data)
    assert (answer.status_code, summary(answer.text)) == (
        422,
        [
            ("#most_applications", "Enter a whole number"),
            ("#workplace", "Shorten by 1,700 characters: 300 are allowed, now 2,000"),
            ("#workplace_edrpou", "Check the EDRPOU code: it has eight digits and the last one must agree"),
            ("#organisations-0-name", "Row 1: Enter the name of the organisation"),
        ],
    )
    late = {"version": "0", "away_from": "2027-05-09", "away_until": "2027-05-01", "iban": "UA11", "languages": "xx"}
    answer = client.post("/reviews/profile?lang=en", data={**late, "most_applications": "0"})
    assert sorted(place for place, _ in summary(answer.text)) == [
        "#away_until", "#iban", "#languages", "#most_applications",
    ]  # fmt: skip
    assert db.session.scalars(sa.select(ExpertProfile)).all() == []


def test_profile_saved_by_two_shows_both_versions(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    own, secretary = visit_as(app, panel.experts[0]), visit_as(app, panel.secretary)
    address = secretary.post("/reviews/experts", data={"email": panel.experts[0].email}).location or ""
    own.post("/reviews/profile", data={"version": "1", "workplace": "Бібліотека", "is_available": "y"})
    clash = secretary.post(f"{address}?lang=en", data={"version": "1", "workplace": "Музей", "is_available": "y"})
    assert clash.status_code == 409
    assert texts(clash.text, ".app-card table td, .app-card table tbody th") == ["Workplace", "Бібліотека", "Музей"]
    again = secretary.post(address, data={"version": "2", "workplace": "Музей", "is_available": "y"})
    assert again.location == "/reviews/experts"
    assert secretary.get("/reviews/experts/UNKNOWN1").status_code == 404


def test_profile_of_another_closed_to_experts(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    code = visit_as(app, panel.secretary).post("/reviews/experts", data={"email": panel.experts[0].email}).location
    stranger = visit_as(app, panel.experts[1])
    assert stranger.get(code or "").status_code == 403
    assert stranger.post(code or "", data={"version": "1"}).status_code == 403
    assert visit_as(app, new_person(Role.COMMISSION_MEMBER)).get("/reviews/profile").status_code == 403


def test_pool_filtered_and_exported_as_seen_without_address_and_account(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=3)
    field = panel.competition.priorities[0].code
    with unit_of_work():
        db.session.add(
            ExpertProfile(
                user_id=panel.experts[0].id, fields_known=[field], languages=["uk", "pl"], workplace="=1+1",
                address="вул. Таємна, 5", iban="UA213223130000026007233566001",
            )
        )  # fmt: skip
        db.session.add(ExpertProfile(user_id=panel.experts[1].id, away_from=product_clock.today(), languages=["uk"]))
    client = visit_as(app, panel.secretary)

    def shown(**chosen: str) -> list[str]:
        rows = json.loads(client.get("/reviews/experts.json", query_string=chosen).text)["rows"]
        return sorted(row["email"] for row in rows)

    emails = [person.email for person in panel.experts]
    assert shown() == sorted(emails)
    assert shown(field=field) == [emails[0]]
    assert shown(language="pl") == [emails[0]]
    assert shown(availability="away") == [emails[1]]
    assert shown(text=emails[2].upper()) == [emails[2]]
    assert shown(text="нікого такого") == []
    assert "Nothing matches" in client.get("/reviews/experts?lang=en&text=нікого").text
    whole = client.get("/reviews/experts.csv").data.decode()
    assert ("'=1+1" in whole, "Таємна" in whole, "UA2132" in whole) == (True, False, False)
    page = client.get("/reviews/experts").text
    assert ("Таємна" in page, "UA2132" in page) == (False, False)


def test_pool_begins_a_profile_once(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    client, expert = visit_as(app, panel.secretary), panel.experts[0]
    address = client.post("/reviews/experts", data={"email": expert.email}).location or ""
    assert client.post("/reviews/experts", data={"email": expert.email}).location == address
    assert texts(client.get(address).text, "h1") == [expert.full_name]
    assert client.post("/reviews/experts", data={"email": "nobody@example.org"}).status_code == 404


def test_bar_of_an_expert(app: Flask, clock: FrozenClock) -> None:
    page = visit_as(app, new_person(Role.EXPERT)).get("/home?lang=en").text
    words = texts(page, "nav a")
    assert [word for word in words if word in ("My expert profile", "My certificates")] == [
        "My expert profile",
        "My certificates",
    ]


def test_invitation_token_is_compared_by_digest_only(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(app, panel, panel.experts[0])
    row = db.session.scalars(sa.select(PanelInvitation)).one()
    assert services.token_digest(link_of(panel.experts[0].email).rsplit("/", 1)[1]) == row.token_digest
    assert visit_as(app, None).get(f"/reviews/invitations/{row.token_digest}").status_code == 404
