"""The story of the year, step by step: who does what, when, and what everybody then sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.journeys import closing as end
from tests.journeys import commission, experts, ngo, organizer, rivals, secretary, vouchers
from tests.journeys.conductor import Conductor


@dataclass
class Story:
    """What the steps hand on."""

    folder: Path
    draft: str = ""
    code: str = ""
    meeting: str = ""
    others: dict[str, str] = field(default_factory=dict)


Step = Callable[[Conductor, Story], None]


def announcing(conductor: Conductor, story: Story) -> None:
    """The city opens a line, sets the competition up, announces it."""
    conductor.at("2027-01-12 09:00")
    conductor.cast()
    organizer.opens_the_citys_line(conductor.person("finance"))
    organizer.sets_up(conductor.person("organizer"))
    organizer.announces(conductor.person("organizer"))
    guest = conductor.guest()
    guest.open(f"/competitions/{organizer.CODE}", organizer.TITLE)
    guest.sees("200 000", "Малі гранти", "Великі гранти", "Згуртованість сусідів")


def registering(conductor: Conductor, story: Story) -> None:
    """An organisation comes in with two people."""
    conductor.at("2027-02-10 10:00")
    ngo.registers(conductor)
    ngo.invites_colleague(conductor)


def writing(conductor: Conductor, story: Story) -> None:
    """The colleague fills the form in."""
    story.draft = ngo.starts(conductor.person(ngo.HEAD))
    colleague = conductor.person(ngo.COLLEAGUE)
    ngo.writes(colleague, story.draft)
    ngo.budgets(colleague, story.draft)
    ngo.attaches(colleague, story.draft, story.folder)


def submitting(conductor: Conductor, story: Story) -> None:
    """The head submits; others submit as well; nobody sees anything before the end."""
    story.code = ngo.submits(conductor.person(ngo.HEAD), story.draft)
    story.others = rivals.apply()
    secretary.sees_sealed_register(conductor.person("secretary"), story.code)


def closing(conductor: Conductor, story: Story) -> None:
    """The clock closes the intake when no queue can be left: register numbers for all at once."""
    conductor.at("2027-03-04 00:02")
    head = conductor.person(ngo.HEAD)
    head.open(f"/applications/{story.code}/receipt", story.code)
    head.does_not_see("given when the intake ends")
    guest = conductor.guest()
    guest.open(f"/applications/public/{organizer.CODE}")
    guest.sees(ngo.PROJECT, *rivals.TITLES)


def checking(conductor: Conductor, story: Story) -> None:
    """One is returned, corrected and admitted, one is not admitted, the rest are admitted."""
    conductor.at("2027-03-04 10:00")
    desk = conductor.person("secretary")
    secretary.starts_check(desk)
    secretary.returns(desk, story.code)
    conductor.at("2027-03-08 12:00")
    ngo.corrects(conductor, story.code)
    conductor.at("2027-03-09 10:00")
    secretary.admits_corrected(desk, story.code)
    for title, code in story.others.items():
        if title == rivals.REJECTED:
            secretary.rejects(desk, code)
        else:
            secretary.admits(desk, code)


def assigning(conductor: Conductor, story: Story) -> None:
    """One expert by hand, the rest as the balanced proposal says; then scoring opens."""
    conductor.at("2027-03-10 10:00")
    desk = conductor.person("secretary")
    secretary.assigns_by_hand(desk, story.code)
    secretary.assigns_as_proposed(desk)
    secretary.opens_scoring(desk)


def scoring(conductor: Conductor, story: Story) -> None:
    """One expert works through the pages, the others through the services."""
    conductor.at("2027-03-12 10:00")
    experts.reviews_through_pages(conductor.person("expert"), story.code)
    experts.the_rest_review(story.others)
    desk = conductor.person("secretary")
    desk.open(f"/reviews/{organizer.CODE}/progress", "Progress of scoring")


def ranking(conductor: Conductor, story: Story) -> None:
    """The secretary hands over; the chair reads the list and proposes another sum, with a reason."""
    conductor.at("2027-03-30 10:00")
    commission.handed_over(conductor.person("secretary"))
    order = [rivals.STRONG, ngo.PROJECT, rivals.TIGHT, rivals.LARGE]
    chair = conductor.person("chair")
    commission.sees_ranking(chair, order, "90,00", "80,00", "60,00", "20 000")
    commission.proposes_another_sum(chair, story.others[rivals.LARGE], rivals.LARGE, "70 000")


def deciding(conductor: Conductor, story: Story) -> None:
    """A meeting with a quorum, a recusal, votes by name, signatures."""
    conductor.at("2027-04-01 10:00")
    code = story.others[rivals.LARGE]
    story.meeting = commission.plans(conductor.person("secretary"), "Про суму для театру двору", code)
    conductor.at("2027-04-08 14:00")
    commission.gathers(conductor, story.meeting)
    commission.votes_on(conductor, story.meeting, 1, recused="member2")
    commission.votes_on(conductor, story.meeting, 2)
    conductor.at("2027-04-08 16:00")
    commission.signs(conductor, story.meeting)


def publishing(conductor: Conductor, story: Story) -> None:
    """The organizer publishes; everybody reads, recomputes; the organisation accepts the money."""
    guest = conductor.guest()
    guest.open(f"/awards/{organizer.CODE}")
    guest.does_not_see(rivals.STRONG, "90,00")
    conductor.at("2027-04-09 10:00")
    end.publishes(conductor.person("organizer"))
    titles = [rivals.STRONG, ngo.PROJECT, rivals.TIGHT, rivals.LARGE]
    end.everybody_sees(guest, titles, "40 000", "20 000", "70 000", commission.REASON)
    conductor.at("2027-04-12 10:00")
    end.accepts(conductor, story.code)


def vouchering(conductor: Conductor, story: Story) -> None:
    """A programme on grant money; one voucher from the request to the payment."""
    conductor.at("2027-05-03 10:00")
    vouchers.programme_opens(conductor.person("operator"))
    vouchers.consultant_comes(conductor)
    case = vouchers.request(conductor.person(ngo.HEAD))
    conductor.at("2027-05-11 10:00")
    code = vouchers.issue(conductor, case)
    conductor.at("2027-05-12 10:00")
    vouchers.agree(conductor, case, code)
    conductor.at("2027-06-01 10:00")
    vouchers.deliver(conductor, case, code)
    conductor.at("2027-06-02 10:00")
    vouchers.claim(conductor, case, code)


def accounting(conductor: Conductor, story: Story) -> None:
    """Public reports, the plan, the journal; the books agree."""
    conductor.at("2027-06-03 10:00")
    end.reports(conductor)
    end.holds(conductor.app)


STEPS: tuple[Step, ...] = (
    announcing,
    registering,
    writing,
    submitting,
    closing,
    checking,
    assigning,
    scoring,
    ranking,
    deciding,
    publishing,
    vouchering,
    accounting,
)
