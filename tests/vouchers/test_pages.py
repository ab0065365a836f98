"""The pages of the voucher stage: whose turn it is, what is refused, what is hidden."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core import clock as product_clock
from grants_app.core import identifiers
from grants_app.database import db
from grants_app.lifecycle import VoucherState
from grants_app.vouchers.models import Voucher
from grants_app.vouchers.rules import AREAS
from tests.support.time import FrozenClock
from tests.vouchers.conftest import IBAN, NEED, Desk, voucher

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(autouse=True)
def _forms_without_token(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def signed_in(app: Flask, desk: Desk, name: str) -> FlaskClient:
    client = app.test_client()
    uniquifier = desk.user(name).fs_uniquifier
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = uniquifier, True
    return client


def test_request_by_the_head_through_the_page(app: Flask, desk: Desk) -> None:
    head = signed_in(app, desk, "head0")
    page = head.get("/vouchers/request/V-2027")
    assert page.status_code == 200
    fields = {"service": "legal", "need": NEED, **{f"area_{code}": "4" for code, _ in AREAS}}
    answer = head.post("/vouchers/request/V-2027", data=fields)
    assert answer.status_code == 302
    assert head.get(answer.location).status_code == 200


def test_request_without_need_keeps_what_was_typed(app: Flask, desk: Desk) -> None:
    head = signed_in(app, desk, "head0")
    answer = head.post("/vouchers/request/V-2027", data={"service": "legal", "need": "Коротко"})
    assert answer.status_code == 422
    assert "Коротко" in answer.text
    assert answer.text.count('href="#area_mission') == 1


def test_same_request_sent_twice_makes_one_voucher(app: Flask, desk: Desk) -> None:
    head = signed_in(app, desk, "head0")
    fields = {"service": "legal", "need": NEED, "form_key": "k1", **{f"area_{code}": "4" for code, _ in AREAS}}
    first = head.post("/vouchers/request/V-2027", data=fields)
    second = head.post("/vouchers/request/V-2027", data=fields)
    assert (first.status_code, second.status_code, second.location) == (302, 302, first.location)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Voucher)) == 1


def test_case_of_another_organisation_is_not_found(app: Flask, desk: Desk) -> None:
    key = voucher(desk.issued()).key
    assert signed_in(app, desk, "head1").get(f"/vouchers/cases/{key}").status_code == 404
    assert signed_in(app, desk, "head0").get(f"/vouchers/cases/{key}").status_code == 200


def test_whole_way_through_the_pages(app: Flask, desk: Desk) -> None:
    people = {name: signed_in(app, desk, name) for name in ("head0", "operator", "consultant", "checker", "finance")}
    voucher_id = desk.requested()
    case = f"/vouchers/cases/{voucher(voucher_id).key}"
    assert people["operator"].post(f"{case}/issue").status_code == 302
    today = product_clock.today().isoformat()
    scope = {"consultant": desk.consultant.code, "description": "Нова редакція статуту, супровід", "hours": "20",
             "rate": "1 000,00", "starts_on": today, "ends_on": today}  # fmt: skip
    assert people["head0"].post(f"{case}/scope", data=scope).status_code == 302
    page = people["consultant"].get(case).text
    digest = re.search(r'name="digest"[^>]*value="([0-9a-f]{64})"', page)
    assert digest is not None
    assert people["consultant"].post(f"{case}/scope/sign", data={"digest": digest[1], "agree": "y"}).status_code == 302
    act = {"number": "7", "day": today, "content": "Підготовлено нову редакцію статуту", "hours": "20"}
    assert people["consultant"].post(f"{case}/act", data=act).status_code == 302
    digest = re.search(r'name="digest"[^>]*value="([0-9a-f]{64})"', people["head0"].get(case).text)
    assert digest is not None
    assert people["head0"].post(f"{case}/act/sign", data={"digest": digest[1], "agree": "y"}).status_code == 302
    claim = {"invoice_number": "R-1", "invoice_day": today, "payee_iban": IBAN, "copayment_proof": "45", "rating": "5"}
    assert people["head0"].post(f"{case}/claim", data=claim).status_code == 302
    refused = people["operator"].post(f"{case}/approve")
    assert (refused.status_code, voucher(voucher_id).state) == (422, VoucherState.DELIVERED)
    assert people["checker"].post(f"{case}/approve").status_code == 302
    assert people["finance"].post(f"{case}/pay", data={"reference": "PAY-1"}).status_code == 302
    assert voucher(voucher_id).state is VoucherState.REDEEMED
    for name in people:
        assert people[name].get(case).status_code == 200
    for paper in ("certificate", "scope", "act"):
        assert people["head0"].get(f"{case}/{paper}.pdf").data.startswith(b"%PDF-")


def test_public_check_tells_no_person(app: Flask, desk: Desk, client: FlaskClient) -> None:
    found = voucher(desk.issued())
    page = client.get(f"/v/{found.code}")
    assert page.status_code == 200
    for secret in (NEED, "head0", "operator@", found.key, desk.organisation(0).head_name):
        assert secret not in page.text
    assert found.organisation.edrpou in page.text


def test_public_check_accepts_what_people_type(app: Flask, desk: Desk, client: FlaskClient) -> None:
    code = str(voucher(desk.issued()).code)
    typed = identifiers.grouped(code).lower()
    answer = client.get("/v", query_string={"code": typed})
    assert answer.location == f"/v/{code}"


def test_unknown_code_and_wrong_check_answer_alike(app: Flask, desk: Desk, client: FlaskClient) -> None:
    code = str(voucher(desk.issued()).code)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    unknown = identifiers.new_code(27)
    pages = []
    for typed in (wrong, unknown):
        answer = client.get(f"/v/{typed}")
        assert answer.status_code == 404
        pages.append(re.sub(r'nonce(-|=")[\w-]+|lang=\w+', "", answer.text.replace(typed, "CODE")))
    assert pages[0] == pages[1]


def test_expired_voucher_shown_expired_before_the_job_ran(
    app: Flask, desk: Desk, client: FlaskClient, clock: FrozenClock
) -> None:
    found = voucher(desk.issued())
    code, until = found.code, found.book_until
    assert until is not None
    clock.at(until)
    assert voucher(found.id).state is VoucherState.ISSUED
    page = client.get(f"/v/{code}?lang=en").text
    assert "The voucher’s term has ended" in page


@pytest.mark.parametrize("suffix", ["json", "csv", "xlsx", "pdf"])
def test_register_exported(app: Flask, desk: Desk, suffix: str) -> None:
    desk.issued()
    answer = signed_in(app, desk, "operator").get(f"/vouchers/register.{suffix}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    if suffix == "json":
        assert [row["edrpou"] for row in answer.get_json()["rows"]] == ["32855961"]


@pytest.mark.parametrize(
    "path",
    [
        "/vouchers",
        "/vouchers/catalogue",
        "/vouchers/consultants",
        "/v",
        "/vouchers?lang=en",
        "/vouchers/catalogue?lang=en",
    ],
)
def test_public_pages_open(app: Flask, desk: Desk, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("operator", "/vouchers/programmes"),
        ("operator", "/vouchers/programmes/new"),
        ("operator", "/vouchers/programmes/V-2027"),
        ("operator", "/vouchers/requests"),
        ("operator", "/vouchers/claims"),
        ("operator", "/vouchers/register"),
        ("operator", "/vouchers/accreditation"),
        ("finance", "/vouchers/claims"),
        ("consultant", "/vouchers/work"),
        ("consultant", "/vouchers/profile"),
        ("head0", "/vouchers"),
    ],
)
def test_desk_pages_open_and_strangers_are_refused(app: Flask, desk: Desk, name: str, path: str) -> None:
    desk.claimed()
    assert signed_in(app, desk, name).get(path).status_code == 200
    if path != "/vouchers":
        assert signed_in(app, desk, "head1").get(path).status_code == 403


def test_new_programme_through_the_page(app: Flask, desk: Desk) -> None:
    operator = signed_in(app, desk, "operator")
    fields = {"code": "V-2", "title": "Друга", "year": "2027", "donor": "Фонд", "fund": "100 000", "face": "10 000",
              "share": "80", "ends_on": "2027-12-01", "validity_days": "183", "booking_days": "30", "yearly": "2",
              "payee": "to_ngo"}  # fmt: skip
    bad = operator.post("/vouchers/programmes/new", data={**fields, "face": "сто"})
    assert bad.status_code == 422
    assert "сто" in bad.text
    assert 'href="#face"' in bad.text
    answer = operator.post("/vouchers/programmes/new", data=fields)
    assert answer.status_code == 302
    offer = {"service": "legal", "hours": "20", "rate": "900"}
    assert operator.post("/vouchers/programmes/V-2/offers", data=offer).status_code == 302
    assert operator.post("/vouchers/programmes/V-2/activate").status_code == 302
    assert operator.post("/vouchers/programmes/V-2/suspend", data={"reason": ""}).status_code == 422
    assert operator.post("/vouchers/programmes/V-2/suspend", data={"reason": "Чекаємо на донора"}).status_code == 302


def test_refused_reason_is_kept_and_the_summary_leads_to_it(app: Flask, desk: Desk) -> None:
    case = f"/vouchers/cases/{voucher(desk.issued()).key}"
    typed = "Причина " * 200
    answer = signed_in(app, desk, "operator").post(f"{case}/cancel", data={"reason": typed})
    assert answer.status_code == 422
    kept = re.search(r'<textarea[^>]* id="reason" [^>]*>([^<]*)</textarea>', answer.text)
    assert kept is not None
    assert kept[1].strip() == typed.strip()
    assert answer.text.count('href="#reason"') == 1


def test_steps_of_a_case_show_kyiv_days(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    clock.at("2027-03-02 00:30")  # still 1 March in UTC
    case = f"/vouchers/cases/{voucher(desk.requested()).key}"
    page = signed_in(app, desk, "head0").get(case).text
    path = page[page.index('<ol class="app-steps') :].split("</ol>")[0]
    assert re.findall(r"\d\d\.\d\d\.\d{4}", path) == ["02.03.2027"]


def test_refused_suspension_keeps_its_reason_by_the_consultant(app: Flask, desk: Desk) -> None:
    typed = "Причина " * 200
    address = f"/vouchers/accreditation/{desk.consultant.code}/suspend"
    answer = signed_in(app, desk, "operator").post(address, data={"reason": typed})
    assert answer.status_code == 422
    kept = re.search(r'<textarea[^>]* id="reason" [^>]*>([^<]*)</textarea>', answer.text)
    assert kept is not None
    assert kept[1].strip() == typed.strip()
