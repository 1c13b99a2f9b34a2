"""Milestones of an order: what each is, what it is worth, and when it is due. One after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import MilestoneView
from hansa_domain.fields import Amount, MspId, Name, Seconds, Timestamp
from hansa_domain.members import known_member
from hansa_domain.operation import Key, Record, Records
from hansa_domain.orders.order import Order, Settlement, Shares

MAX_MILESTONES = 12
WHOLE = 10_000
"""Basis points of all milestones together."""

MilestoneEvent = Literal["shipped", "delivered", "inspected", "accepted", "attested", "warranty"]
MilestoneStatus = Literal["pending", "paid"]
Otherwise = Literal["pay", "refund"]


class Milestone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step that releases a share of the escrow, as the buyer asks for it.

    ``event`` says who reports it: ``shipped`` the seller, ``delivered`` the carrier (or the seller, where
    there is none), both with the order's own steps; ``inspected`` and ``accepted`` the buyer; ``attested``
    the ``inspector``, a member that is neither buyer nor seller; ``warranty`` is the time after all others.
    ``within`` are seconds from the milestone before, or from the order's acceptance. Once they are over any
    member may call what ``otherwise`` says: ``pay`` goes on as if it had happened, ``refund`` gives the buyer
    all that is left and ends the order.

    All milestones have ``basis_points`` that come to 10,000, or all have an ``amount`` in minor units that
    come to the order's proceeds. Freight and fee go out in the same proportion.
    """

    name: Name
    event: MilestoneEvent
    within: Seconds
    otherwise: Otherwise
    basis_points: Annotated[int, msgspec.Meta(ge=1, le=WHOLE)] | None = None
    amount: Amount | None = None
    inspector: MspId | None = None

    @property
    def weight(self) -> str:
        """Its share among all: basis points, or minor units where it has an amount."""
        return str(self.amount if self.basis_points is None else self.basis_points)

    @property
    def view(self) -> MilestoneView:
        """The milestone as events show it."""
        return _view(self)


Milestones = Annotated[list[Milestone], msgspec.Meta(min_length=1, max_length=MAX_MILESTONES)]


class PlannedMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone as it stands; ``weight`` is its share, in basis points or minor units, as a string.

    ``reported_by`` and ``document`` (the SHA-256 of a report) tell why it was paid, where somebody said so.
    """

    name: str
    event: MilestoneEvent
    within: int
    otherwise: Otherwise
    weight: str
    inspector: str | None
    status: MilestoneStatus = "pending"
    paid_at: Timestamp | None = None
    reported_by: str | None = None
    document: str | None = None

    @property
    def view(self) -> MilestoneView:
        """The milestone as events show it."""
        return _view(self)


class MilestonePlan(Record, frozen=True, kw_only=True):
    """The milestones of an order, in the order in which they are reached; key ``("milestones", order)``."""

    NOUN: ClassVar[str] = "milestones"
    order: str
    milestones: list[PlannedMilestone]

    @property
    def place(self) -> int:
        """Which one is due next; as many as there are, where all are paid."""
        paid = [milestone.status == "paid" for milestone in self.milestones]
        return len(paid) if all(paid) else paid.index(False)

    @property
    def present(self) -> PlannedMilestone | None:
        """The one that is due next; None where all are paid."""
        return self.milestones[self.place] if self.place < len(self.milestones) else None


def _view(milestone: Milestone | PlannedMilestone) -> MilestoneView:
    return MilestoneView(
        name=milestone.name,
        event=milestone.event,
        within=milestone.within,
        otherwise=milestone.otherwise,
        weight=milestone.weight,
        inspector=milestone.inspector,
    )


def plan_key(order: str) -> Key:
    """Where the milestones of an order stand."""
    return (MilestonePlan.NOUN, order)


def check_milestones(
    settlement: Settlement, milestones: Sequence[Milestone] | None, prefix: str = ""
) -> None:
    """Refuses MILESTONES_INVALID unless settlement and milestones go together.

    Args:
        settlement: the order's.
        milestones: what it is paid by, if by any.
        prefix: of the fields in the command, such as ``proposal.``.
    """
    if (milestones is not None) != (settlement == "milestones"):
        raise _invalid(
            "An order settled by milestones names them, and no other order does.", f"{prefix}milestones"
        )


def planned(
    milestones: Sequence[Milestone],
    traders: tuple[str, str],
    proceeds: int,
    records: Records,
    prefix: str = "",
) -> list[PlannedMilestone]:
    """Milestones as they begin, once they are found to hold together.

    Args:
        milestones: as they are asked for.
        traders: MSP ids of buyer and seller.
        proceeds: what the seller gets in all, minor units.
        records: hold the inspectors' member records.
        prefix: of the fields in the command, such as ``proposal.``.

    Raises:
        Refusal: MILESTONES_INVALID or MEMBER_NOT_FOUND, with the field at fault.
    """
    where = f"{prefix}milestones"
    _check_sequence(milestones, where)
    for place, milestone in enumerate(milestones):
        named = f"{where}[{place}].inspector"
        if (milestone.inspector is not None) != (milestone.event == "attested"):
            raise _invalid("An inspector is named where a milestone is attested, and nowhere else.", named)
        if milestone.inspector is not None:
            known_member(records, milestone.inspector, named)
            if milestone.inspector in traders:
                raise _invalid("The inspector is neither buyer nor seller.", named)
    _check_weights(milestones, proceeds, where)
    return [
        PlannedMilestone(
            name=milestone.name,
            event=milestone.event,
            within=milestone.within,
            otherwise=milestone.otherwise,
            weight=milestone.weight,
            inspector=milestone.inspector,
        )
        for milestone in milestones
    ]


def _check_weights(milestones: Sequence[Milestone], proceeds: int, where: str) -> None:
    points = [milestone.basis_points for milestone in milestones]
    amounts = [milestone.amount for milestone in milestones]
    for place, (one, other) in enumerate(zip(points, amounts, strict=True)):
        if (one is None) == (other is None) or (one is None) != (points[0] is None):
            raise _invalid(
                "Every milestone has basis points, or every one an amount.", f"{where}[{place}].amount"
            )
        if other == "0":
            raise _invalid("A milestone is worth something.", f"{where}[{place}].amount")
    total = sum(int(milestone.weight) for milestone in milestones)
    if points[0] is not None and total != WHOLE:
        raise _invalid(f"The shares come to {total} basis points, not {WHOLE}.", where)
    if points[0] is None and total != proceeds:
        raise _invalid(f"The amounts come to {total}, the proceeds are {proceeds}.", where)


def _check_sequence(milestones: Sequence[Milestone], prefix: str) -> None:
    """Each name once; shipping before delivery, each at most once; the warranty last and paid in the end."""
    events = [milestone.event for milestone in milestones]
    for place, milestone in enumerate(milestones):
        where = f"{prefix}[{place}]"
        if milestone.name in [before.name for before in milestones[:place]]:
            raise _invalid("Every milestone has a name of its own.", f"{where}.name")
        if milestone.event in ("shipped", "delivered") and milestone.event in events[:place]:
            raise _invalid(f"Goods are {milestone.event} once.", f"{where}.event")
        if milestone.event == "shipped" and "delivered" in events[:place]:
            raise _invalid("Goods are shipped before they are delivered.", f"{where}.event")
        if milestone.event == "warranty":
            if place != len(milestones) - 1 or place == 0:
                raise _invalid("The warranty comes last, after another milestone.", f"{where}.event")
            if milestone.otherwise != "pay":
                raise _invalid("What is kept for the warranty is paid in the end.", f"{where}.otherwise")
    worked = [event for event in events if event != "warranty"]
    if worked[-1] == "shipped":
        raise _invalid(
            "Shipping is not the last milestone: with it the goods would be the buyer's on their way.",
            f"{prefix}[{len(worked) - 1}].event",
        )


def _invalid(message: str, where: str) -> Refusal:
    return Refusal(Code.MILESTONES_INVALID, message, where)


def milestone_shares(order: Order, plan: MilestonePlan) -> tuple[Shares, Shares]:
    """What the present milestone pays of what is in escrow, and what stays for those after it.

    Each share goes out as its weight is to those not yet paid, rounded down; the last one takes all that is
    left. So every cent goes out once, whatever was paid or given back in between.
    """
    place = plan.place
    pending = [int(milestone.weight) for milestone in plan.milestones[place:]]
    shares = order.shares

    def part(share: str) -> tuple[str, str]:
        paid = int(share) * pending[0] // sum(pending)
        return str(paid), str(int(share) - paid)

    (proceeds, proceeds_left), (freight, freight_left), (fee, fee_left) = (
        part(share) for share in (shares.proceeds, shares.freight, shares.fee)
    )
    return (
        Shares(proceeds=proceeds, freight=freight, fee=fee),
        Shares(proceeds=proceeds_left, freight=freight_left, fee=fee_left),
    )
