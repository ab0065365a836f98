"""«Мої довідки» of the expert, and the check of a certificate that is open to everybody."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.core import clock, identifiers
from grants_app.core.errors import NotFound
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.permissions import Permission
from grants_app.reviews.documents.certificates import certificate_paper
from grants_app.reviews.policy.certificates import NOT_HANDED_OVER
from grants_app.reviews.queries import certificates as queries
from grants_app.reviews.routes.blueprint import Answer, blueprint, lang, said, viewer
from grants_app.reviews.services import certificates as services
from grants_app.web.access import public, requires
from grants_app.web.export import download, draw

CHECKS_FROM_ONE_ADDRESS = "30 per minute"


@blueprint.get("/certificates")
@requires(Permission.REVIEW_SUBMIT)
def certificates() -> str:
    """Competitions in which the person has scored, each with its certificate."""
    rows = queries.work_rows(viewer())
    return render_template("reviews/certificates.html", rows=rows, not_yet=said(NOT_HANDED_OVER))


@blueprint.post("/certificates")
@requires(Permission.REVIEW_SUBMIT)
def issue_certificate() -> Answer:
    """Issue one's own certificate for a competition."""
    competition = queries.competition_of_work(viewer(), request.form.get("competition", ""))
    if competition is None:
        raise NotFound()
    with unit_of_work() as unit:
        services.issue(competition, by=viewer())
        unit.answer = url_for("reviews.certificates")
    flash(gettext("The certificate is issued"), "ok")
    return redirect(unit.answer)


@blueprint.get("/certificates/<string:code>/paper.pdf")
@requires(Permission.REVIEW_SUBMIT)
def certificate_pdf(code: str) -> Response:
    """The paper, for its owner alone."""
    found = queries.own_certificate(viewer(), code)
    if found is None:
        raise NotFound()
    return download(draw(certificate_paper(found, lang=lang())), "pdf", f"certificate-{found.code}")


@blueprint.get("/certificates/check")
@public
def certificate_form() -> Answer:
    """The form of the check; a typed code leads to its own address."""
    typed = request.args.get("code", "")
    if typed.strip():
        return redirect(url_for("reviews.check_certificate", code=identifiers.clean_code(typed)[:60] or "-"))
    return render_template("reviews/certificate_form.html", typed="", sentence="")


@blueprint.get("/certificates/<string:code>")
@limiter.limit(CHECKS_FROM_ONE_ADDRESS)
@public
def check_certificate(code: str) -> Answer:
    """Genuine, revoked or not in the register. A mistyped code is told so without a look-up."""
    clean = identifiers.clean_code(code)
    if not identifiers.has_valid_check(clean):
        sentence = gettext("The code is mistyped: its last character does not agree. Compare it with the paper")
        return render_template("reviews/certificate_form.html", typed=code[:60], sentence=sentence), 404
    found = queries.public_certificate(clean)
    if found is None:
        sentence = gettext("There is no certificate with this code in the register")
        return render_template("reviews/certificate_form.html", typed=code[:60], sentence=sentence), 404
    return render_template(
        "reviews/certificate.html", found=found, code=identifiers.grouped(clean), checked_at=clock.now()
    )
