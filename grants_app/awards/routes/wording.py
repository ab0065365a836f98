"""Sentences about quorum that pages share."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from grants_app.awards.rules.voting import Quorum


def quorum_sentences(quorum: Quorum, *, is_item: bool = False) -> list[str]:
    """The quorum in words: who may vote, how many are needed, how many are here, what would break it."""
    away = quorum.seats - quorum.eligible
    told = [
        _(
            "%(eligible)s of %(seats)s members may vote. At least %(needed)s are needed, present: %(present)s.",
            eligible=quorum.eligible,
            seats=quorum.seats,
            needed=quorum.needed,
            present=quorum.present,
        )
    ]
    if is_item and away:
        told.append(
            ngettext(
                "%(num)d member does not vote because of a conflict of interest.",
                "%(num)d members do not vote because of a conflict of interest.",
                away,
            )
        )
    if quorum.is_met and quorum.present == quorum.needed:
        told.append(_("If one more leaves, voting becomes impossible."))
    if not quorum.is_met:
        told.append(_("Voting is not possible: wait for members to return or postpone the item."))
    return told
