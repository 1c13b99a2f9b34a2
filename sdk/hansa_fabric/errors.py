"""What can be wrong with Fabric's data: one base class, and one class per question a caller asks."""

from __future__ import annotations

from hansa_fabric.validation_codes import ValidationCode


class FabricDataError(ValueError):
    """Data that claims to be Fabric's and is not.

    Args:
        message: what is wrong, with the value at fault where it is short and not secret.
    """


class MalformedDataError(FabricDataError):
    """Bytes that do not decode, or that decode to something Fabric's rules forbid."""


class InvalidSignatureError(FabricDataError):
    """A signature that does not belong to the message and key, or is not in Fabric's low-S form."""


class InvalidIdentityError(FabricDataError):
    """An identity that its organisation's MSP does not vouch for: chain, revocation, role or expiry."""


class PrincipalNotSatisfiedError(FabricDataError):
    """A valid identity that is not the one (role, unit) that was asked for."""


class PolicyNotSatisfiedError(FabricDataError):
    """The signatures given do not fulfil the policy."""


class EndorsementMismatchError(FabricDataError):
    """Endorsers did not all say the same, or one of them refused."""


class BrokenChainError(FabricDataError):
    """A block whose hash or number does not continue the one before it."""


class ConfigUpdateError(FabricDataError):
    """A channel configuration update that does not fit the configuration in force."""


class ConfigUnchangedError(ConfigUpdateError):
    """An update that would change nothing."""


class ConfigOvertakenError(ConfigUpdateError):
    """An update computed from another state of the configuration: compute and sign it anew."""


class ConfigUnauthorizedError(ConfigUpdateError):
    """An update whose signatures do not satisfy the policy of something it changes."""


class MalformedTransactionError(MalformedDataError):
    """An envelope that a committing peer marks invalid for its form.

    Args:
        code: the verdict Fabric gives.
        message: what is wrong.
    """

    def __init__(self, code: ValidationCode, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
