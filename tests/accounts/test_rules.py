from __future__ import annotations

import pytest

from grants_app.accounts.routes.sign_in import safe_next
from grants_app.accounts.rules import conflicting_role, password_fault
from grants_app.permissions import Role


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password123!!!",
        "qwertyuiop12",
        "йцукенгшщз12",
        "123456789012",
        "aaaaaaaaaaaaaa",
        "Київ2024Київ2024",
        "abcdefghijklm",
        "adminadmin2024",
        "олена.тестова.2024",
    ],
)
def test_password_among_the_first_guessed(password: str) -> None:
    fault = password_fault(password, own_words=["Олена Тестова", "olena@example.org"])
    assert fault is not None
    assert fault[0].startswith("This password is among the first that are guessed")


@pytest.mark.parametrize(
    "password", ["корова їсть суху траву", "Xk7#mQ2$vB9!", "three blind wooden spoons", "я" * 3 + "блукалец ь у лісі"]
)
def test_password_good(password: str) -> None:
    assert password_fault(password) is None


def test_password_length_at_its_bounds() -> None:
    long = "вовкулака їде степом " * 10
    assert [password_fault(long[:size]) is None for size in (11, 12, 128, 129)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        ("/home", "/home"),
        ("/competitions?lot=big&page=2", "/competitions?lot=big&page=2"),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("https://evil.example/home", None),
        ("/\t/evil.example", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_next_page_only_of_this_site(target: str | None, taken: str | None) -> None:
    assert safe_next(target) == taken


def test_duties_apart_both_ways() -> None:
    assert conflicting_role(Role.EXPERT, {Role.ADMIN}) is Role.ADMIN
    assert conflicting_role(Role.ADMIN, {Role.EXPERT}) is Role.EXPERT
    assert conflicting_role(Role.AUDITOR, {Role.FINANCE}) is Role.FINANCE
    assert conflicting_role(Role.CHAIR, {Role.COMMISSION_MEMBER}) is None
