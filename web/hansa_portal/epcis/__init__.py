"""The REST binding of EPCIS 2.0 under ``/epcis/v2``: capture, events, named queries, subscriptions."""

from hansa_portal.epcis.binding import install, notifier

__all__ = ["install", "notifier"]
