"""The public check of a receipt: its code and its digest, typed or from the picture on the paper."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications.queries.receipts import WHOLE_DIGEST, check_receipt, digest_as_typed
from grants_app.core import clock
from grants_app.extensions import limiter
from grants_app.web.access import public

check_blueprint = Blueprint("receipt_check", __name__, url_prefix="/r")
LONGEST_CODE = 40


def check_address(code: str, digest: str) -> str:
    """The address that stands on the paper and in its picture."""
    return f"{current_app.config['SETTINGS'].public_url}/r/{code}/{digest}"


@check_blueprint.get("")
@public
def form() -> str | Response:
    """The form of the check; what is typed leads to an address of its own."""
    code, digest = request.args.get("code", "").strip(), digest_as_typed(request.args.get("digest", ""))
    if code and digest:
        cut = digest[: WHOLE_DIGEST + 1]
        return redirect(url_for("receipt_check.check", code=code.upper()[:LONGEST_CODE].replace("/", "-"), digest=cut))
    return _form(code, digest, is_asked=bool(code or digest))


@check_blueprint.get("/<string:code>/<string:digest>")
@limiter.limit("30 per minute")
@public
def check(code: str, digest: str) -> tuple[str, int] | str:
    """Whether the receipt is genuine. A wrong code and a wrong digest are answered alike."""
    found = check_receipt(code[:LONGEST_CODE], digest[:200])
    if found is None:
        return _form(code[:LONGEST_CODE], digest[:WHOLE_DIGEST], is_asked=True), 404
    return render_template("applications/receipt_check.html", found=found, checked_at=clock.now())


def _form(code: str, digest: str, *, is_asked: bool) -> str:
    sentence = ""
    if is_asked and code and digest:
        sentence = gettext("There is no receipt with this code and this digest. Compare both with the paper")
    elif is_asked:
        sentence = gettext("Enter both the code and the digest")
    return render_template("applications/receipt_check_form.html", code=code, digest=digest, sentence=sentence)
