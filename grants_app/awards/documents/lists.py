"""Documents of the decision: ranked list, winners, reserve, summary score sheets, minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from grants_app.awards.models import Meeting, Minutes
from grants_app.awards.queries.ranking import DecidedRow
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.reviews.documents.conflicts import annex_blocks
from grants_app.reviews.queries.conflict_lines import ConflictRow
from grants_app.web import formatting
from grants_app.web.export import Block, Document, act


def list_document(
    competition: Competition,
    title: str,
    *,
    sentences: Sequence[str],
    hashes: tuple[str, str] | None = None,
    is_partial: bool = False,
) -> Document:
    """A list in landscape with the sentences of its money above and the signatures below.

    `is_partial`: some applications are considered without the reader; that is no list to sign.
    """
    foot = f"{competition.code} · {formatting.stamp(clock.now())}"
    if hashes is not None:
        foot += f" · {hashes[0][:26]} · {hashes[1][:26]}"
    return Document(
        title=title,
        caption=competition.title,
        number=_("Competition %(code)s", code=competition.code),
        landscape=True,
        blocks=[
            *(Block("text", text=sentence) for sentence in sentences),
            *([Block("text", text=sentence_without_some())] if is_partial else []),
            Block("rows"),
            *([] if is_partial else [signatures()]),
        ],
        foot=foot,
        page_words=_("page %(number)s of %(total)s", number="%d", total="%d"),
    )


def sentence_without_some() -> str:
    """What is said above every list of a reader without whom some applications are considered."""
    return _(
        "Some applications are considered without you: their rows and the sums of their lots are left out, and places"
        " count only what is shown here."
    )


def signatures() -> Block:
    """The signature block of the commission."""
    return Block("signatures", pairs=[(_("Chair of the commission"), ""), (_("Secretary of the commission"), "")])


def summary_sheets(
    competition: Competition,
    rows: Sequence[DecidedRow],
    criteria: Mapping[str, str],
    *,
    steps: Mapping[str, Sequence[tuple[str, list[str]]]],
    is_partial: bool = False,
) -> Document:
    """«Зведений оціночний лист» of every application: means, total, place, and the steps to each; no experts' names.

    `is_partial` as in `list_document`.
    """
    blocks: list[Block] = [Block("text", text=sentence_without_some())] if is_partial else []
    for index, row in enumerate(rows):
        blocks.append(Block("heading", text=f"{row.code}. {row.title}"))
        blocks.append(
            Block(
                "facts",
                pairs=[
                    (_("Organisation"), row.organisation),
                    (_("Lot"), row.lot),
                    (_("Amount requested"), formatting.money_exact(row.requested_kop)),
                    (_("Place"), str(row.place or "–")),
                    *((criteria.get(code, code), formatting.mean(mean)) for code, mean in row.criteria.items()),
                    (_("Score"), formatting.number(row.score)),
                ],
            )
        )
        for title, lines in steps.get(row.code, ()):
            blocks += [Block("text", text=f"{title}:"), Block("list", items=lines)]
        if index < len(rows) - 1:
            blocks.append(Block("page"))
    return Document(
        title=_("Summary score sheets"),
        caption=competition.title,
        number=_("Competition %(code)s", code=competition.code),
        blocks=blocks if is_partial else [*blocks, signatures()],
        foot=competition.code,
        page_words=_("page %(number)s of %(total)s", number="%d", total="%d"),
    )


@act
def minutes_document(meeting: Meeting, minutes: Minutes, text: str, annex: Sequence[ConflictRow]) -> Document:
    """«Протокол»: the frozen text, who signed and when, the digest; conflicts of interest known by then in annex."""
    heading, _sep, rest = text.partition("\n")
    blocks = [Block("text", text=part) for part in rest.strip().split("\n\n")]
    signed = [
        (_("Chair of the commission"), minutes.chair, minutes.chair_signed_at),
        (_("Secretary of the commission"), minutes.secretary, minutes.secretary_signed_at),
    ]
    names = []
    for office, who, at in signed:
        names.append((office, f"{who.full_name}, {formatting.stamp(at)}" if who and at else ""))
    return Document(
        title=heading,
        blocks=[*blocks, Block("signatures", pairs=names), *annex_blocks(annex)],
        foot=f"{meeting.code} · SHA-256 {minutes.digest}",
        page_words=_("page %(number)s of %(total)s", number="%d", total="%d"),
    )
