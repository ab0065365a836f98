"""Columns of the ranked list, the winners, the reserve and the summary sheet: page and files say the same."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Money, Number, Points, Share, Text


class RankedListSchema(Columns):
    """«Рейтинговий список»: the columns of the page."""

    place = Number(label=_l("Place"), width=0.9)
    title = Text(label=_l("Project"), width=4)
    organisation = Text(label=_l("Organisation"), width=2.6)
    code = Text(label=_l("Code"), width=1.8)
    score = Points(label=_l("Score"))
    marks = Points(label=_l("Experts’ totals"), width=2)
    requested_kop = Money(label=_l("Requested, UAH"))
    rule_kop = Money(label=_l("By the rule, UAH"))
    proposed_kop = Money(label=_l("Proposed, UAH"))
    running_kop = Money(label=_l("Running total, UAH"))
    state = Text(label=_l("State"), width=1.6)
    note = Text(label=_l("Note"), width=2.6)


class WinnersSchema(Columns):
    """«Перелік переможців»."""

    place = Number(label=_l("Place"), width=0.9)
    lot = Text(label=_l("Lot"), width=1.8)
    organisation = Text(label=_l("Organisation"), width=3.4)
    edrpou = Text(label=_l("EDRPOU"), width=1.4)
    title = Text(label=_l("Project"), width=4)
    code = Text(label=_l("Code"), width=1.8)
    score = Points(label=_l("Score"))
    requested_kop = Money(label=_l("Requested, UAH"))
    approved_kop = Money(label=_l("Awarded, UAH"))
    running_kop = Money(label=_l("Running total, UAH"))
    own_share_bp = Share(label=_l("Own share"))


class ReserveSchema(Columns):
    """«Резервний список»."""

    reserve_place = Number(label=_l("Reserve"), width=0.9)
    place = Number(label=_l("Place"), width=0.9)
    lot = Text(label=_l("Lot"), width=1.8)
    organisation = Text(label=_l("Organisation"), width=3.4)
    edrpou = Text(label=_l("EDRPOU"), width=1.4)
    title = Text(label=_l("Project"), width=4)
    code = Text(label=_l("Code"), width=1.8)
    score = Points(label=_l("Score"))
    requested_kop = Money(label=_l("Requested, UAH"))


class StabilitySchema(Columns):
    """«Стійкість рейтингу»: official columns first, then what is advice; no severity of experts."""

    place = Number(label=_l("Place"), width=0.9)
    code = Text(label=_l("Code"), width=1.8)
    title = Text(label=_l("Project"), width=4)
    score = Points(label=_l("Score"))
    spread = Points(label=_l("Spread"))
    expected_rank = Points(label=_l("Expected rank (advice)"))
    ranks50 = Text(label=_l("50 per cent (advice)"), width=1.2)
    ranks90 = Text(label=_l("90 per cent (advice)"), width=1.2)
    chance = Text(label=_l("Chance of money (advice)"), width=1.4)
    state = Text(label=_l("By the rule"), width=1.6)
    changes = Text(label=_l("What would turn the award round (advice)"), width=4)


_SEEN = _l("Place among those shown")


class SeenRankedListSchema(RankedListSchema):
    """The same for a reader without whom some applications are considered: places count the others alone."""

    place = Number(label=_SEEN, width=1.1)


class SeenWinnersSchema(WinnersSchema):
    """The winners for such a reader."""

    place = Number(label=_SEEN, width=1.1)


class SeenReserveSchema(ReserveSchema):
    """The reserve for such a reader."""

    reserve_place = Number(label=_l("Reserve among those shown"), width=1.1)
    place = Number(label=_SEEN, width=1.1)


class SeenStabilitySchema(StabilitySchema):
    """The stability for such a reader."""

    place = Number(label=_SEEN, width=1.1)


_AS_SEEN: dict[type[Columns], type[Columns]] = {
    RankedListSchema: SeenRankedListSchema,
    WinnersSchema: SeenWinnersSchema,
    ReserveSchema: SeenReserveSchema,
    StabilitySchema: SeenStabilitySchema,
}


def as_seen(schema: type[Columns], out: frozenset[int] | int) -> type[Columns]:
    """The columns for a reader: places are named otherwise where applications of `out` are kept from them."""
    return _AS_SEEN[schema] if out else schema
