"""Who calls, in the domain's terms, from the certificate that signed the proposal."""

from __future__ import annotations

from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hansa_domain.operation import Caller
from hansa_shim import Creator

ADMIN = "admin"
TYPE_ATTRIBUTE = "hf.Type"


def caller_of(creator: Creator) -> Caller:
    """The caller; an administrator by the certificate's unit (NodeOUs) or Fabric CA's ``hf.Type``.

    Raises:
        ValueError: the identity carries no X.509 certificate.
    """
    attributes = creator.attributes
    admin = ADMIN in creator.organizational_units or attributes.get(TYPE_ATTRIBUTE) == ADMIN
    return Caller(
        msp_id=creator.msp_id,
        name=creator.common_name,
        admin=admin,
        attributes=attributes,
        key=sha256(
            creator.x509.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).hexdigest(),
    )
