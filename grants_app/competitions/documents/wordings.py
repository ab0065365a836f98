"""The rules of a competition in sentences: the same on the page, in the announcement and in the minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext, ngettext

from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.rules import COLUMN_TIES, OWN_FIELD, wording
from grants_app.competitions.rules.form import EligibilityQuestion
from grants_app.competitions.rules.terms import COMPLAINT_DAYS
from grants_app.core import clock
from grants_app.web import formatting
from grants_app.web.context import select_language
from grants_app.web.formatting import day_long, money, share_exact


def until_words(moment: datetime) -> str:
    """«до 23:59 середи, 3 березня 2027 року»: the last minute that counts."""
    last = clock.kyiv(moment - timedelta(minutes=1))
    facts = {"time": formatting.hour(last), "day": day_long(last)}
    sentences = (
        lambda: gettext("until %(time)s on Monday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Tuesday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Wednesday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Thursday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Friday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Saturday, %(day)s", **facts),
        lambda: gettext("until %(time)s on Sunday, %(day)s", **facts),
    )
    return sentences[last.weekday()]()


def ranking_sentences(competition: Competition) -> list[str]:
    """How marks become a place and a place becomes money, step by step."""
    engine = _engine(competition)
    steps = [
        _expert_total(competition, engine),
        _combined(engine),
        *_rounding(engine),
        *_pass_marks(competition, engine),
    ]
    ties = tie_sentences(competition)
    if ties:
        steps.append(gettext("Equal totals are separated in this order: %(chain)s.", chain="; ".join(ties)))
    steps.append(
        gettext(
            "Applications that stay equal share the place; "
            "if the money is enough for some of them, the commission votes."
        )
    )
    return [*steps, _allocation(engine["allocation"]), *_leftover(engine["allocation"])]


def panel_sentences(competition: Competition) -> list[str]:
    """Who scores an application and under which rules, as applicants should know it."""
    words = {
        "experts": ngettext(
            "Each application is scored by %(num)d expert independently of the others.",
            "Each application is scored by %(num)d experts independently of each other.",
            competition.experts_per_application,
        ),
        "commission": ngettext(
            "Each application is scored by %(num)d member of the commission independently of the others.",
            "Each application is scored by %(num)d members of the commission independently of each other.",
            competition.experts_per_application,
        ),
        "both": ngettext(
            "Each application is scored by %(num)d expert or member of the commission independently of the others.",
            "Each application is scored by %(num)d experts and members of the commission independently of each other.",
            competition.experts_per_application,
        ),
    }
    return [
        words[competition.scoring_by],
        gettext(
            "Nobody scores an application with which they have a conflict of interest; "
            "two people of one organisation do not score the same application."
        ),
        *_required_fields(competition),
        *_kept_experts(competition),
        *_divergence(competition),
        *_blindness(competition),
    ]


def money_sentences(competition: Competition) -> list[str]:
    """What binds a budget: the own share, its part in kind, ceilings of cost categories."""
    found = [
        gettext(
            "The own share is at least %(share)s of the whole cost; money and the value of things and work count.",
            share=share_exact(competition.own_share_min_bp),
        ),
        gettext("At most %(share)s of the own share may be in kind.", share=share_exact(competition.inkind_max_bp)),
    ]
    labels = queries.form_of(competition).category_labels
    for code, most in competition.category_ceilings.items():
        label = gettext(labels.get(code, code))
        found.append(
            gettext("%(category)s: at most %(share)s of the whole cost.", category=label, share=share_exact(most))
        )
    return found


def admission_sentences(competition: Competition) -> list[str]:
    """What the check of admission asks beside the words of the city."""
    return [
        ngettext(
            "Registered at least %(num)d month before the announcement",
            "Registered at least %(num)d months before the announcement",
            competition.registered_months_min,
        ),
        ngettext(
            "At most %(num)d application from one organisation",
            "At most %(num)d applications from one organisation",
            competition.applications_per_organisation,
        ),
        *(
            gettext("%(question)s The answer must be “%(wanted)s” (%(clause)s).", **_first_question(one))
            for one in queries.form_of(competition).eligibility
        ),
    ]


def _first_question(one: EligibilityQuestion) -> dict[str, str]:
    wanted = gettext("Yes") if one.wanted == "yes" else gettext("No")
    return {"question": gettext(one.label), "wanted": wanted, "clause": gettext(one.clause)}


def complaint_sentences(competition: Competition) -> list[str]:
    """Whom to ask, and what to do when one does not agree."""
    return [
        gettext("Questions are asked on the page of the competition until the intake ends; answers are public."),
        gettext("Contact: %(contact)s", contact=competition.contact),
        gettext(
            "A complaint against the decision is filed here within %(days)s after the results are published; "
            "it is decided by somebody who did not take the decision, within %(days)s.",
            days=ngettext("%(num)d calendar day", "%(num)d calendar days", COMPLAINT_DAYS),
        ),
        gettext("The refusal of admission and the result can also be challenged in court."),
    ]


def personal_data_sentence() -> str:
    """What happens to names and contacts."""
    return gettext(
        "Names and contacts are used for this competition only. Summaries, budgets, marks by criterion and "
        "decisions are published; experts’ names beside marks, tax numbers and bank accounts are not."
    )


def tie_sentences(competition: Competition) -> list[str]:
    """The links of the tie chain in words."""
    lang = select_language()
    titles = {each.code: wording(each.title, lang) for each in competition.criteria}
    words = []
    for link in _engine(competition)["tie_breaks"]:
        if link["by"] == "criterion":
            words.append(gettext("higher mark for “%(title)s”", title=titles.get(link["code"], link["code"])))
        elif link["by"] == "column":
            label = COLUMN_TIES.get(link["column"], ("", link["column"]))[1]
            words.append(gettext(label)[:1].lower() + gettext(label)[1:])
        else:
            words.append(gettext("higher total of the strictest expert"))
    return words


def _engine(competition: Competition) -> dict[str, Any]:
    return queries.rules_document(competition)


def _expert_total(competition: Competition, engine: dict[str, Any]) -> str:
    if engine["expert_total"] == "normalised":
        return gettext(
            "An expert’s total is the weighted share of the highest possible marks, from 0 to 100; "
            "the weights add up to 100."
        )
    if engine["expert_total"] == "points":
        most = format(queries.points_maximum(competition).normalize(), "f")
        return gettext("An expert’s total is the sum of the points, %(most)s at most.", most=most)
    return gettext("An expert’s total is the weighted mean of the marks.")


def _combined(engine: dict[str, Any]) -> str:
    count = int(engine["min_experts"])
    least = ngettext(
        "at least %(num)d complete set of marks is needed", "at least %(num)d complete sets of marks are needed", count
    )
    kinds = {
        "mean": gettext("The application’s total is the mean of the experts who scored it"),
        "sum": gettext("The application’s total is the sum of the experts’ totals"),
        "median": gettext("The application’s total is the median of the experts’ totals"),
        "trimmed": gettext("The application’s total is the mean without the highest and the lowest total"),
    }
    return f"{kinds[engine['combine']]}; {least}."


def _rounding(engine: dict[str, Any]) -> list[str]:
    for stage in engine["rounding"]:
        if stage["after"] == "total":
            return [
                ngettext(
                    "The total is rounded to %(num)d decimal before the places are given.",
                    "The total is rounded to %(num)d decimals before the places are given.",
                    int(stage["places"]),
                )
            ]
    return []


def _pass_marks(competition: Competition, engine: dict[str, Any]) -> list[str]:
    lang = select_language()
    found = []
    if engine["pass_mark"] is not None:
        found.append(
            gettext(
                "An application with a total below %(mark)s is not funded.", mark=formatting.number(engine["pass_mark"])
            )
        )
    for each in competition.criteria:
        if each.pass_mark is not None:
            found.append(
                gettext(
                    "An application with less than %(mark)s for “%(title)s” is not funded.",
                    mark=formatting.number(each.pass_mark),
                    title=wording(each.title, lang),
                )
            )
    return found


def _allocation(allocation: dict[str, Any]) -> str:
    if allocation["rule"] == "stop":
        return gettext("Money is given down the list and stops at the first application that does not fit.")
    if allocation["rule"] == "skip":
        return gettext("Money is given down the list; an application that does not fit is passed over.")
    if allocation["rule"] == "bands":
        shares = "; ".join(
            gettext(
                "from %(mark)s: %(share)s", mark=formatting.number(band["from"]), share=share_exact(band["share_bp"])
            )
            for band in allocation["bands"]
        )
        return gettext("The share of the request depends on the total: %(shares)s.", shares=shares)
    return gettext(
        "Money is given down the list; the first that does not fit gets the remainder if it is at least %(share)s "
        "of the request, not below the smallest grant, and the applicant agrees.",
        share=share_exact(allocation["marginal_bp"]),
    )


def _leftover(allocation: dict[str, Any]) -> list[str]:
    found = []
    if allocation["pool_leftover"]:
        found.append(gettext("What the lots have left goes to the best unfunded applications of all lots."))
    if allocation["cap_per_applicant_kop"] is not None:
        found.append(gettext("One organisation gets at most %(sum)s.", sum=money(allocation["cap_per_applicant_kop"])))
    return found


def _required_fields(competition: Competition) -> list[str]:
    if not competition.required_fields:
        return []
    titles = dict(queries.known_fields())
    fields = [
        gettext("the priority of the application") if code == OWN_FIELD else titles.get(code, code)
        for code in competition.required_fields
    ]
    return [gettext("At least one of them knows each of these fields: %(fields)s.", fields="; ".join(fields))]


def _kept_experts(competition: Competition) -> list[str]:
    if not competition.kept_experts:
        return []
    return [
        ngettext(
            "Where the applicant applied before, %(num)d expert of that application scores the new one if possible.",
            "Where the applicant applied before, %(num)d experts of that application score the new one if possible.",
            competition.kept_experts,
        )
    ]


def _divergence(competition: Competition) -> list[str]:
    facts = {"limit": share_exact(competition.divergence_bp)}
    if competition.divergence_rule == "discuss":
        return [gettext("If their totals differ by more than %(limit)s of the scale, they discuss it.", **facts)]
    if competition.divergence_rule == "extra_expert":
        return [
            gettext(
                "If their totals differ by more than %(limit)s of the scale, one more expert is called in.", **facts
            )
        ]
    if competition.divergence_rule == "consensus":
        return [
            gettext(
                "If their totals differ by more than %(limit)s of the scale, they discuss it "
                "and a lead expert draws up a consensus sheet.",
                **facts,
            )
        ]
    return [gettext("If their totals differ by more than %(limit)s of the scale, the commission is told.", **facts)]


def _blindness(competition: Competition) -> list[str]:
    hidden = set(competition.blind_phases)
    if hidden == {"scoring", "deliberation"}:
        return [gettext("Neither experts nor the commission see who applies until the decision is made.")]
    if hidden == {"scoring"}:
        return [gettext("Experts do not see who applies: names and contacts are hidden from them.")]
    if hidden == {"deliberation"}:
        return [gettext("The commission does not see who applies until the decision is made.")]
    return [gettext("Experts and the commission see who applies.")]
