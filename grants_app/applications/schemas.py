"""Columns of the register, named once for the page, JSON, CSV, XLSX and PDF."""

from __future__ import annotations

from flask_babel import lazy_gettext

from grants_app.web.columns import Columns, Day, Moment, Money, Number, Share, Text, Word


class RegisterSchema(Columns):
    """«Журнал реєстрації»."""

    number = Number(label=lazy_gettext("No."))
    code = Text(label=lazy_gettext("Code"), width=2)
    submitted_at = Moment(label=lazy_gettext("Submitted"))
    organisation = Text(label=lazy_gettext("Organisation"), width=4)
    edrpou = Text(label=lazy_gettext("EDRPOU code"), width=1.4)
    title = Text(label=lazy_gettext("Project title"), width=4)
    lot = Text(label=lazy_gettext("Lot"), width=1.8)
    requested_kop = Money(label=lazy_gettext("Asked, UAH"))
    total_cost_kop = Money(label=lazy_gettext("Whole cost, UAH"))
    own_share_bp = Share(label=lazy_gettext("Own share"))
    file_count = Number(label=lazy_gettext("Files"))
    signature_mode = Word(label=lazy_gettext("Way of signing"))
    signed_by = Text(label=lazy_gettext("Signed by"), width=2)
    state = Word(label=lazy_gettext("State"))
    note = Text(label=lazy_gettext("Reason of the late entry"), width=2)


class PublicRegisterSchema(Columns):
    """The registered list for everybody."""

    number = Number(label=lazy_gettext("No."))
    code = Text(label=lazy_gettext("Code"), width=2)
    organisation = Text(label=lazy_gettext("Organisation"), width=4)
    edrpou = Text(label=lazy_gettext("EDRPOU code"), width=1.4)
    title = Text(label=lazy_gettext("Project title"), width=4)
    lot = Text(label=lazy_gettext("Lot"), width=1.8)
    requested_kop = Money(label=lazy_gettext("Asked, UAH"))
    total_cost_kop = Money(label=lazy_gettext("Whole cost, UAH"))
    state = Word(label=lazy_gettext("State"))
    note = Text(label=lazy_gettext("Reason of the late entry"), width=2)


class PaperRegisterSchema(Columns):
    """The register on paper, for the desk and for everybody: what belongs together stands in one cell."""

    number = Number(label=lazy_gettext("No."))
    code = Text(label=lazy_gettext("Code, submitted"), width=2.2)
    organisation = Text(label=lazy_gettext("Organisation, EDRPOU code"), width=4)
    project = Text(label=lazy_gettext("Project, lot"), width=4)
    requested_kop = Money(label=lazy_gettext("Asked, UAH"))
    total_cost_kop = Money(label=lazy_gettext("Whole cost, UAH"))
    file_count = Number(label=lazy_gettext("Files"))
    state = Text(label=lazy_gettext("State"), width=3.2)


class QueueSchema(Columns):
    """The queue of the formal check."""

    number = Number(label=lazy_gettext("No."))
    code = Text(label=lazy_gettext("Code"), width=2)
    organisation = Text(label=lazy_gettext("Organisation"), width=4)
    title = Text(label=lazy_gettext("Project title"), width=4)
    due_on = Day(label=lazy_gettext("Term"))
    due_word = Word(label=lazy_gettext("What is due"), width=3)
    overdue_word = Word(label=lazy_gettext("Overdue"))
    progress = Text(label=lazy_gettext("Verdicts"), width=1.2)
    defects = Number(label=lazy_gettext("Defects"))
    flags = Number(label=lazy_gettext("Marks of the radar"))
    checker = Text(label=lazy_gettext("Who checks"), width=2.5)
    state = Word(label=lazy_gettext("State"))
