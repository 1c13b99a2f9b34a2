"""What a committing peer decides about the transactions of a block, with Fabric's codes."""

from hansa_devnode.validation.block import BlockValidator, Outcome, Verdict
from hansa_devnode.validation.rules import ChannelRules

__all__ = ["BlockValidator", "ChannelRules", "Outcome", "Verdict"]
