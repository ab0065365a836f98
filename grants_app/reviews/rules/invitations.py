"""Invitations to a panel: the agreement that an expert accepts, and the letters."""

from __future__ import annotations

import hashlib
import json

# The text is one thing with its fingerprint: a changed word is another edition, and whoever agreed to the earlier one
# keeps that fingerprint.
AGREEMENT: dict[str, list[tuple[str, list[str]]]] = {
    "uk": [
        (
            "Робота експерта",
            [
                "Я особисто оцінюю лише призначені мені заявки, за критеріями та шкалою цього конкурсу, і завершую"
                " оцінки до вказаного строку.",
                "Кожну заявку порівнюю з критеріями, а не з іншими заявками чи власними вподобаннями. Обґрунтовую"
                " бали так, щоб заявник міг зрозуміти рішення.",
                "Якщо не встигаю, повідомляю секретаря якомога раніше, щоб заявку передали іншому експертові.",
            ],
        ),
        (
            "Неупередженість",
            [
                "Перед кожною заявкою заявляю, чи маю конфлікт інтересів. Про конфлікт, який виник або став мені"
                " відомий пізніше, повідомляю не пізніше наступного робочого дня.",
                "У профілі вказую місце роботи, організації, у яких беру участь, та інші зв’язки, за якими система"
                " шукає конфлікти інтересів.",
                "Не беру від заявників подарунків і винагород, не допомагаю їм готувати заявки на цей конкурс і не"
                " обговорюю з ними заявок до оприлюднення рішень.",
            ],
        ),
        (
            "Конфіденційність",
            [
                "Тексти заявок, кошториси, персональні дані, свої та чужі оцінки нікому не розголошую і не"
                " використовую для інших потреб. Це діє й після завершення конкурсу.",
                "Не передаю тексти заявок стороннім сервісам, зокрема службам перекладу та штучного інтелекту.",
                "Копії, збережені для роботи без мережі, видаляю після передання оцінок комісії.",
            ],
        ),
        (
            "Персональні дані",
            [
                "Погоджуюся, що місто обробляє дані мого профілю, щоб призначати заявки й перевіряти конфлікти"
                " інтересів. Адресу та IBAN бачу лише я і секретар комісії.",
                "Заявники й відвідувачі сайту не дізнаються, хто з експертів оцінював яку заявку.",
            ],
        ),
    ],
    "en": [
        (
            "The expert’s work",
            [
                "I score only the applications assigned to me, in person, by the criteria and the scale of this"
                " competition, and finish before the term named here.",
                "I compare each application with the criteria, not with other applications or my own taste. I justify"
                " points so that the applicant can understand the decision.",
                "If I cannot manage in time, I tell the secretary as early as possible, so that another expert can"
                " take the application.",
            ],
        ),
        (
            "Impartiality",
            [
                "Before each application I declare whether I have a conflict of interest. A conflict that arises or"
                " becomes known to me later I report by the next working day.",
                "In my profile I name my workplace, the organisations I take part in and other ties by which the"
                " system looks for conflicts of interest.",
                "I take no gifts or pay from applicants, do not help them to prepare applications for this competition"
                " and do not discuss applications with them before the decisions are published.",
            ],
        ),
        (
            "Confidentiality",
            [
                "I disclose to nobody, and use for nothing else, the texts of applications, their budgets, personal"
                " data, my own and other experts’ scores. This holds after the competition too.",
                "I do not hand texts of applications to outside services, translation and artificial intelligence"
                " included.",
                "Copies kept for work without a network I delete once the scores are handed over to the commission.",
            ],
        ),
        (
            "Personal data",
            [
                "I agree that the city uses the data of my profile to assign applications and to check for conflicts"
                " of interest. My address and IBAN are seen by me and the secretary of the commission alone.",
                "Applicants and visitors of the site do not learn which expert has scored which application.",
            ],
        ),
    ],
}


def agreement_in(lang: str) -> list[tuple[str, list[str]]]:
    """The text in the reader's language: headings with paragraphs."""
    return AGREEMENT.get(lang, AGREEMENT["uk"])


def agreement_digest() -> str:
    """SHA-256 of the text in all its languages, as canonical JSON: what «accepted» refers to."""
    text = json.dumps(AGREEMENT, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


PANEL_LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "panel_invitation": {
        "uk": (
            "Дайте відповідь до %(until)s: запрошуємо оцінювати заявки (%(code)s)",
            (
                "Вас запрошують оцінювати заявки конкурсу «%(title)s». Погодьтеся або відмовтеся до %(until)s,"
                " пояснювати відмову не треба:\n%(link)s\n\nТам-таки обсяг роботи, строк оцінювання та угода, яку"
                " ви приймете. Без відповіді місце звільниться."
            ),
        ),
        "en": (
            "Answer by %(until)s: we invite you to score applications (%(code)s)",
            (
                "You are invited to score applications of the competition “%(title)s”. Accept or decline by"
                " %(until)s, no reason is needed:\n%(link)s\n\nThe page shows the workload, the term of scoring and"
                " the agreement that you accept. Without an answer the place is freed."
            ),
        ),
    },
    "panel_withdrawn": {
        "uk": (
            "Відповідати не треба: запрошення скасовано (%(code)s)",
            "Запрошення оцінювати заявки конкурсу «%(title)s» скасовано. Робити нічого не треба.",
        ),
        "en": (
            "No answer is needed: the invitation is withdrawn (%(code)s)",
            "The invitation to score applications of the competition “%(title)s” is withdrawn. Nothing is left to do.",
        ),
    },
    "panel_accepted": {
        "uk": (
            "Ви погодилися оцінювати заявки: %(code)s",
            (
                "Заповніть профіль експерта до початку оцінювання:\n%(link)s\n\nКонкурс «%(title)s». Коли відкриється"
                " оцінювання, надійде лист із призначеними заявками. Оцінити їх треба до %(scoring)s.\n\nВи прийняли"
                " угоду та зобов’язання про конфіденційність, контрольна сума тексту (SHA-256):\n%(digest)s"
            ),
        ),
        "en": (
            "You have agreed to score applications: %(code)s",
            (
                "Fill in your expert profile before scoring opens:\n%(link)s\n\nCompetition “%(title)s”. When scoring"
                " opens, a letter with the applications assigned to you comes. Score them until %(scoring)s.\n\nYou"
                " have accepted the agreement and the duty of confidentiality, SHA-256 of the text:\n%(digest)s"
            ),
        ),
    },
    "panel_declined": {
        "uk": (
            "Запросіть іншого експерта: %(code)s",
            "%(name)s не погоджується оцінювати заявки конкурсу «%(title)s». Хто ще погодився й чиї відповіді"
            " очікуємо:\n%(link)s",
        ),
        "en": (
            "Invite another expert: %(code)s",
            "%(name)s does not agree to score applications of the competition “%(title)s”. Who has agreed and whose"
            " answers are awaited:\n%(link)s",
        ),
    },
    "panel_removed": {
        "uk": (
            "Ви більше не оцінюєте заявок: %(code)s",
            (
                "Секретар комісії вивів вас зі складу експертів конкурсу «%(title)s». Причина: %(reason)s\n\n"
                "Незавершені оцінки скасовано, їх передадуть іншим експертам. Завершених оцінок: %(count)s. Вони"
                " лишаються й враховуються; змінити чи відкликати їх уже не можна. Якщо не згодні, напишіть"
                " секретареві комісії."
            ),
        ),
        "en": (
            "You no longer score applications: %(code)s",
            (
                "The secretary of the commission has removed you from the panel of “%(title)s”. Reason: %(reason)s\n\n"
                "Unfinished reviews are taken back and go to other experts. Finished reviews: %(count)s. They stay and"
                " count; they can no longer be changed or recalled. If you disagree, write to the secretary of the"
                " commission."
            ),
        ),
    },
    "panel_left": {
        "uk": (
            "Знайдіть заміну експертові: %(code)s",
            (
                "%(name)s більше не оцінює заявки конкурсу «%(title)s». Заявок без цього експерта: %(count)s."
                " Запросіть іншого або призначте заявки тим, хто погодився:\n%(link)s"
            ),
        ),
        "en": (
            "Replace an expert: %(code)s",
            (
                "%(name)s no longer scores applications of the competition “%(title)s”. Applications left without"
                " this expert: %(count)s. Invite another one or assign them to those who agreed:\n%(link)s"
            ),
        ),
    },
}
