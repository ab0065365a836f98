"""The certificate of an assignment, a shortage and what would help, in sentences that a secretary can sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext, ngettext

from grants_app.reviews.rules.sheet import KNOWS_THE_FIELD
from grants_app.reviews.services.proposal import Certificate, Proposal, Remedy, Shortage
from grants_app.web import formatting
from grants_app.web.formatting import share


def certificate_sentences(proposal: Proposal) -> list[str]:
    """What the proposal reaches and what is proved of it."""
    certificate, places = proposal.certificate, proposal.kept_count + len(proposal.additions)
    return [
        ngettext("The only place is filled.", "All %(num)d places are filled.", places),
        _loads(certificate),
        _fit(proposal),
        gettext(
            "Worst served is %(code)s “%(title)s”: its fit is %(fit)s of %(most)s.",
            code=certificate.worst_code,
            title=certificate.worst_title,
            fit=_number(certificate.worst_fit),
            most=KNOWS_THE_FIELD * proposal.per_application,
        ),
        ngettext(
            "%(num)d pair fits the expert’s field.", "%(num)d pairs fit the expert’s field.", proposal.fitting_count
        ),
        *_draw(proposal),
        *_groups(certificate),
        *_kept(proposal),
    ]


def limit_sentences(proposal: Proposal) -> list[str]:
    """What the proposal could not reach, or leaves to a person."""
    certificate, found = proposal.certificate, []
    if not certificate.is_connected and certificate.components > 1:
        found.append(
            ngettext(
                "Experts fall into %(num)d group without enough applications in common: "
                "strict and lenient experts can be told apart only inside a group.",
                "Experts fall into %(num)d groups without enough applications in common: "
                "strict and lenient experts can be told apart only inside a group.",
                certificate.components,
            )
        )
    doubtful = sum(one.is_doubtful for one in proposal.additions)
    if doubtful:
        found.append(
            ngettext(
                "%(num)d pair has a possible conflict on which the chair has not decided.",
                "%(num)d pairs have a possible conflict on which the chair has not decided.",
                doubtful,
            )
        )
    if proposal.wish.mode != "random" and not proposal.is_optimal:  # a draw is proved by its mean, not by its luck
        found.append(gettext("A better assignment may exist: the search ended before it was proved that none does."))
    return found


def shortage_sentences(shortage: Shortage, titles: Mapping[str, str]) -> list[str]:
    """How much is missing and for which applications."""
    found = []
    if shortage.slots_missing:
        found.append(ngettext("%(num)d place stays empty.", "%(num)d places stay empty.", shortage.slots_missing))
    found += [
        ngettext(
            "%(num)d expert is available for this competition.",
            "%(num)d experts are available for this competition.",
            shortage.experts_count,
        ),
        ngettext(
            "%(num)d is needed for each application.",
            "%(num)d are needed for each application.",
            shortage.per_application,
        ),
    ]
    for code, field in shortage.fields:
        title = titles.get(field, field)
        found.append(
            gettext("Nobody who knows the field “%(field)s” can be added to %(code)s.", field=title, code=code)
        )
    return found


def remedy_sentences(remedies: Iterable[Remedy], titles: Mapping[str, str]) -> list[str]:
    """What would help; each was tried."""
    return [_remedy(one, titles) for one in remedies]


def _loads(certificate: Certificate) -> str:
    if certificate.load_min == certificate.load_max:
        return ngettext(
            "Everybody has %(num)d application.", "Everybody has %(num)d applications.", certificate.load_max
        )
    return gettext("Loads are from %(low)s to %(high)s.", low=certificate.load_min, high=certificate.load_max)


def _fit(proposal: Proposal) -> str:
    certificate = proposal.certificate
    facts = {"fit": _number(certificate.fit), "bound": _number(certificate.bound)}
    if proposal.wish.mode == "fair":
        worst = {"worst": _number(certificate.worst_fit), **facts}
        if proposal.is_optimal:
            return gettext(
                "The fit of the worst-served application cannot be higher than %(worst)s (proved); "
                "all together it is %(fit)s.",
                **worst,
            )
        return gettext(
            "The fit of the worst-served application is %(worst)s, at most %(bound)s is possible (proved bound); "
            "all together it is %(fit)s.",
            **worst,
        )
    if proposal.wish.mode == "random":
        return gettext("The fit is %(fit)s; a draw with this limit has %(bound)s on average at best (proved).", **facts)
    return gettext("The fit is %(fit)s of %(bound)s possible under these loads and rules (proved).", **facts)


def _draw(proposal: Proposal) -> list[str]:
    if proposal.wish.mode != "random":
        return []
    return [
        gettext(
            "No new pair had a probability above %(limit)s. The seed %(seed)s goes into the journal: "
            "with it anybody can repeat the draw.",
            limit=share(proposal.wish.limit_bp),
            seed=proposal.wish.seed,
        )
    ]


def _groups(certificate: Certificate) -> list[str]:
    if not certificate.is_connected:
        return []
    found = [
        gettext(
            "Experts are joined into one group by applications in common, "
            "so strict and lenient ones can be told apart later."
        )
    ]
    if certificate.connection_paid:
        paid = _number(certificate.connection_paid)
        found.append(gettext("For that %(paid)s of the fit was given up.", paid=paid))
    return found


def _kept(proposal: Proposal) -> list[str]:
    found = []
    if proposal.kept_count:
        found.append(
            ngettext(
                "%(num)d present assignment stays as it is.",
                "%(num)d present assignments stay as they are.",
                proposal.kept_count,
            )
        )
    if proposal.certificate.kept_previous:
        found.append(
            ngettext(
                "%(num)d expert of an applicant’s last application is kept.",
                "%(num)d experts of applicants’ last applications are kept.",
                proposal.certificate.kept_previous,
            )
        )
    return found


def _remedy(one: Remedy, titles: Mapping[str, str]) -> str:
    if one.kind == "limit":
        return gettext("A highest probability of a pair of %(share)s for the draw.", share=share(one.count))
    if one.kind == "experts" and one.fields:
        fields = ", ".join(f"«{titles.get(code, code)}»" for code in one.fields)
        return ngettext(
            "%(num)d more expert who knows %(fields)s and has no conflict.",
            "%(num)d more experts who know %(fields)s and have no conflict.",
            one.count,
            fields=fields,
        )
    if one.kind == "experts":
        return ngettext("%(num)d more expert without conflicts.", "%(num)d more experts without conflicts.", one.count)
    words = {
        "limits": gettext("A higher limit of applications for the experts who have one."),
        "fields": gettext("Assigning by hand without the required fields, or experts who know them."),
        "organisations": gettext("More experts from other workplaces: now colleagues stand in each other’s way."),
        "previous": gettext("Not keeping experts of the applicants’ last applications."),
    }
    return words[one.rule]


def _number(value: float) -> str:
    return formatting.number(f"{value:g}")
