"""Columns of the voucher register, named once for page, JSON, CSV, XLSX and PDF."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Day, Money, Number, Text, Word


class VoucherRegisterSchema(Columns):
    """«Реєстр ваучерів»."""

    number = Number(label=_l("No."))
    programme = Text(label=_l("Programme"), width=1.6)
    organisation = Text(label=_l("Organisation"), width=3)
    edrpou = Text(label=_l("EDRPOU"), width=1.5)
    service = Text(label=_l("Service"), width=3)
    consultant = Text(label=_l("Consultant"), width=2.4)
    state = Word(label=_l("State"), width=1.8)
    face_kop = Money(label=_l("Face value, UAH"))
    paid_kop = Money(label=_l("Paid, UAH"))
    issued_on = Day(label=_l("Issued"))
    valid_until = Day(label=_l("Valid until"))
