"""How large a picture may be, asked before it is decoded."""

from __future__ import annotations

from s2p.errors import TooLargeError
from s2p.sizes import MAX_SIDE

SETTING = "--million-pixels on the command line, million_pixels in the server's config.ini"


def check_size(width: int, height: int, name: str, max_pixels: int) -> None:
    """Raises `TooLargeError` for a picture that is not decoded for its size."""
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise TooLargeError(
            f"{name} is {width} x {height} pixels; at most {max_pixels / 1e6:.3g} million pixels and {MAX_SIDE} a side "
            f"are read. Make it smaller first, or raise the limit: {SETTING}."
        )
