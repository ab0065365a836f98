"""Papers of the stage: the receipt, the journal of registration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from grants_app.applications.models import Application, Attachment, Submission
from grants_app.applications.queries import (
    RegisterRow,
    SignatureRow,
    application_text,
    attachments_of,
    form_for,
    lines_of,
    signature_of,
)
from grants_app.applications.rules import Line
from grants_app.applications.rules.signing import printed_mark
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.web import formatting
from grants_app.web.export import Block, Document, act


def receipt_document(
    application: Application,
    submission: Submission,
    files: Sequence[Attachment],
    late: Sequence[Submission] = (),
    *,
    address: str,
) -> Document:
    """«Підтвердження подання»: code, time to the second, digest of the content, files with theirs.

    `address`: where anybody checks that the paper is genuine.
    """
    signature = signature_of(application)
    items = [
        f"{file.file_name}, "
        + gettext("%(size)s KB, SHA-256 %(digest)s", size=(file.size + 1023) // 1024, digest=file.sha256)
        for file in files
    ]
    return Document(
        title=gettext("Receipt of submission"),
        caption=application.competition.title,
        number=application.code or "",
        blocks=[
            Block("facts", pairs=_receipt_facts(application, submission, late)),
            *(
                [Block("heading", text=gettext("Signature")), Block("facts", pairs=signature_facts(signature))]
                if signature
                else []
            ),
            Block("heading", text=gettext("Attached documents")),
            Block("list", items=items) if items else Block("text", text=gettext("None")),
            Block(
                "text",
                text=gettext(
                    "The digest is computed over the frozen content of the application: any later change gives another."
                ),
            ),
            Block("heading", text=gettext("Check of this receipt")),
            Block("text", text=gettext("Anybody can check that this receipt is genuine: %(address)s", address=address)),
            Block("qr", text=address),
        ],
        foot=application.code or "",
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
    )


def _receipt_facts(
    application: Application, submission: Submission, late: Sequence[Submission]
) -> list[tuple[str, str]]:
    organisation, kyiv = application.organisation, gettext("Kyiv time")
    corrected = submission.at if submission.kind == "correction" else None
    return [
        (gettext("Code"), application.code or ""),
        (gettext("Submitted"), f"{formatting.second(application.submitted_at)} ({kyiv})"),
        *([(gettext("Corrections sent"), f"{formatting.second(corrected)} ({kyiv})")] if corrected else []),
        (gettext("Register number"), str(application.register_number or gettext("given when the intake ends"))),
        (gettext("Competition"), application.competition.title),
        (gettext("Organisation"), f"{organisation.name}, {organisation.edrpou}" if organisation else ""),
        (gettext("Project title"), application.title),
        (gettext("Asked of the city"), formatting.money_exact(application.requested_kop)),
        (gettext("Whole cost"), formatting.money_exact(application.total_cost_kop)),
        (gettext("Content digest (SHA-256)"), submission.digest),
        *(
            (gettext("A file that arrived in full after the deadline, SHA-256 of its record"), one.digest)
            for one in late
        ),
    ]


def queue_document(competition: Competition, total: int) -> Document:
    """The queue of the formal check on paper."""
    return Document(
        title=gettext("Queue of the formal check"),
        caption=f"{competition.code} · {competition.title}",
        number=formatting.stamp(clock.now()),
        blocks=[Block("text", text=gettext("Applications: %(total)s", total=total)), Block("rows")],
        landscape=True,
        foot=competition.code,
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
    )


@dataclass(frozen=True)
class PaperRow:
    """An application in the register on paper."""

    number: int | None
    code: str
    organisation: str
    project: str
    requested_kop: int
    total_cost_kop: int
    file_count: int
    state: str


def paper_rows(rows: Sequence[RegisterRow]) -> list[PaperRow]:
    """The rows of the register with what belongs together in one cell, a line each."""
    return [
        PaperRow(
            number=row.number,
            code=_stacked(row.code, formatting.second(row.submitted_at) if row.submitted_at else ""),
            organisation=_stacked(row.organisation, row.edrpou),
            project=_stacked(row.title, row.lot),
            requested_kop=row.requested_kop,
            total_cost_kop=row.total_cost_kop,
            file_count=row.file_count,
            state=_stacked(
                gettext(row.state.label), gettext("Late entry: %(reason)s", reason=row.note) if row.note else ""
            ),
        )
        for row in rows
    ]


def _stacked(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def register_document(competition: Competition, total: int, *, is_public: bool = False) -> Document:
    """«Журнал реєстрації» with the place of the table and the signature of the secretary."""
    blocks = [
        Block("text", text=gettext("Applications: %(total)s", total=total)),
        Block("rows"),
        Block("text", text=gettext("Separate columns are in the CSV and XLSX files.")),
    ]
    if not is_public:
        left = gettext("Only there: own share, way of signing, who signed.")
        blocks[-1] = Block("text", text=f"{blocks[-1].text} {left}")
        blocks.append(Block("signatures", pairs=[(gettext("Secretary of the commission"), "")]))
    return Document(
        title=gettext("Registered applications") if is_public else gettext("Journal of registration"),
        caption=f"{competition.code} · {competition.title}",
        number=formatting.stamp(clock.now()),
        blocks=blocks,
        landscape=True,
        foot=competition.code,
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
    )


@act
def form_to_sign(application: Application, digest: str) -> Document:
    """The whole application on paper, in Ukrainian, with the digest and the place of the signature.

    The same content gives the same bytes, so that a signature over the file can be compared with it later.
    """
    organisation = application.organisation
    blocks = [
        Block("facts", pairs=_signed_facts(application)),
        *_signed_answers(application),
        Block("heading", text=gettext("Project budget")),
        Block("table", table=_signed_budget(application)),
        Block("heading", text=gettext("Attached documents")),
        Block("list", items=[f"{file.file_name}, SHA-256 {file.sha256}" for file in attachments_of(application)]),
        Block("heading", text=gettext("Declarations of the head")),
        Block("list", items=[gettext(one.label) for one in form_for(application).declarations]),
        Block("heading", text=gettext("Mark of this content: %(mark)s", mark=printed_mark(digest))),
        Block("quiet", text=gettext("Content digest (SHA-256): %(digest)s", digest=digest)),
        Block("qr", text=digest),
        Block("signatures", pairs=[(gettext("Head of the organisation"), organisation.head_name)])
        if organisation is not None
        else Block("space"),
    ]
    return Document(
        title=gettext("Application to sign"),
        caption=application.competition.title,
        number=application.competition.code,
        blocks=blocks,
        foot=f"{application.competition.code} · {printed_mark(digest)}",
        page_words=gettext("page %(number)s of %(total)s", number="%d", total="%d"),
        is_constant=True,
    )


def _signed_facts(application: Application) -> list[tuple[str, str]]:
    organisation = application.organisation
    return [
        (gettext("Organisation"), f"{organisation.name}, {organisation.edrpou}" if organisation else ""),
        (gettext("Project title"), application.title),
        (gettext("Asked of the city"), formatting.money_exact(application.requested_kop)),
        (gettext("Whole cost"), formatting.money_exact(application.total_cost_kop)),
    ]


def _signed_answers(application: Application) -> list[Block]:
    blocks = []
    for section in application_text(application, audience="staff"):
        blocks.append(Block("heading", text=gettext(section.title)))
        for one in section.answers:
            said = gettext(one.text) if one.is_choice and one.text else one.text
            blocks.append(Block("quiet", text=gettext(one.label)))
            blocks.append(Block("list", items=list(one.lines)) if one.lines else Block("text", text=said or "–"))
    return blocks


def _signed_budget(application: Application) -> dict[str, Any]:
    labels = form_for(application).category_labels
    return {
        "headings": [
            gettext("What is paid for"),
            gettext("Cost"),
            gettext("City"),
            gettext("Own money"),
            gettext("Own in kind"),
            gettext("Other sources"),
        ],
        "widths": [7, 2, 2, 2, 2, 2],
        "numeric": [False, True, True, True, True, True],
        "cells": [
            [_what_is_paid(line, labels), *map(formatting.hryvnias, _sums(line))] for line in lines_of(application)
        ],
    }


def _what_is_paid(line: Line, labels: Mapping[str, str]) -> str:
    """How the sum of a line came about and why, beneath what is paid for: it is signed with the rest."""
    price = f"{formatting.quantity(line.qty_milli)} {line.unit} × {formatting.money_exact(line.price_kop)}"
    least = "" if line.least_kop is None else formatting.money_exact(line.least_kop)
    return _stacked(
        line.item,
        f"{gettext(labels.get(line.category, line.category))} · {price}",
        line.justification,
        f"{gettext('The city pays at the smallest amount')}: {least}" if least else "",
    )


def _sums(line: Line) -> tuple[int, ...]:
    return (line.total_kop, line.city_kop, line.own_cash_kop, line.own_inkind_kop, line.other_kop)


def signature_facts(row: SignatureRow) -> list[tuple[str, str]]:
    """How an application was signed, as pairs for a paper."""
    pairs = [
        (gettext("Signed by"), row.signed_by),
        (gettext("Way of signing"), gettext(row.mode_label)),
        (gettext("Signed at"), formatting.second(row.at)),
    ]
    if row.mode in {"scan", "qes"}:
        pairs.append((gettext("Digest of the signed content"), row.digest))
    for signer in row.signers:
        whom = ", ".join(text for text in (signer["name"], signer["organisation"]) if text)
        term = gettext("certificate %(serial)s, %(since)s – %(until)s", **_certificate(signer))
        pairs.append((gettext("By the certificate"), f"{whom}; {term}"))
    if row.mode == "qes":
        pairs.append((gettext("Check of the signature"), gettext(row.verdict_note or row.verdict_label)))
    return pairs


def _certificate(signer: dict[str, str]) -> dict[str, str]:
    return {"serial": signer["serial"], "since": signer["from"], "until": signer["until"]}
