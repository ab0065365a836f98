"""Pages of competitions through the client: the way works, refusals say why, what was typed is kept."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from grants_app.competitions import queries, services
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM, advance
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Role
from grants_app.web import panels
from tests.support.calls import CODE, announced_call, new_call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

THEMES = ("basics", "lots", "priorities", "criteria", "intake", "calendar", "rules", "panel", "people")


def page_of(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def typed(answer: TestResponse) -> dict[str, Any]:
    """What a browser would send back for the main form of the page."""
    form = page_of(answer).select_one("main form[method=post]")
    assert form is not None
    sent: dict[str, Any] = {}
    for control in form.select("input, textarea, select"):
        name, kind = str(control.get("name")), control.get("type")
        if control.name == "textarea":
            sent[name] = control.get_text().removeprefix("\r").removeprefix("\n")
        elif control.name == "select":
            chosen = control.select_one("option[selected]")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif kind in {"radio", "checkbox"}:
            if control.has_attr("checked"):
                sent[name] = str(control["value"])
        else:
            sent[name] = str(control.get("value", ""))
    return sent


def summary(answer: TestResponse) -> list[str]:
    return [item.get_text(strip=True) for item in page_of(answer).select(".govuk-error-summary li")]


def stored(code: str) -> Competition:
    return db.session.query(Competition).filter_by(code=code).one()


def test_guest_reads_the_announced_competition(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    guest = visit_as(app, None)
    listed = guest.get("/competitions")
    assert [link["href"] for link in page_of(listed).select("main table a")] == [f"/competitions/{CODE}"]
    answer = guest.get(f"/competitions/{CODE}")
    text = page_of(answer).get_text(" ", strip=True)
    assert answer.status_code == 200
    for words in ("до 23:59 середи, 31 березня 2027 року", "1 000 000 грн", "Потреба громади", "не фінансують"):
        assert words in text.replace("\xa0", " "), words


def test_page_title_tells_which_competition_it_is_about(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    page = page_of(visit_as(app, None).get(f"/competitions/{CODE}/calendar"))
    assert page.title.get_text() == f"Календар і строки, {CODE} – Гранти громади"  # type: ignore[union-attr]


def test_guest_gets_nothing_of_a_draft(app: Flask, clock: FrozenClock) -> None:
    new_call()
    guest = visit_as(app, None)
    for address in ("", ".pdf", "/rules.json", "/calendar.ics"):
        assert guest.get(f"/competitions/{CODE}{address}").status_code == 404
    assert page_of(guest.get("/competitions")).select("main table a") == []


def test_english_page_speaks_english(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    text = page_of(visit_as(app, None).get(f"/competitions/{CODE}?lang=en")).get_text(" ", strip=True)
    assert "until 23:59 on Wednesday, 31 March 2027" in text
    assert "Need of the community" in text
    assert "Потреба громади" not in text


def test_list_is_exported_as_it_is_filtered(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    guest = visit_as(app, None)
    assert guest.get("/competitions.json?group=open").json == {
        "title": "Конкурси",
        "rows": [
            {
                "code": CODE,
                "title": "Соціально-культурні проєкти",
                "year": 2027,
                "state": "open",
                "fund_kop": 100_000_000,
                "minimum_kop": 2_500_000,
                "maximum_kop": 10_000_000,
                "own_share_min_bp": 2500,
                "intake_first_day": "2027-03-01",
                "intake_last_day": "2027-03-31",
                "results_by": "2027-05-05",
            }
        ],
    }
    assert guest.get("/competitions.json?group=past&year=x&unknown=1").json == {"title": "Конкурси", "rows": []}
    assert guest.get("/competitions.csv").get_data(as_text=True).count(CODE) == 1


@pytest.mark.sqlite_only
def test_announcement_calendar_and_rules_are_downloaded(app: Flask, clock: FrozenClock) -> None:
    competition = announced_call().competition
    guest = visit_as(app, None)
    assert guest.get(f"/competitions/{CODE}.pdf").get_data().startswith(b"%PDF")
    assert guest.get("/competitions.pdf").get_data().startswith(b"%PDF")
    assert guest.get(f"/competitions/{CODE}/rules.json").get_data(as_text=True) == competition.rules_text
    calendar = guest.get(f"/competitions/{CODE}/calendar.ics").get_data(as_text=True)
    assert "DTEND:20270331T210000Z" in calendar.split("\r\n")
    assert max(len(line.encode()) for line in calendar.split("\r\n")) <= 75


def test_queries_do_not_grow_with_the_list(app: Flask, clock: FrozenClock) -> None:
    guest = visit_as(app, None)
    counts = []
    for number in (1, 2, 3):
        announced_call(code=f"2027-{number}")
        if number != 2:
            with count_queries() as statements:
                guest.get("/competitions")
            counts.append(len(statements))
    assert counts[0] == counts[1]


def test_competition_from_preset_to_announcement(app: Flask, clock: FrozenClock) -> None:
    """The whole way of the organizer through the pages, with what the forms themselves carry."""
    call = new_call(code="2027-OTHER")  # the people and the money
    organizer = visit_as(app, call.organizer)
    data = {"title": "Новий конкурс", "code": "2027-NEW", "year": "2027", "basis": "copy:2027-OTHER"}
    answer = organizer.post("/competitions/new", data=data)
    assert answer.location == "/competitions/2027-NEW/settings/basics"
    for theme in THEMES:
        address = f"/competitions/2027-NEW/settings/{theme}"
        sent = typed(organizer.get(address))
        if theme == "lots":
            sent |= {"lots-0-source_line": call.line.code, "lots-1-source_line": call.line.code}
        if theme == "calendar":
            sent |= typed(organizer.get("/competitions/2027-OTHER/settings/calendar"))
            sent["version"] = str(stored("2027-NEW").version)
        saved = organizer.post(address, data=sent)
        assert (theme, saved.status_code, summary(saved)) == (theme, 302, [])
    sent = typed(organizer.get("/competitions/2027-NEW/announce"))
    assert organizer.post("/competitions/2027-NEW/announce", data=sent).location == "/competitions/2027-NEW"
    assert stored("2027-NEW").state is C.ANNOUNCED
    assert queries.engine_rules(stored("2027-NEW")) == queries.engine_rules(call.competition)
    assert stored("2027-NEW").category_ceilings == {}


@pytest.mark.parametrize("lang", ["uk", "en"])
def test_saving_untouched_settings_changes_nothing(app: Flask, clock: FrozenClock, lang: str) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    organizer.get(f"/home?lang={lang}")
    before = queries.rules_document(call.competition)
    names = ("intake_from", "intake_until", "scoring_until", "results_by", "inkind_max_bp", "divergence_bp", "title")
    dates = {name: getattr(call.competition, name) for name in names}
    for theme in THEMES:
        address = f"/competitions/{CODE}/settings/{theme}"
        assert organizer.post(address, data=typed(organizer.get(address))).status_code == 302
    assert queries.rules_document(stored(CODE)) == before
    assert {name: getattr(stored(CODE), name) for name in names} == dates
    assert len(queries.seat_rows(stored(CODE))) == 6


def test_sets_of_criteria_are_edited_in_the_language_of_the_editor(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    shown = {
        lang: typed(organizer.get(f"/competitions/{CODE}/settings/criteria?lang={lang}"))["criteria-1-title"]
        for lang in ("en", "uk")
    }
    assert shown == {"uk": "Потреба громади", "en": "Need of the community"}


def test_new_competition_with_bad_values_is_kept_and_explained(app: Flask, clock: FrozenClock) -> None:
    client = visit_as(app, new_person(Role.ORGANIZER))
    answer = client.post("/competitions/new", data={"title": "Назва", "code": "пробa", "year": "2027", "basis": ""})
    assert answer.status_code == 422
    assert summary(answer) == ["Виберіть, з чого почати"]
    answer = client.post(
        "/competitions/new", data={"title": "Назва", "code": "пробa", "year": "2027", "basis": "preset:prag"}
    )
    assert answer.status_code == 422
    assert len(summary(answer)) == 1
    assert page_of(answer).select_one("#code")["value"] == "пробa"  # type: ignore[index]  # it is there


@pytest.mark.parametrize(
    ("theme", "change", "field"),
    [
        ("lots", {"lots-0-fund_kop": "сто"}, "lots-0-fund_kop"),
        ("lots", {"lots-0-minimum_kop": "60000", "lots-0-maximum_kop": "50000"}, "lots-0-maximum_kop"),
        ("lots", {"lots-1-title": ""}, "lots-1-title"),
        ("criteria", {"criteria-0-weight": "багато"}, "criteria-0-weight"),
        ("criteria", {"criteria-2-maximum": "0"}, "criteria-2-maximum"),
        ("criteria", {"criteria-0-bands": "без двокрапки"}, "criteria-0-bands"),
        ("criteria", {"criteria-0-bands": "9–11: вище за шкалу"}, "criteria-0-bands"),
        ("criteria", {"criteria-0-bands": "9–6: навпаки"}, "criteria-0-bands"),
        ("calendar", {"intake_until": "2027-02-01"}, "intake_until"),
        ("calendar", {"correction_days": ""}, "correction_days"),
        ("rules", {"own_share_min_bp": "125"}, "own_share_min_bp"),
        ("rules", {"ceilings-administration": "-1"}, "ceilings-administration"),
        ("basics", {"title": ""}, "title"),
        ("intake", {"upload_grace_minutes": "61"}, "upload_grace_minutes"),
        ("panel", {"experts_per_application": "0"}, "experts_per_application"),
        ("panel", {"kept_experts": "4"}, "kept_experts"),
        ("panel", {"most_per_expert": "0"}, "most_per_expert"),
    ],
)
def test_settings_with_a_bad_value_explained_at_the_field(
    app: Flask, clock: FrozenClock, theme: str, change: dict[str, str], field: str
) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    address = f"/competitions/{CODE}/settings/{theme}"
    sent = typed(organizer.get(address)) | change
    answer = organizer.post(address, data=sent)
    assert answer.status_code == 422
    assert [link["href"] for link in page_of(answer).select(".govuk-error-summary a")] == [f"#{field}"]
    assert page_of(answer).select_one(f"#{field}-error") is not None
    for name, value in change.items():
        assert typed(answer)[name] == value


def test_two_editors_see_both_versions(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    address = f"/competitions/{CODE}/settings/basics"
    first, second = typed(organizer.get(address)), typed(organizer.get(address))
    organizer.post(address, data=first | {"title": "Перша назва"})
    answer = organizer.post(address, data=second | {"title": "Друга назва"})
    cells = [cell.get_text(strip=True) for cell in page_of(answer).select("main tbody tr td")]
    assert (answer.status_code, cells) == (409, ["Друга назва", "Перша назва"])
    assert stored(CODE).title == "Перша назва"
    again = organizer.post(address, data=typed(answer))
    assert (again.status_code, stored(CODE).title) == (302, "Друга назва")


def test_double_click_saves_once(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    sent = typed(organizer.get(f"/competitions/{CODE}/announce"))
    answers = [organizer.post(f"/competitions/{CODE}/announce", data=sent) for _ in range(2)]
    assert [answer.location for answer in answers] == [f"/competitions/{CODE}"] * 2
    assert call.line.reserved_kop == 100_000_000


def test_announced_call_is_not_asked_again_what_is_missing(app: Flask, clock: FrozenClock) -> None:
    """Its money is reserved already: the conditions of announcing would call it short."""
    call = announced_call()
    answer = visit_as(app, call.organizer).get(f"/competitions/{CODE}/announce")
    assert (answer.status_code, answer.location) == (302, f"/competitions/{CODE}")


@pytest.mark.parametrize(("lang", "sums"), [("uk", ["25 000 грн", "50 %"]), ("en", ["UAH 25,000", "50%"])])
def test_fixed_sums_are_written_in_the_language_of_the_reader(
    app: Flask, clock: FrozenClock, lang: str, sums: list[str]
) -> None:
    organizer = visit_as(app, announced_call().organizer)
    found = []
    for theme, label in (("lots", 2), ("rules", 1)):
        page = page_of(organizer.get(f"/competitions/{CODE}/settings/{theme}?lang={lang}"))
        found.append(page.select("dd")[label].get_text(strip=True).replace("\u00a0", " "))
    assert found == sums


def test_fixed_settings_are_shown_with_the_reason(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    for theme in THEMES[:-1]:
        page = page_of(organizer.get(f"/competitions/{CODE}/settings/{theme}"))
        assert page.select("main form[method=post]") == []
        assert "Правила зафіксовано" in page.get_text()
    sent = {"title": "Інше", "version": str(stored(CODE).version)}
    assert organizer.post(f"/competitions/{CODE}/settings/basics", data=sent).status_code == 422
    assert stored(CODE).title == "Соціально-культурні проєкти"


def test_commission_replaced_after_the_announcement(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    newcomer = new_person(Role.COMMISSION_MEMBER)
    organizer = visit_as(app, call.organizer)
    address = f"/competitions/{CODE}/settings/people"
    sent = typed(organizer.get(address))
    place = next(name for name in sent if name.endswith("-person") and sent[name] == call.members[0].email)
    assert organizer.post(address, data=sent | {place: newcomer.email}).status_code == 302
    people = {row.user_id for row in queries.seat_rows(stored(CODE))}
    assert newcomer.id in people
    assert call.members[0].id not in people


def test_announce_page_lists_what_is_missing(app: Flask, clock: FrozenClock) -> None:
    organizer = new_person(Role.ORGANIZER)
    with unit_of_work():
        services.create_competition(code="2027-X", title="Проба", year=2027, by=organizer)
    client = visit_as(app, organizer)
    page = page_of(client.get("/competitions/2027-X/announce"))
    links = [link["href"] for link in page.select(".app-checks a")]
    themes = [re.sub(".*/", "", str(link)) for link in links]
    assert themes == ["basics"] * 5 + ["lots"] * 2 + ["calendar"] + ["people"] * 3
    assert page.select_one("main form[method=post] button[disabled]") is not None
    answer = client.post("/competitions/2027-X/announce", data={"version": str(stored("2027-X").version)})
    assert (answer.status_code, len(summary(answer))) == (422, 11)


def test_prolong_and_cancel_by_pages(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer, guest = visit_as(app, call.organizer), visit_as(app, None)
    address = f"/competitions/{CODE}/prolong"
    sent = typed(organizer.get(address))
    refused = organizer.post(address, data=sent | {"until": "2027-03-31", "reason": "Замало заявок"})
    assert (refused.status_code, len(summary(refused))) == (422, 1)
    assert organizer.post(address, data=sent | {"until": "2027-04-05"}).status_code == 422
    sent = typed(organizer.get(address)) | {"until": "2027-04-05", "reason": "Замало заявок"}
    assert organizer.post(address, data=sent).status_code == 302
    assert "Замало заявок" in guest.get(f"/competitions/{CODE}").get_data(as_text=True)
    sent = typed(organizer.get(f"/competitions/{CODE}/cancel")) | {"reason": "Кошти забрали", "sure": "y"}
    assert organizer.post(f"/competitions/{CODE}/cancel", data=sent).status_code == 302
    assert "Кошти забрали" in guest.get(f"/competitions/{CODE}").get_data(as_text=True)
    assert stored(CODE).state is C.CANCELLED


def test_prolong_after_the_deadline_refused_with_the_reason(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    clock.at((call.competition.intake_until or clock.now) + timedelta(seconds=1))
    page = page_of(organizer.get(f"/competitions/{CODE}/prolong"))
    assert page.select_one("main form button[disabled]") is not None
    answer = organizer.post(f"/competitions/{CODE}/prolong", data={"until": "2027-04-05", "reason": "Замало"})
    assert answer.status_code == 422
    assert summary(answer) == ["Строк минув: прийом уже не можна продовжити"]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.EXPERT, Role.NGO_HEAD])
def test_others_may_not_announce(app: Flask, clock: FrozenClock, role: Role) -> None:
    call = new_call()
    client = visit_as(app, new_person(role))
    version = str(call.competition.version)
    assert client.post(f"/competitions/{CODE}/announce", data={"version": version}).status_code == 403
    assert stored(CODE).state is C.DRAFT


def test_working_days_are_edited(app: Flask, clock: FrozenClock) -> None:
    client = visit_as(app, new_person(Role.ORGANIZER))
    added = client.post("/competitions/working-days", data={"day": "2027-08-24", "title": "День Незалежності"})
    assert added.location == "/competitions/working-days?year=2027"
    assert [day.isoformat() for day in queries.days_off()] == ["2027-08-24"]
    again = client.post("/competitions/working-days", data={"day": "2027-08-24"})
    assert (again.status_code, len(summary(again))) == (422, 1)
    assert client.post("/competitions/working-days", data={"day": "коли-небудь"}).status_code == 422
    assert client.get("/competitions/working-days?year=2027").status_code == 200
    assert client.post("/competitions/working-days/2027-08-24/remove").status_code == 302
    assert client.post("/competitions/working-days/2027-08-24/remove").status_code == 404
    assert client.post("/competitions/working-days/xx/remove").status_code == 404
    assert queries.days_off() == frozenset()


def test_start_page_shows_the_open_call(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    page = page_of(visit_as(app, None).get("/"))
    assert [heading.get_text(strip=True) for heading in page.select(".app-call h2")] == ["Соціально-культурні проєкти"]


def test_organizer_is_told_what_waits(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    announced = announced_call(code="2027-B")
    with unit_of_work():
        for step in ("open", "close"):
            advance(announced.competition, step, by=SYSTEM)
    with app.test_request_context():
        items = [(item.url, item.when) for item in panels.due_items(call.organizer)]
        others = [item.url for item in panels.due_items(call.secretary) if "/competitions/" in item.url]
    assert items == [
        (f"/competitions/{CODE}/announce", call.competition.intake_from),
        ("/competitions/2027-B", product_clock.end_of_day(date(2027, 5, 5))),
    ]
    assert others == []


def test_unknown_competition_is_404(app: Flask, clock: FrozenClock) -> None:
    assert visit_as(app, None).get("/competitions/NONE").status_code == 404
