"""Documents of the voucher stage: the certificate, the scope, the act, the register."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from grants_app.core import clock
from grants_app.core.identifiers import grouped
from grants_app.vouchers.models import ServiceAct, ServiceScope, Voucher
from grants_app.vouchers.queries import last_day
from grants_app.web import formatting
from grants_app.web.export import Block, Document, act


@act
def certificate(voucher: Voucher, service: str) -> Document:
    """«Ваучер»: code with QR, who, what, how much, till when, the rules on one page."""
    assert voucher.code is not None and voucher.valid_until is not None and voucher.issued_at is not None
    address = f"{current_app.config['SETTINGS'].public_url}/v/{voucher.code}"
    facts = [
        (_("Organisation"), f"{voucher.organisation.name}, {_('EDRPOU')} {voucher.organisation.edrpou}"),
        (_("Service"), service),
        (_("Face value"), formatting.money_exact(voucher.face_kop)),
        (_("Compensated share"), formatting.share_exact(voucher.compensated_bp)),
        (_("Issued"), formatting.day_short(voucher.issued_at)),
        (_("Valid until"), formatting.day_short(last_day(voucher.valid_until))),
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


@act
def scope_document(voucher: Voucher, scope: ServiceScope, service: str) -> Document:
    """«Технічне завдання» with both signatures' instants and the digest of its content."""
    facts = [
        (_("Voucher"), f"{voucher.programme.code}-{voucher.number:03d}"),
        (_("Organisation"), f"{voucher.organisation.name}, {_('EDRPOU')} {voucher.organisation.edrpou}"),
        (_("Consultant"), scope.consultant.name),
        (_("Service"), service),
        (_("Term of the work"), formatting.days(scope.starts_on, scope.ends_on)),
        (_("Hours"), formatting.quantity(scope.hours_milli)),
        (_("Rate for an hour, UAH"), formatting.hryvnias_exact(scope.rate_kop)),
        (_("Price, UAH"), formatting.hryvnias_exact(scope.price_kop)),
        (_("Signed by the organisation"), formatting.second(scope.ngo_signed_at)),
        (_("Signed by the consultant"), formatting.second(scope.consultant_signed_at)),
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


@act
def act_document(voucher: Voucher, done: ServiceAct, consultant: str, service: str) -> Document:
    """«Акт наданих послуг»: requisites of a primary document (Law 996-XIV, Art. 9)."""
    facts = [
        (_("Voucher"), f"{voucher.programme.code}-{voucher.number:03d}"),
        (_("Organisation"), f"{voucher.organisation.name}, {_('EDRPOU')} {voucher.organisation.edrpou}"),
        (_("Consultant"), consultant),
        (_("Service"), service),
        (_("Hours worked"), formatting.quantity(done.hours_milli)),
        (_("Total, UAH"), formatting.hryvnias_exact(done.total_kop)),
        (_("Signed by the consultant"), formatting.second(done.consultant_signed_at)),
        (_("Signed by the organisation"), formatting.second(done.ngo_signed_at)),
        (_("Digest of the content"), done.content_digest),
    ]
    return Document(
        title=_("Act of services"),
        caption=voucher.programme.title,
        number=_("No. %(number)s of %(day)s", number=done.number, day=formatting.day_short(done.day)),
        blocks=[
            Block("facts", pairs=facts),
            Block("heading", text=_("Services rendered and their result")),
            Block("text", text=done.content),
            _sides(voucher, consultant),
        ],
        foot=done.content_digest[:16],
    )


def register_document(count: int) -> Document:
    """The frame of «Реєстр ваучерів»; the rows take the place of the block "rows"."""
    return Document(
        title=_("Voucher register"),
        caption=current_app.config["SETTINGS"].city_name,
        number=_("As of %(moment)s, %(count)s rows", moment=formatting.second(clock.now()), count=count),
        blocks=[Block("rows"), Block("signatures", pairs=[(_("Voucher operator"), "")])],
        landscape=True,
    )


def _sides(voucher: Voucher, consultant: str) -> Block:
    return Block(
        "signatures", pairs=[(_("For the organisation"), voucher.organisation.head_name), (_("Consultant"), consultant)]
    )
