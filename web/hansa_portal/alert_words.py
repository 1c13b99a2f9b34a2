"""Words of alerts, and of how goods were kept, as people read them."""

from __future__ import annotations

from flask import Flask

from hansa_portal.words import _


def install(app: Flask) -> None:
    """Makes the filters known to templates."""
    for filter_ in (alert_word, alert_meaning, severity_word, alert_status_word, ending_word, duration):
        app.add_template_filter(filter_)


def alert_word(code: str) -> str:
    """What was noticed, in short."""
    words = {
        "impossible_places": _("Two places at once"),
        "seen_before_made": _("Seen before it was made"),
        "seen_after_end": _("Seen after its end"),
        "two_holders": _("With two members at once"),
        "commissioned_twice": _("Made twice"),
        "declared_in_error": _("A report was taken back"),
        "cold_chain": _("Not kept at its limits"),
        "device_alarm": _("A device raised an alarm"),
    }
    return words.get(code, code)


def alert_meaning(code: str) -> str:
    """What was noticed, in a sentence."""
    words = {
        "impossible_places": _(
            "It was reported at two places farther apart than goods travel in the time between."
        ),
        "seen_before_made": _("It was reported before the time at which it was made."),
        "seen_after_end": _("It was reported after it was destroyed, used up or retired."),
        "two_holders": _(
            "Two members reported it at rest with them, at different places, in the same minute."
        ),
        "commissioned_twice": _("Two different reports say that it was made."),
        "declared_in_error": _("A report that others were built on was declared wrong by who made it."),
        "cold_chain": _("It was outside the limits of its product for longer than allowed."),
        "device_alarm": _("The device that measures it raised an alarm."),
    }
    return words.get(code, "")


def severity_word(severity: str) -> str:
    """How grave it is."""
    words = {"warning": _("warning"), "critical": _("critical")}
    return words.get(severity, severity)


def alert_status_word(status: str) -> str:
    """Where an alert stands; ``any`` where all are asked for."""
    words = {
        "open": _("open"),
        "acknowledged": _("looked into"),
        "closed": _("closed"),
        "any": _("any"),
    }
    return words.get(status, status)


def ending_word(outcome: str) -> str:
    """How an alert ended."""
    words = {
        "explained": _("explained: nothing is wrong with the goods"),
        "confirmed": _("confirmed: something is wrong with the goods"),
        "withdrawn": _("fell away: a report that it rests on was taken back"),
    }
    return words.get(outcome, outcome)


def duration(seconds: int) -> str:
    """``1 h 20 min``: whole minutes, seconds where it is less than one."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes:
        return f"{rest} s"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
