"""The city's register of organisations: the list, its exports, and a table taken in."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import unescape
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import Organisation
from grants_app.accounts.routes.register_table import pack, unpack
from grants_app.accounts.rules.register_table import HEADINGS, RegisterLine
from grants_app.accounts.schemas import RegisterSchema
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.web.columns import columns_of
from tests.accounts.people import EDRPOU, OTHER_EDRPOU, enter, facts, head, key, person, steps_of
from tests.support.queries import count_queries

LIST = "/accounts/organisations"
IMPORT = f"{LIST}/import"
HEAD = ("Код ЄДРПОУ", "Повна назва", "Скорочена назва", "Дата реєстрації", "Телефон", "Напрями діяльності")
ROW = ("20602681", "Громадська організація «Друга»", "ГО «Друга»", "02.04.2019", "0501112233", "youth; sport")


def keeper(client: FlaskClient, role: Role = Role.ORGANIZER) -> None:
    enter(client, person(f"{role}@example.org", role))


def sheet(*rows: tuple[object, ...], head_row: tuple[str, ...] = HEAD) -> bytes:
    """A workbook as a person fills it in."""
    book = openpyxl.Workbook()
    for row in (head_row, *rows):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(*rows: tuple[str, ...], head_row: tuple[str, ...] = HEAD, delimiter: str = ";") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows((head_row, *rows))
    return out.getvalue()


def sent(client: FlaskClient, body: bytes, name: str = "t.xlsx", **fields: str) -> Any:
    data: dict[str, Any] = {"file": (io.BytesIO(body), name), **fields, **key()}
    return client.post(IMPORT, data=data, content_type="multipart/form-data")


def hidden(page: str) -> dict[str, str]:
    """What the preview carries to the confirmation."""
    return {
        name: unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1])  # type: ignore[index]
        for name in ("rows", "basis", "overwrite")
    }


def confirmed(client: FlaskClient, page: str, **changes: str) -> Any:
    return client.post(f"{IMPORT}/confirm", data={**hidden(page), **changes, **key()})


def numbers(page: str) -> list[int]:
    """New, changed, unchanged, errors."""
    facts_list = re.search(r'<dl class="app-facts">(.*?)</dl>', page, re.DOTALL)
    assert facts_list is not None
    return [int(found) for found in re.findall(r"<dd>(\d+)", facts_list[1])]


def stored() -> dict[str, Organisation]:
    db.session.expire_all()
    return {one.edrpou: one for one in db.session.scalars(sa.select(Organisation))}


def test_table_shown_then_written_then_nothing_left_to_write(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    page = sent(client, sheet(ROW))
    assert (page.status_code, numbers(page.text), stored()) == (200, [1, 0, 0, 0], {})
    assert confirmed(client, page.text).location == LIST
    found = stored()[OTHER_EDRPOU]
    assert (found.name, found.registered_on.isoformat(), found.contact_phone, found.fields, found.is_imported) == (
        "Громадська організація «Друга»", "2019-04-02", "+380501112233", ["youth", "sport"], True,
    )  # fmt: skip
    version = found.version
    again = sent(client, sheet(ROW))
    assert numbers(again.text) == [0, 0, 1, 0]
    assert 'name="rows"' not in again.text
    assert stored()[OTHER_EDRPOU].version == version
    assert steps_of("organisation_register", "register") == ["import"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (text(ROW).encode("utf-8-sig"), "bom.csv"),
        (text(ROW).encode("cp1251"), "windows.csv"),
        (text(ROW, delimiter=",").encode(), "comma.csv"),
        (text(ROW, delimiter="\t").encode(), "tab.csv"),
    ],
)
def test_table_in_the_forms_that_offices_send(app: Flask, client: FlaskClient, body: bytes, name: str) -> None:
    keeper(client)
    page = sent(client, body, name)
    assert numbers(page.text) == [1, 0, 0, 0]
    confirmed(client, page.text)
    assert stored()[OTHER_EDRPOU].short_name == "ГО «Друга»"


def test_errors_named_by_row_and_cell(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    page = sent(
        client,
        sheet(
            ("12345679", "Хибна цифра", "", "2019-04-02", "", ""),
            ("1234567", "Сім цифр", "", "2019-04-02", "", ""),
            (EDRPOU, "=HYPERLINK(1)", "", "2019-04-02", "", ""),
            (OTHER_EDRPOU, "Добра", "", "2999-01-01", "", ""),
            ("99900103", "Телефон", "", "2019-04-02", "067", ""),
            ("99900103", "Напрям", "", "2019-04-02", "", "космос"),
            ROW,
            (ROW[0], "Двічі", "", "02.04.2019", "", ""),
            ("", "Без коду", "", "02.04.2019", "", ""),
        ),
    )
    assert page.status_code == 422
    table = BeautifulSoup(page.text, "html.parser").select("tbody tr")
    told = [[part.get_text(strip=True) for part in row.select("th, td")] for row in table]
    assert sorted(((row, cell) for row, _column, cell, _fault in told), key=lambda one: (int(one[0]), one[1])) == [
        ("2", "–"), ("3", "Sheet!A3"), ("4", "Sheet!B4"), ("5", "Sheet!D5"), ("6", "Sheet!E6"), ("7", "Sheet!A7"),
        ("7", "Sheet!F7"), ("8", "Sheet!A8"), ("9", "Sheet!A9"), ("10", "Sheet!A10"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "300 characters are allowed, now 1,200"), ("uk", "дозволено знаків 300, а зараз 1 200")]
)
def test_long_text_of_a_table_is_told_in_characters(app: Flask, client: FlaskClient, lang: str, said: str) -> None:
    keeper(client)
    client.get(f"{IMPORT}?lang={lang}")
    page = sent(client, sheet((ROW[0], "Н" * 1_200, "", "02.04.2019", "", "")))
    assert page.status_code == 422
    assert said in unescape(page.text).replace("\u00a0", " ")


def test_good_rows_written_without_those_that_have_errors(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    page = sent(client, sheet(ROW, ("12345679", "Хибна цифра", "", "2019-04-02", "", "")))
    assert (page.status_code, numbers(page.text)) == (422, [1, 0, 0, 1])
    assert confirmed(client, page.text).status_code == 302
    assert list(stored()) == [OTHER_EDRPOU]


def test_spreadsheet_numbers_and_dates_read_as_meant(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    page = sent(client, sheet((3084813, "Нулі попереду", "", date(2015, 3, 2), 380501112233, "")))
    assert numbers(page.text) == [1, 0, 0, 0]
    confirmed(client, page.text)
    found = stored()["03084813"]
    assert (found.registered_on.isoformat(), found.contact_phone) == ("2015-03-02", "+380501112233")


def test_people_of_an_organisation_keep_what_they_wrote(app: Flask, client: FlaskClient) -> None:
    head()
    keeper(client)
    row = (EDRPOU, "Інша назва", "ГО «Інша»", "01.01.2001", "+380501112233", "")
    page = sent(client, sheet(row))
    assert numbers(page.text) == [0, 1, 0, 0]
    confirmed(client, page.text)
    found = stored()[EDRPOU]
    assert (found.name, found.contact_phone) == (facts().name, "+380501112233")
    page = sent(client, sheet(row), overwrite="y")
    assert (numbers(page.text), "Інша назва" in page.text, facts().name in page.text) == ([0, 1, 0, 0], True, True)
    assert confirmed(client, page.text).status_code == 302
    assert (stored()[EDRPOU].name, stored()[EDRPOU].registered_on.isoformat()) == ("Інша назва", "2001-01-01")
    assert steps_of("organisation", EDRPOU) == ["register", "edit", "edit"]


def test_imported_row_without_people_is_corrected_by_the_next_table(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    confirmed(client, sent(client, sheet(ROW)).text)
    page = sent(client, sheet((ROW[0], "Нова назва", *ROW[2:])))
    assert numbers(page.text) == [0, 1, 0, 0]
    confirmed(client, page.text)
    assert (stored()[OTHER_EDRPOU].name, stored()[OTHER_EDRPOU].short_name) == ("Нова назва", "ГО «Друга»")


def test_register_that_moved_meanwhile_is_shown_anew(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    page = sent(client, sheet(ROW)).text
    head("other@example.org", OTHER_EDRPOU)
    late = confirmed(client, page)
    assert late.status_code == 409
    assert stored()[OTHER_EDRPOU].is_imported is False


@pytest.mark.parametrize(
    "rows",
    [
        "", "%%%", "eJw=", pack([RegisterLine(2, {"edrpou": OTHER_EDRPOU, "name": "Друга", "is_listed": "1"})]),
        pack([RegisterLine(2, {"edrpou": OTHER_EDRPOU, "name": "=cmd()", "registered_on": "2019-04-02"})]),
        pack([RegisterLine(2, {"edrpou": "x", "name": "Друга", "registered_on": "2019-04-02"})]),
    ],
)  # fmt: skip
def test_forged_rows_are_no_rows(app: Flask, client: FlaskClient, rows: str) -> None:
    keeper(client)
    answer = client.post(f"{IMPORT}/confirm", data={"rows": rows, "basis": "x", "overwrite": "1", **key()})
    assert (answer.status_code, stored()) == (422, {})


def test_packed_bomb_is_no_rows(app: Flask) -> None:
    import base64
    import zlib

    bomb = base64.b64encode(zlib.compress(b"[" + b" " * (30 * 1024 * 1024) + b"]", 9)).decode()
    assert len(bomb) < 60_000
    assert unpack(bomb) == []


def test_wrong_digit_of_a_table_needs_an_administrator(app: Flask, client: FlaskClient) -> None:
    head_row = (*HEAD, "Чому код із неправильною контрольною цифрою правильний")
    row = ("12345679", "Хибна цифра", "", "2019-04-02", "", "", "Так у витязі")
    keeper(client)
    assert numbers(sent(client, sheet(row, head_row=head_row)).text) == [0, 0, 0, 1]
    keeper(client, Role.ADMIN)
    page = sent(client, sheet(row, head_row=head_row)).text
    assert numbers(page) == [1, 0, 0, 0]
    confirmed(client, page)
    assert stored()["12345679"].edrpou_reason == "Так у витязі"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_exported_register_comes_back_unchanged(app: Flask, client: FlaskClient, suffix: str) -> None:
    _user, organisation = head()
    with unit_of_work():
        found = db.session.get(Organisation, organisation.id)
        found.contact_phone, found.fields, found.district = "+380501112233", ["youth", "inclusion"], "Замостя"
        found.name = "+Плюс; «лапки» і кома, тут"
    keeper(client)
    columns = "&".join(f"columns={name}" for name in HEADINGS if name not in {"fields", "edrpou_reason"})
    body = client.get(f"{LIST}.{suffix}?{columns}&columns=activities").data
    assert numbers(sent(client, body, f"register.{suffix}").text) == [0, 0, 1, 0]


def test_headings_of_the_export_are_those_that_are_read() -> None:
    labels = {name: str(column.label) for name, column in columns_of(RegisterSchema)}
    labels["fields"] = labels.pop("activities")
    assert {name: labels[name] for name in HEADINGS} == HEADINGS


def test_formulas_leave_the_register_as_texts(app: Flask, client: FlaskClient) -> None:
    _user, organisation = head()
    with unit_of_work():
        db.session.get(Organisation, organisation.id).name = "=cmd()|' /C calc'!A0"
    keeper(client)
    body = client.get(f"{LIST}.csv").data.decode("utf-8-sig")
    assert "'=cmd()" in body
    cell = openpyxl.load_workbook(io.BytesIO(client.get(f"{LIST}.xlsx").data)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", "=cmd()|' /C calc'!A0")


def test_list_filtered_sorted_and_with_chosen_columns(app: Flask, client: FlaskClient) -> None:
    head()
    keeper(client)
    confirmed(client, sent(client, sheet(ROW)).text)
    page = client.get(f"{LIST}?status=imported&sort=-name&columns=head_name").text
    assert (OTHER_EDRPOU in page, EDRPOU in page) == (True, False)
    rows = client.get(f"{LIST}.json?status=people&columns=head_name").get_json()["rows"]
    assert rows == [{"edrpou": EDRPOU, "name": facts().name, "head_name": facts().head_name}]
    assert [row["edrpou"] for row in client.get(f"{LIST}.json?field=sport").get_json()["rows"]] == [OTHER_EDRPOU]
    assert client.get(f"{LIST}.json?text=дРУГа").get_json()["rows"][0]["edrpou"] == OTHER_EDRPOU
    assert client.get(f"{LIST}?page=99999&sort=nonsense&status=nonsense&columns=iban").status_code == 200
    assert client.get(f"{LIST}.pdf").data[:4] == b"%PDF"


def test_register_open_to_its_readers_alone(app: Flask, client: FlaskClient) -> None:
    user, _organisation = head()
    paths = [LIST, f"{LIST}.csv", f"{LIST}/new", IMPORT]
    expected = {
        Role.ORGANIZER: [200, 200, 200, 200], Role.ADMIN: [200, 200, 200, 200], Role.SECRETARY: [200, 200, 403, 403],
        Role.AUDITOR: [200, 200, 403, 403], Role.COMMISSION_MEMBER: [403] * 4, Role.EXPERT: [403] * 4,
    }  # fmt: skip
    for role, statuses in expected.items():
        keeper(client, role)
        assert [client.get(path).status_code for path in paths] == statuses, role
    enter(client, user)
    assert [client.get(path).status_code for path in paths] == [403] * 4
    assert sent(client, sheet(ROW)).status_code == 403


def test_queries_of_the_register_do_not_grow(app: Flask, client: FlaskClient) -> None:
    keeper(client)
    head()
    with count_queries() as one:
        client.get(LIST)
    codes = [f"{number:08d}" for number in range(40_000_000, 40_000_400) if is_edrpou(f"{number:08d}")][:30]
    confirmed(client, sent(client, sheet(*[(code, f"ГО {code}", "", "2019-04-02", "", "") for code in codes])).text)
    with count_queries() as many:
        client.get(LIST)
    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"%PDF-1.4", "t.pdf"),
        (b"", "t.csv"),
        (b"a;b\n1;2\n", "t.csv"),
        (b"\x00\x01", "t.xlsx"),
        (b"PK\x03\x04", "t.xlsx"),
    ],
)
def test_file_that_is_no_register_refused(app: Flask, client: FlaskClient, body: bytes, name: str) -> None:
    keeper(client)
    page = sent(client, body, name)
    assert (page.status_code, 'id="file-error"' in page.text) == (422, True)
