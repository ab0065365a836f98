"""What anybody sees: programmes, catalogue, consultants, and the check of a voucher by its code."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core import clock, identifiers
from grants_app.extensions import limiter
from grants_app.lifecycle import ConsultantState
from grants_app.permissions import Permission
from grants_app.vouchers import queries
from grants_app.vouchers.routes.blueprint import blueprint, lang
from grants_app.web.access import public
from grants_app.web.markup import qr_svg

check_blueprint = Blueprint("voucher_check", __name__, url_prefix="/v")


@blueprint.get("")
@public
def index() -> str:
    """How vouchers work, which programmes run, and the person's own vouchers."""
    person = current_user if current_user.is_authenticated else None
    mine = []
    if person is not None and person.organisation_ids:
        mine = queries.register_rows(person, lang())
    may_request = person is not None and person.can(Permission.VOUCHER_REQUEST)
    programmes = queries.programme_rows(with_drafts=False)
    return render_template("vouchers/index.html", programmes=programmes, mine=mine, may_request=may_request)


@blueprint.get("/catalogue")
@public
def catalogue() -> str:
    """The services, with the ceilings of the running programmes."""
    offers = []
    for row in queries.programme_rows(with_drafts=False):
        programme = queries.programme_by_code(row.code)
        offers.append((row, queries.offers_of(programme)))
    return render_template("vouchers/catalogue.html", services=queries.catalogue(), offers=offers)


@blueprint.get("/consultants")
@public
def consultants() -> str:
    """Accredited consultants: name, experience, services; no codes, no contacts."""
    titles = {service.code: service for service in queries.catalogue()}
    found = queries.consultants(states=(ConsultantState.ACCREDITED,))
    return render_template("vouchers/consultants.html", consultants=found, titles=titles)


@check_blueprint.get("")
@public
def form() -> str | Response:
    """The form of the check; a typed code leads to its own address."""
    typed = request.args.get("code", "")
    if typed.strip():
        return redirect(url_for("voucher_check.check", code=identifiers.clean_code(typed)[:60] or "-"))
    return render_template("vouchers/check_form.html", typed="", sentence="")


@check_blueprint.get("/<string:code>")
@limiter.limit("30 per minute")
@public
def check(code: str) -> tuple[str, int] | str:
    """Whether a voucher is valid now. A code with a wrong check character is answered without a look-up."""
    clean = identifiers.clean_code(code)
    found = queries.public_check(clean) if identifiers.has_valid_check(clean) else None
    if found is None:
        sentence = gettext("There is no voucher with this code. Check the characters: a code has no 0, O, 1 or I")
        return render_template("vouchers/check_form.html", typed=code[:60], sentence=sentence), 404
    address = f"{current_app.config['SETTINGS'].public_url}/v"
    return render_template(
        "vouchers/check.html",
        found=found,
        code=identifiers.grouped(clean),
        qr=qr_svg(f"{address}/{clean}", gettext("QR code with the address of the check")),
        address=address,
        checked_at=clock.now(),
        services={service.code: service for service in queries.catalogue()},
    )
