"""Letters of the voucher stage, in the language of each reader, and the list that describes them."""

from __future__ import annotations

from datetime import date

from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.journal.registry import About, Letters, Place, register_letters

COMPLAINT = {
    "uk": "Скаргу можна подати протягом 30 календарних днів.",
    "en": "A complaint may be filed within 30 calendar days.",
}

LETTERS: Letters = {
    "voucher_issued": {
        "uk": (
            "Ваучер видано: %(service)s, до %(face)s",
            "Виберіть консультанта й підпишіть з ним технічне завдання до %(book_until)s.\n"
            "Код ваучера: %(code)s\nДіє до %(valid_until)s включно.\n"
            "Роботи, розпочаті до підписання технічного завдання, не компенсують.",
        ),
        "en": (
            "Voucher issued: %(service)s, up to %(face)s",
            "Choose a consultant and sign the scope of work with them by %(book_until)s.\n"
            "Voucher code: %(code)s\nValid through %(valid_until)s.\n"
            "Work begun before the scope is signed is not compensated.",
        ),
    },
    "voucher_refused": {
        "uk": (
            "Ваучер не видано: %(service)s",
            "Причина: %(reason)s\nНову заявку можна подати, коли причину усунено. %(complaint)s",
        ),
        "en": (
            "Voucher not issued: %(service)s",
            "Reason: %(reason)s\nYou may ask again once the reason is removed. %(complaint)s",
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
            "Заявку на компенсацію відхилено: %(service)s",
            "Причина: %(reason)s\n%(complaint)s",
        ),
        "en": ("Claim rejected: %(service)s", "Reason: %(reason)s\n%(complaint)s"),
    },
    "claim_paid": {
        "uk": ("Компенсацію виплачено: %(amount)s", "Послуга: %(service)s. Ваучер використано."),
        "en": ("Compensation paid: %(amount)s", "Service: %(service)s. The voucher is used."),
    },
    "voucher_booked": {
        "uk": (
            "Технічне завдання підписано: %(service)s",
            "Обидві сторони підписали технічне завдання. Роботу можна починати; завершіть її та підпишіть акт до"
            " %(valid_until)s включно.",
        ),
        "en": (
            "The scope of work is signed: %(service)s",
            "Both sides have signed the scope of work. The work may begin; finish it and sign the act by"
            " %(valid_until)s inclusive.",
        ),
    },
    "voucher_blocked": {
        "uk": (
            "Ваучер зупинено для перевірки: %(service)s",
            "Поки триває перевірка, ваучером користуватися не можна.\nПричина: %(reason)s\n%(complaint)s",
        ),
        "en": (
            "The voucher is blocked for a check: %(service)s",
            "It cannot be used while the check goes on.\nReason: %(reason)s\n%(complaint)s",
        ),
    },
    "voucher_unblocked": {
        "uk": (
            "Ваучер знову діє: %(service)s",
            "Перевірку завершено, ваучер відновлено. Він діє до %(valid_until)s включно.\nПричина: %(reason)s",
        ),
        "en": (
            "The voucher is valid again: %(service)s",
            "The check is over, the voucher is unblocked. It is valid through %(valid_until)s.\nReason: %(reason)s",
        ),
    },
    "claim_approved": {
        "uk": (
            "Заявку на компенсацію погоджено: %(amount)s",
            "Документи перевірено, суму погоджено до виплати. Робити нічого не треба: про виплату напишемо.\n"
            "Послуга: %(service)s.",
        ),
        "en": (
            "The compensation is approved: %(amount)s",
            "The papers are checked and the sum is approved for payment. Nothing is left to do: we shall write when it"
            " is paid.\nService: %(service)s.",
        ),
    },
    "programme_suspended": {
        "uk": (
            "Програму ваучерів призупинено: %(programme)s",
            "Нових ваучерів тимчасово не видають. Виданий ваучер (%(service)s) діє далі.\nПричина: %(reason)s",
        ),
        "en": (
            "The voucher programme is suspended: %(programme)s",
            "No new vouchers are issued for now. A voucher already issued (%(service)s) stays valid."
            "\nReason: %(reason)s",
        ),
    },
    "programme_resumed": {
        "uk": (
            "Програма ваучерів діє: %(programme)s",
            "Заявки знову розглядають і ваучери видають. Ваш ваучер: %(service)s.",
        ),
        "en": (
            "The voucher programme is active: %(programme)s",
            "Requests are decided and vouchers are issued again. Your voucher: %(service)s.",
        ),
    },
    "programme_closed": {
        "uk": (
            "Програму ваучерів закрито: %(programme)s",
            "Нових заявок не приймають. Виданий ваучер (%(service)s) можна використати в його строк.",
        ),
        "en": (
            "The voucher programme is closed: %(programme)s",
            "No new requests are taken. A voucher already issued (%(service)s) may be used within its term.",
        ),
    },
    "consultant_accredited": {
        "uk": (
            "Вас акредитовано: %(name)s",
            "Консультанта %(name)s внесено до переліку. Організації можуть вибирати вас для послуг за ваучерами.",
        ),
        "en": (
            "You are accredited: %(name)s",
            "Consultant %(name)s is on the list. Organisations may choose you for services under vouchers.",
        ),
    },
    "consultant_suspended": {
        "uk": (
            "Акредитацію призупинено: %(name)s",
            "Нових завдань поки не призначають; розпочату роботу можна завершити.\nПричина: %(reason)s\n%(complaint)s",
        ),
        "en": (
            "Accreditation is suspended: %(name)s",
            "No new work is given for now; work already begun may be finished.\nReason: %(reason)s\n%(complaint)s",
        ),
    },
}

HEADS = "Heads of the organisation that holds the voucher"
CONSULTANT = "The consultant"
REASONED = ("reason", "complaint")

_PLACES = {
    "service": Place(
        "The service of the catalogue", {"uk": "Консультація бухгалтера", "en": "Advice of an accountant"}
    ),
    "face": Place("The largest sum of the voucher", Figure(figures.money, 2_400_000)),
    "amount": Place("The sum of the compensation", Figure(figures.money_exact, 1_850_000)),
    "code": Place("The code of the voucher", "7KQ4-M2XD-P8RT-4NWA"),
    "book_until": Place("The last day to sign the scope of work", Figure(figures.day, date(2027, 4, 30))),
    "valid_until": Place("The last day on which the voucher is valid", Figure(figures.day, date(2027, 8, 31))),
    "reason": Place("The reason as the desk wrote it", {"uk": "бракує підпису", "en": "a signature is missing"}),
    "complaint": Place("How to complain and within which term", COMPLAINT),
    "programme": Place("The title of the programme", {"uk": "Сильні організації", "en": "Strong organisations"}),
    "name": Place("The name of the consultant", {"uk": "ФОП Вигадана", "en": "A made-up adviser"}),
}
_ABOUT = {
    "voucher_issued": About("A voucher is issued", HEADS, ("code", "book_until", "valid_until")),
    "voucher_refused": About("A request for a voucher is refused", HEADS, REASONED),
    "voucher_cancelled": About("A voucher is cancelled", HEADS, ("reason",)),
    "voucher_expired": About("The term of a voucher has passed", HEADS, is_urgent=False),
    "scope_to_sign": About("The consultant proposes a scope of work", CONSULTANT, ("book_until",)),
    "act_to_sign": About("The consultant draws up the act of services", HEADS),
    "claim_returned": About("A claim is returned", HEADS, ("reason",)),
    "claim_rejected": About("A claim is rejected", HEADS, REASONED),
    "claim_paid": About("The compensation is paid", HEADS, ("amount",), is_urgent=False),
    "voucher_booked": About("Both sides have signed the scope of work", HEADS, ("valid_until",), is_urgent=False),
    "voucher_blocked": About("A voucher is blocked for a check", HEADS, REASONED),
    "voucher_unblocked": About("A voucher is unblocked", HEADS, ("valid_until",)),
    "claim_approved": About("A claim is approved for payment", HEADS, is_urgent=False),
    "programme_suspended": About("A voucher programme is suspended", HEADS, ("reason",)),
    "programme_resumed": About("A voucher programme goes on", HEADS, is_urgent=False),
    "programme_closed": About("A voucher programme is closed", HEADS),
    "consultant_accredited": About("A consultant is accredited", CONSULTANT, is_urgent=False),
    "consultant_suspended": About("Accreditation is suspended", CONSULTANT, REASONED),
}
register_letters("vouchers", LETTERS, _ABOUT, _PLACES)
