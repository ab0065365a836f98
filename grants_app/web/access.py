"""The gate: every view says who may call it, and one that says nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """The declaration of a view: open to all, to anybody signed in, or to holders of one of the permissions."""

    kind: str  # public | signed_in | permission
    permissions: tuple[Permission, ...] = ()


# Views that come with extensions; each is as open as its purpose needs.
FOREIGN: dict[str, Access] = {"static": Access("public")}


class UndeclaredView(RuntimeError):
    """A route was registered without saying who may call it."""


def public(view: View) -> View:
    """Anybody may call this view; what it shows is filtered by its query."""
    view.access = Access("public")  # type: ignore[attr-defined]  # functions take attributes
    return view


def signed_in(view: View) -> View:
    """Any person with an account; the query or policy decides what opens."""
    view.access = Access("signed_in")  # type: ignore[attr-defined]  # functions take attributes
    return view


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Holders of at least one of the permissions; whether to *this* thing, the policy says."""

    def declare(view: View) -> View:
        view.access = Access("permission", permissions)  # type: ignore[attr-defined]  # functions take attributes
        return view

    return declare


def access_of(app: Flask, endpoint: str) -> Access | None:
    """The declaration of an endpoint."""
    declared = getattr(app.view_functions[endpoint], "access", None)
    return declared if isinstance(declared, Access) else FOREIGN.get(endpoint)


def init_app(app: Flask) -> None:
    """Put the gate before every request."""
    app.before_request(_gate)


def check_declared(app: Flask) -> None:
    """Raise UndeclaredView for the first route without a declaration; called when the application is built."""
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            raise UndeclaredView(f"{rule.endpoint} ({rule.rule}) declares no access")


def _gate() -> Response | None:
    if request.endpoint is None:
        return None  # 404 and 405 are answered by the error pages
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise UndeclaredView(request.endpoint)
    if access.kind == "public":
        return None
    if not current_user.is_authenticated:
        if request.method == "GET" and not request.path.startswith("/api/"):
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if access.kind == "permission" and not any(current_user.can(permission) for permission in access.permissions):
        abort(403)
    return None
