"""The state tables are sound: every state can be reached, every one but the last can be left, permissions exist."""

from __future__ import annotations

import pytest

from grants_app.core.state_machine import Machine
from grants_app.lifecycle import MACHINES
from grants_app.permissions import GRANTS, Permission, Role

TABLES = [pytest.param(states, machine, id=machine.thing) for states, machine in MACHINES.items()]


@pytest.mark.parametrize(("states", "machine"), TABLES)
def test_states_all_reachable(states: type, machine: Machine) -> None:
    reached = {machine.initial}
    while True:
        further = {step.target for step in machine.steps if set(step.sources) & reached} - reached
        if not further:
            break
        reached |= further
    assert reached == set(states)


@pytest.mark.parametrize(("states", "machine"), TABLES)
def test_states_without_way_out_are_the_final_ones(states: type, machine: Machine) -> None:
    stuck = {state for state in states if not any(step.target != state for step in machine.available(state))}
    assert stuck == set(machine.finals)


@pytest.mark.parametrize(("states", "machine"), TABLES)
def test_states_all_have_a_name_for_people(states: type, machine: Machine) -> None:
    assert [state for state in states if not state.label] == []


@pytest.mark.parametrize(("states", "machine"), TABLES)
def test_steps_stay_inside_their_table(states: type, machine: Machine) -> None:
    strangers = [
        step.name for step in machine.steps if not step.sources or not {step.target, *step.sources} <= set(states)
    ]
    assert strangers == []


@pytest.mark.parametrize(("states", "machine"), TABLES)
def test_steps_need_permissions_that_somebody_holds(states: type, machine: Machine) -> None:
    held = {permission for granted in GRANTS.values() for permission in granted}
    unheld = [step.name for step in machine.steps if step.permission and Permission(step.permission) not in held]
    assert unheld == []


def test_roles_all_granted_something() -> None:
    assert set(GRANTS) == set(Role)


def test_permissions_all_held_by_somebody() -> None:
    assert {permission for granted in GRANTS.values() for permission in granted} == set(Permission)


def test_halves_of_a_payment_never_in_one_role() -> None:
    """Who issues or checks a voucher does not pay it, whoever scores does not award."""
    apart = [
        {Permission.VOUCHER_ISSUE, Permission.VOUCHER_PAY},
        {Permission.VOUCHER_CHECK, Permission.VOUCHER_PAY},
        {Permission.REVIEW_SUBMIT, Permission.MEETING_VOTE},
        {Permission.REVIEW_SUBMIT, Permission.AWARD_EDIT},
        {Permission.APPLICATION_SUBMIT, Permission.FORMAL_CHECK},
        {Permission.USER_MANAGE, Permission.AWARD_EDIT},
        {Permission.USER_MANAGE, Permission.SCORE_AUTHOR_READ},
    ]
    assert [(role, pair) for role, granted in GRANTS.items() for pair in apart if pair <= granted] == []
