"""A certificate authority that speaks Fabric CA's REST, for one organisation."""

from hansa_devnode.services.ca.server import CaService

__all__ = ["CaService"]
