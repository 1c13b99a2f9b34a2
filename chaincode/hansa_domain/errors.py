"""A refusal: the one way the rules of trade say no."""

from __future__ import annotations

from hansa_domain.error_codes import Code


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """The command was understood and is not allowed, or was not understood. Nothing is written.

    Args:
        code: the registered code, never renamed or reused.
        message: one sentence a trader understands, in English.
        field: dotted path of the field at fault in the command (``lines[0].quantity``), or None.
    """

    def __init__(self, code: Code, message: str, field: str | None = None) -> None:
        super().__init__(f"{code.value}: {message}")
        self.code = code
        self.message = message
        self.field = field

    def document(self) -> dict[str, str]:
        """The refusal as it travels: ``code``, ``message`` and, where one is at fault, ``field``."""
        found = {"code": self.code.value, "message": self.message}
        if self.field is not None:
            found["field"] = self.field
        return found
