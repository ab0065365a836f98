"""A voucher from the programme on grant money to the payment."""

from __future__ import annotations

import re

from tests.journeys import ngo
from tests.journeys.conductor import Conductor
from tests.journeys.visitor import Visitor

CODE = "V-2027"
TITLE = "Спроможні разом"
IBAN = "UA213223130000026007233566001"  # the published example of the format
WORK = "Нова редакція статуту та супровід реєстрації змін."


def programme_opens(operator: Visitor) -> None:
    """The fund is a donor's, not the city's; without a service nothing is activated."""
    operator.open("/vouchers/programmes", "Voucher programmes")
    operator.press("New programme")
    operator.fill(code=CODE, title=TITLE, year="2027", donor="Фонд «Приклад»", fund="40 000", face="16 000", share="80")
    operator.fill(ends_on="2028-06-30", validity_days="180", booking_days="30", yearly="1")
    operator.page.locator("main [name=payee]").first.check(force=True)
    operator.press("Open the programme")
    operator.heading(TITLE)
    operator.fill(service="legal", hours="20", rate="900")
    operator.press("Save the service")
    operator.press("Activate the programme")
    operator.sees("40 000")


def consultant_comes(conductor: Conductor) -> None:
    """A consultant asks for accreditation, the operator grants it."""
    consultant = conductor.person("consultant")
    consultant.open("/vouchers/profile", "Consultant’s profile")
    consultant.fill(name="ФОП Зоряна Клен", tax_code="1759013776", about="Двадцять років допомагаю зі статутами.")
    consultant.page.locator('main [name=services][value="legal"]').check(force=True)
    consultant.press("Ask for accreditation")
    operator = conductor.person("operator")
    operator.open("/vouchers/accreditation", "Accreditation of consultants")
    operator.press_with("ФОП Зоряна Клен")
    guest = conductor.guest()
    guest.open("/vouchers/consultants")
    guest.sees("ФОП Зоряна Клен")


def request(head: Visitor) -> str:
    """The organisation asks with a need and a self-assessment; the address of the case."""
    head.open("/vouchers")
    head.open(f"/vouchers/request/{CODE}", "Request a voucher")
    head.fill(service="legal", need="Потрібна нова редакція статуту, щоб вести освітню діяльність.")
    for name in {one.get_attribute("name") for one in head.page.locator("main [name^=area_]").all()}:
        head.page.locator(f'main [name="{name}"][value="3"]').check(force=True)
    head.press("Send the request")
    found = re.search(r"/vouchers/cases/[\w-]+", head.page.url)
    assert found is not None, head.page.url
    return found[0]


def issue(conductor: Conductor, case: str) -> str:
    """The operator issues; the public page shows no personal data. The code of the voucher."""
    operator = conductor.person("operator")
    operator.open(case)
    operator.press("Issue the voucher")
    head = conductor.person(ngo.HEAD)
    head.open(case)
    code = head.page.locator("main .app-code").first.inner_text().strip()
    head.download(f"{case}/certificate.pdf", b"%PDF-")
    guest = conductor.guest()
    guest.open(f"/v/{code}", "The voucher is valid, the service has not been given yet")
    guest.sees(ngo.EDRPOU, "16 000")
    guest.does_not_see("Соловей", ngo.HEAD, "+380501112233")
    return code


def agree(conductor: Conductor, case: str, code: str) -> None:
    """Both sign the scope of work."""
    head, consultant = conductor.person(ngo.HEAD), conductor.person("consultant")
    head.open(case)
    options = head.page.locator("main [name=consultant] option").evaluate_all("nodes => nodes.map(node => node.value)")
    head.fill(consultant=next(option for option in options if option), description=WORK, hours="20", rate="900")
    head.fill(starts_on="2027-05-12", ends_on="2027-06-10")
    head.press("Sign and send to the consultant")
    consultant.open("/vouchers/work")
    consultant.open(case)
    consultant.sees(WORK, "18 000")
    consultant.fill(agree="yes")
    consultant.press("Sign")
    conductor.guest().open(f"/v/{code}", "The voucher is valid, a consultant is chosen")


def deliver(conductor: Conductor, case: str, code: str) -> None:
    """Both sign the act; the smaller of the face value and the share decides."""
    head, consultant = conductor.person(ngo.HEAD), conductor.person("consultant")
    consultant.open(case)
    consultant.fill(number="7", day="2027-06-01", content="Нову редакцію статуту зареєстровано.", hours="20")
    consultant.press("Sign the act and send it")
    head.open(case)
    head.fill(agree="yes")
    head.press("Sign")
    head.sees("14 400", "3 600")
    head.download(f"{case}/act.pdf", b"%PDF-")
    conductor.guest().open(f"/v/{code}", "The service has been given, the payment is under way")


def claim(conductor: Conductor, case: str, code: str) -> None:
    """The claim is checked by another person than who issued the voucher, then paid, once."""
    head = conductor.person(ngo.HEAD)
    head.open(case)
    head.fill(invoice_number="Р-7", invoice_day="2027-06-01", payee_iban=IBAN, copayment_proof="платіжна № 7")
    head.page.locator('main [name=rating][value="5"]').check(force=True)
    head.fill(feedback="Статут зареєстровано з першого разу.")
    head.press("Send the claim")
    first = conductor.person("operator")
    first.open(case)
    assert first.page.locator("main button:not([disabled])", has_text="Погодити").count() == 0
    checker = conductor.person("checker")
    checker.open(case)
    checker.press("Approve for payment")
    finance = conductor.person("finance")
    finance.open(case)
    finance.fill(reference="ПД-118")
    finance.press("Record the payment")
    conductor.guest().open(f"/v/{code}", "The voucher has been used")
    finance.open("/vouchers/register", "Voucher register")
    finance.sees("14 400")
