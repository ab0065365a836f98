"""Letters of the voucher stage, in the language of each reader."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.core import clock
from grants_app.core.identifiers import grouped
from grants_app.core.money import number_text
from grants_app.database import db
from grants_app.journal.services import notify
from grants_app.permissions import Role
from grants_app.vouchers.models import Voucher

# name -> language -> (subject, body)
LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "voucher_issued": {
        "uk": (
            "Ваучер видано: %(service)s, до %(face)s грн",
            "Виберіть консультанта й підпишіть з ним технічне завдання до %(book_until)s.\n"
            "Код ваучера: %(code)s\nДіє до %(valid_until)s включно.\n"
            "Роботи, розпочаті до підписання технічного завдання, не компенсують.",
        ),
        "en": (
            "Voucher issued: %(service)s, up to UAH %(face)s",
            "Choose a consultant and sign the scope of work with them by %(book_until)s.\n"
            "Voucher code: %(code)s\nValid through %(valid_until)s.\n"
            "Work begun before the scope is signed is not compensated.",
        ),
    },
    "voucher_refused": {
        "uk": (
            "Ваучер не видано: %(service)s",
            "Причина: %(reason)s\n"
            "Нову заявку можна подати, коли причину усунено. Скаргу можна подати протягом 30 календарних днів.",
        ),
        "en": (
            "Voucher not issued: %(service)s",
            "Reason: %(reason)s\n"
            "You may ask again once the reason is removed. A complaint may be filed within 30 calendar days.",
        ),
    },
    "voucher_cancelled": {
        "uk": ("Ваучер скасовано: %(service)s", "Причина: %(reason)s\nКошти повернено до фонду програми."),
        "en": ("Voucher cancelled: %(service)s", "Reason: %(reason)s\nThe money went back to the programme’s fund."),
    },
    "voucher_expired": {
        "uk": ("Строк ваучера минув: %(service)s", "Ваучер не використали вчасно, кошти повернено до фонду програми."),
        "en": ("Voucher expired: %(service)s", "It was not used in time; the money went back to the programme’s fund."),
    },
    "scope_to_sign": {
        "uk": (
            "Підпишіть технічне завдання: %(service)s",
            "Консультант запропонував обсяг і ціну. Перевірте й підпишіть до %(book_until)s.",
        ),
        "en": (
            "Sign the scope of work: %(service)s",
            "The consultant proposed the work and its price. Check it and sign by %(book_until)s.",
        ),
    },
    "act_to_sign": {
        "uk": (
            "Підпишіть акт наданих послуг: %(service)s",
            "Консультант склав акт. Перевірте обсяг і суму та підпишіть.",
        ),
        "en": (
            "Sign the act of services: %(service)s",
            "The consultant drew up the act. Check the work and the sum, then sign.",
        ),
    },
    "claim_returned": {
        "uk": ("Виправте заявку на компенсацію: %(service)s", "Що виправити: %(reason)s"),
        "en": ("Correct the claim: %(service)s", "What to correct: %(reason)s"),
    },
    "claim_rejected": {
        "uk": (
            "Компенсацію відхилено: %(service)s",
            "Причина: %(reason)s\nСкаргу можна подати протягом 30 календарних днів.",
        ),
        "en": ("Claim rejected: %(service)s", "Reason: %(reason)s\nA complaint may be filed within 30 calendar days."),
    },
    "claim_paid": {
        "uk": ("Компенсацію виплачено: %(amount)s грн", "Послуга: %(service)s. Ваучер використано."),
        "en": ("Compensation paid: UAH %(amount)s", "Service: %(service)s. The voucher is used."),
    },
}


def tell_organisation(voucher: Voucher, name: str, **facts: str) -> None:
    """A letter to each head of the organisation that holds the voucher."""
    heads = db.session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == voucher.organisation_id,
            Membership.role == Role.NGO_HEAD,
            Membership.ended_at.is_(None),
        )
    )
    for head in heads:
        tell(head, voucher, name, **facts)


def tell(reader: User, voucher: Voucher, name: str, **facts: str) -> None:
    """A letter about the voucher to one person."""
    lang = reader.lang if reader.lang in {"uk", "en"} else "uk"
    subject, body = LETTERS[name][lang]
    known = {
        "service": voucher.service.title_uk if lang == "uk" else voucher.service.title_en,
        "face": number_text(voucher.face_kop),
        "code": grouped(voucher.code) if voucher.code else "",
        # The stored ends are exclusive: the last day is the day before.
        "book_until": _last_day(voucher.book_until),
        "valid_until": _last_day(voucher.valid_until),
        **facts,
    }
    notify(
        email=reader.email,
        recipient_id=reader.id,
        lang=lang,
        template=name,
        subject=subject % known,
        body=body % known,
        thing="voucher",
        code=voucher.journal_code,
        scope=voucher.programme.code,
    )


def _last_day(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return clock.kyiv(moment - timedelta(seconds=1)).strftime("%d.%m.%Y")
