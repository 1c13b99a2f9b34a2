"""How an order's money is divided among its lines and units: by index, so that all parts add up exactly.

Every unit of a line has its place in it, and a part of the line is a run of places. What a run is worth is
the difference of two points on one staircase, so that whatever the runs, together they are the line's value.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BASIS = 10_000
"""Basis points in the whole."""


def allocated(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` minor units divided by weight; they add up to it. The weights must not all be zero."""
    whole = sum(weights)
    points = [0]
    for weight in weights:
        points.append(points[-1] + weight)
    return [total * high // whole - total * low // whole for low, high in pairwise(points)]


def run_value(value: int, ordered: int, first: int, quantity: int) -> int:
    """What ``quantity`` units from place ``first`` on are worth, of a line of ``ordered`` units."""
    return value * (first + quantity) // ordered - value * first // ordered


def fee_step(fee: int, goods: int, paid: int, more: int) -> int:
    """The part of the order's fee that falls due as ``more`` of its goods' price is paid after ``paid``.

    Never more than ``more``, since the fee is never more than the goods' price; when all is paid, all of it.
    """
    return 0 if goods == 0 else fee * (paid + more) // goods - fee * paid // goods


def portion(amount: int, basis_points: int) -> int:
    """So many basis points of an amount, rounded down."""
    return amount * basis_points // BASIS
