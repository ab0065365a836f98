"""Papers of the stage: the receipt, the journal of registration."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import get_locale, gettext

from grants_app.applications.models import Application, Attachment, Submission
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.money import number_text
from grants_app.web.export import Block, Document


def receipt_document(application: Application, submission: Submission, files: Sequence[Attachment]) -> Document:
    """«Підтвердження подання»: code, time to the second, digest of the content, files with theirs."""
    organisation = application.organisation
    sent = clock.kyiv(submission.at).strftime("%d.%m.%Y %H:%M:%S")
    pairs = [
        (gettext("Code"), application.code or ""),
        (gettext("Submitted"), f"{sent} ({gettext('Kyiv time')})"),
        (gettext("Register number"), str(application.register_number or gettext("given when the intake ends"))),
        (gettext("Competition"), application.competition.title),
        (gettext("Organisation"), f"{organisation.name}, {organisation.edrpou}" if organisation else ""),
        (gettext("Project title"), application.title),
        (gettext("Asked of the city"), f"{number_text(application.requested_kop, exact=True)} {gettext('UAH')}"),
        (gettext("Whole cost"), f"{number_text(application.total_cost_kop, exact=True)} {gettext('UAH')}"),
        (gettext("Content digest (SHA-256)"), submission.digest),
    ]
    items = [f"{file.file_name}, {file.size} B, SHA-256 {file.sha256}" for file in files]
    return Document(
        title=gettext("Receipt of submission"),
        caption=application.competition.title,
        number=application.code or "",
        blocks=[
            Block("facts", pairs=pairs),
            Block("heading", text=gettext("Attached documents")),
            Block("list", items=items) if items else Block("text", text=gettext("None")),
            Block(
                "text",
                text=gettext(
                    "The digest is computed over the frozen content of the application: any later change gives another."
                ),
            ),
        ],
        foot=application.code or "",
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
        lang=str(get_locale()),
    )


def register_document(competition: Competition, total: int, *, is_public: bool = False) -> Document:
    """«Журнал реєстрації» with the place of the table and the signature of the secretary."""
    blocks = [
        Block("text", text=gettext("Applications: %(total)s", total=total)),
        Block("rows"),
    ]
    if not is_public:
        blocks.append(Block("signatures", pairs=[(gettext("Secretary of the commission"), "")]))
    return Document(
        title=gettext("Registered applications") if is_public else gettext("Journal of registration"),
        caption=f"{competition.code} · {competition.title}",
        number=clock.kyiv(clock.now()).strftime("%d.%m.%Y %H:%M"),
        blocks=blocks,
        landscape=True,
        foot=competition.code,
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
        lang=str(get_locale()),
    )
