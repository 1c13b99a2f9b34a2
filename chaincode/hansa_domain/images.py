"""Images as the ledger knows them: by the hash of their bytes, which lie where their owner serves them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.fields import Sha256Hex, form

MAX_IMAGES = 16

MediaType = Annotated[
    str, form(r"image/[a-z0-9][a-z0-9.+-]{0,63}", "an image's media type such as image/png")
]


class Image(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture: whoever has its bytes can check that they are the ones meant.

    Args:
        sha256: over the file's bytes, hexadecimal.
        media_type: as RFC 6838 names it, such as ``image/jpeg``.
    """

    sha256: Sha256Hex
    media_type: MediaType


Images = Annotated[list[Image], msgspec.Meta(max_length=MAX_IMAGES)]
