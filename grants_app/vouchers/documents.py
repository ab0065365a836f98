"""Documents of the voucher stage: the certificate, the scope, the act, the register."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from grants_app.core import clock
from grants_app.core.identifiers import grouped
from grants_app.core.money import number_text
from grants_app.vouchers.models import ServiceAct, ServiceScope, Voucher
from grants_app.vouchers.queries import last_day
from grants_app.web.export import Block, Document


def certificate(voucher: Voucher, service: str) -> Document:
    """«Ваучер»: code with QR, who, what, how much, till when, the rules on one page."""
    assert voucher.code is not None and voucher.valid_until is not None and voucher.issued_at is not None
    address = f"{current_app.config['SETTINGS'].public_url}/v/{voucher.code}"
    facts = [
        (_("Organisation"), f"{voucher.organisation.name}, {_('ЄДРПОУ')} {voucher.organisation.edrpou}"),
        (_("Service"), service),
        (_("Face value"), f"{number_text(voucher.face_kop, exact=True)} {_('UAH')}"),
        (_("Compensated share"), f"{voucher.compensated_bp / 100:g} %"),
        (_("Issued"), clock.kyiv(voucher.issued_at).strftime("%d.%m.%Y")),
        (_("Valid until"), f"{last_day(voucher.valid_until):%d.%m.%Y}"),
        (_("Code"), grouped(voucher.code)),
        (_("Check it at"), address),
    ]
    rules = [
        _("The voucher is used once and by the named organisation only."),
        _("Work begins after both have signed the scope of work; earlier costs are not compensated."),
        _("The organisation pays its own part first; the claim is sent with the act and the invoice."),
    ]
    return Document(
        title=_("Voucher for consulting services"),
        caption=f"{voucher.programme.title} · {voucher.programme.donor}",
        number=_("No. %(number)s", number=f"{voucher.programme.code}-{voucher.number:03d}"),
        blocks=[
            Block("facts", pairs=facts),
            Block("qr", text=address),
            Block("list", items=rules),
            Block("signatures", pairs=[(_("Voucher operator"), "")]),
        ],
        foot=address,
    )


def scope_document(voucher: Voucher, scope: ServiceScope, service: str) -> Document:
    """«Технічне завдання» with both signatures' instants and the digest of its content."""
    facts = [
        (_("Voucher"), f"{voucher.programme.code}-{voucher.number:03d}"),
        (_("Organisation"), f"{voucher.organisation.name}, {_('ЄДРПОУ')} {voucher.organisation.edrpou}"),
        (_("Consultant"), scope.consultant.name),
        (_("Service"), service),
        (_("Term of the work"), f"{scope.starts_on:%d.%m.%Y}–{scope.ends_on:%d.%m.%Y}"),
        (_("Hours"), f"{scope.hours_milli / 1000:g}"),
        (_("Rate for an hour, UAH"), number_text(scope.rate_kop, exact=True)),
        (_("Price, UAH"), number_text(scope.price_kop, exact=True)),
        (_("Signed by the organisation"), _moment(scope.ngo_signed_at)),
        (_("Signed by the consultant"), _moment(scope.consultant_signed_at)),
        (_("Digest of the content"), scope.content_digest),
    ]
    return Document(
        title=_("Scope of work"),
        caption=voucher.programme.title,
        blocks=[
            Block("facts", pairs=facts),
            Block("heading", text=_("What will be done")),
            Block("text", text=scope.description),
            _sides(voucher, scope.consultant.name),
        ],
        foot=scope.content_digest[:16],
    )


def act_document(voucher: Voucher, act: ServiceAct, consultant: str, service: str) -> Document:
    """«Акт наданих послуг»: requisites of a primary document (Law 996-XIV, Art. 9)."""
    facts = [
        (_("Voucher"), f"{voucher.programme.code}-{voucher.number:03d}"),
        (_("Organisation"), f"{voucher.organisation.name}, {_('ЄДРПОУ')} {voucher.organisation.edrpou}"),
        (_("Consultant"), consultant),
        (_("Service"), service),
        (_("Hours worked"), f"{act.hours_milli / 1000:g}"),
        (_("Total, UAH"), number_text(act.total_kop, exact=True)),
        (_("Signed by the consultant"), _moment(act.consultant_signed_at)),
        (_("Signed by the organisation"), _moment(act.ngo_signed_at)),
        (_("Digest of the content"), act.content_digest),
    ]
    return Document(
        title=_("Act of services"),
        caption=voucher.programme.title,
        number=_("No. %(number)s of %(day)s", number=act.number, day=f"{act.day:%d.%m.%Y}"),
        blocks=[
            Block("facts", pairs=facts),
            Block("heading", text=_("Services rendered and their result")),
            Block("text", text=act.content),
            _sides(voucher, consultant),
        ],
        foot=act.content_digest[:16],
    )


def register_document(count: int) -> Document:
    """The frame of «Реєстр ваучерів»; the rows take the place of the block "rows"."""
    return Document(
        title=_("Voucher register"),
        caption=current_app.config["SETTINGS"].city_name,
        number=_("As of %(moment)s, %(count)s rows", moment=_moment(clock.now()), count=count),
        blocks=[Block("rows"), Block("signatures", pairs=[(_("Voucher operator"), "")])],
        landscape=True,
    )


def _sides(voucher: Voucher, consultant: str) -> Block:
    return Block(
        "signatures", pairs=[(_("For the organisation"), voucher.organisation.head_name), (_("Consultant"), consultant)]
    )


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else clock.kyiv(moment).strftime("%d.%m.%Y %H:%M:%S")
