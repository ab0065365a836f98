"""Letters of a late entry: who is let in after the deadline, why, till when."""

from __future__ import annotations

LATE_LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "late_entry_given": {
        "uk": (
            "Ви можете подати заявку до %(until)s: код пізнього подання",
            (
                "Організатор дозволив організації «%(organisation)s» подати заявку на конкурс «%(title)s» після "
                "закінчення прийому, до %(until)s за київським часом.\n\nКод: %(secret)s\n\nУведіть його в кабінеті: "
                "«Заявки», «У мене є код пізнього подання». Код діє лише для вашої організації й лише один раз; "
                "уводить його керівник.\n\nПричина, яку оприлюднимо в реєстрі: %(reason)s"
            ),
        ),
        "en": (
            "You may apply until %(until)s: a late entry code",
            (
                "The organizer allows “%(organisation)s” to apply to the competition “%(title)s” after the intake has "
                "ended, until %(until)s, Kyiv time.\n\nCode: %(secret)s\n\nEnter it in your account: “Applications”, "
                "“I have a late entry code”. The code works for your organisation alone and only once; the head "
                "enters it.\n\nThe reason, published in the register: %(reason)s"
            ),
        ),
    },
    "late_entry_ended": {
        "uk": (
            "Дозвіл на пізнє подання скасовано: %(title)s",
            (
                "Організатор скасував дозвіл організації «%(organisation)s» подати заявку на конкурс «%(title)s» "
                "після закінчення прийому.\n\nПричина: %(reason)s\n\nНаписане збережено, його можна читати й друкувати."
            ),
        ),
        "en": (
            "The late entry is taken back: %(title)s",
            (
                "The organizer has taken back the late entry of “%(organisation)s” to the competition “%(title)s”.\n\n"
                "Reason: %(reason)s\n\nWhat you wrote is kept and can be read and printed."
            ),
        ),
    },
    "late_application_received": {
        "uk": (
            "Заявку %(code)s подано за кодом пізнього подання",
            (
                "Заявку «%(title)s» подано %(time)s.\nКод заявки: %(code)s.\nКонтрольна сума вмісту (SHA-256): "
                "%(digest)s.\n\nВідкликати її вже не можна, лише зняти з конкурсу. У реєстрі вона стоїть за часом "
                "надходження, поруч із причиною пізнього подання.\n\nПідтвердження у PDF є в кабінеті."
            ),
        ),
        "en": (
            "Application %(code)s is submitted by a late entry",
            (
                "The application “%(title)s” was submitted at %(time)s.\nCode: %(code)s.\nContent digest (SHA-256): "
                "%(digest)s.\n\nIt can no longer be recalled, only withdrawn. It stands in the register by its time "
                "of arrival, beside the reason of the late entry.\n\nThe receipt in PDF is in your account."
            ),
        ),
    },
}
