"""«Довідка про роботу експерта»: who, in which competition, how many reviews, with the code of its check."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from grants_app.core.identifiers import grouped
from grants_app.reviews.models import WorkCertificate
from grants_app.web import formatting
from grants_app.web.export import Block, Document


def certificate_paper(certificate: WorkCertificate, *, lang: str) -> Document:
    """The paper: it names no application, for nobody may learn who has scored which."""
    settings = current_app.config["SETTINGS"]
    address = f"{settings.public_url}/reviews/certificates/{certificate.code}"
    facts = [
        (_("Expert"), certificate.full_name),
        (_("Competition"), f"{certificate.competition.title} ({certificate.competition.code})"),
        (_("Finished reviews"), str(certificate.review_count)),
        (_("Period"), formatting.days(certificate.first_on, certificate.last_on)),
        (_("Issued"), formatting.day_short(certificate.issued_at)),
        (_("Code"), grouped(certificate.code)),
        (_("Check it at"), address),
    ]
    said = _(
        "%(name)s was an expert of the competition and scored applications for the city in the period named below. "
        "Which applications were scored is confidential.",
        name=certificate.full_name,
    )
    return Document(
        title=_("Certificate of an expert’s work"),
        caption=settings.city_name,
        number=_("No. %(number)s", number=grouped(certificate.code)),
        blocks=[
            Block("text", text=said),
            Block("facts", pairs=facts),
            Block("qr", text=address),
            Block("signatures", pairs=[(_("Commission secretary"), "")]),
        ],
        foot=address,
        lang=lang,
    )
