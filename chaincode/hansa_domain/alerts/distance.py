"""How far two places are apart at least, in integers only: every peer must come to the same metres."""

from __future__ import annotations

_ONE = 10**12
_PI = 3_141_592_653_590
_RADIUS = 6_371_000
_METRES_PER_DEGREE = 111_320
_HALF_TURN = 180_000_000


def metres_between(one: tuple[int, int], other: tuple[int, int]) -> int:
    """The straight line between two points of the globe in whole metres, rounded down.

    No way over the ground is shorter; up to 1,000 km they differ by less than two in a thousand.

    Args:
        one: latitude and longitude in microdegrees.
        other: the same.
    """
    squares = sum((a - b) ** 2 for a, b in zip(_vector(one), _vector(other), strict=True))
    return _root(squares) * _RADIUS // _ONE


def metres_at_most(one: tuple[int, int], other: tuple[int, int]) -> int:
    """A bound that is quick to have: first along the meridian, then along the equator, were it there."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) * _METRES_PER_DEGREE // 10**6


def _vector(place: tuple[int, int]) -> tuple[int, int, int]:
    latitude, longitude = (each * _PI // _HALF_TURN for each in place)
    level = _cosine(latitude)
    return level * _cosine(longitude) // _ONE, level * _sine(longitude) // _ONE, _sine(latitude)


def _sine(angle: int) -> int:
    return _series(angle, 1)


def _cosine(angle: int) -> int:
    return _series(angle, 0)


def _series(angle: int, first: int) -> int:
    """Taylor's series, of an angle between -pi and pi in parts of 10**12."""
    term, total, number = (angle if first else _ONE), 0, first
    while term:
        total += term
        term = _next(term, angle, number)
        number += 2
    return total


def _next(term: int, angle: int, number: int) -> int:
    # Towards zero, so that the series ends on either side of it.
    grown = abs(term) * angle * angle // (_ONE * _ONE * (number + 1) * (number + 2))
    return -grown if term > 0 else grown


def _root(square: int) -> int:
    """The whole part of the square root, by Newton."""
    if square == 0:
        return 0
    found = 1 << (square.bit_length() + 1) // 2
    while True:
        better = (found + square // found) // 2
        if better >= found:
            return found
        found = better
