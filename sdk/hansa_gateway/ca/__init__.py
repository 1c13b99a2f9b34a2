"""A client of Fabric CA's REST interface."""

from hansa_gateway.ca.client import CaClient
from hansa_gateway.ca.errors import CaConnectionError, CaError, CaRefusedError
from hansa_gateway.ca.messages import CaInfo, Enrollment, Revocation, RevokedCertificate

__all__ = [
    "CaClient",
    "CaConnectionError",
    "CaError",
    "CaInfo",
    "CaRefusedError",
    "Enrollment",
    "Revocation",
    "RevokedCertificate",
]
