"""Names that people give to what they keep: styles, sets of weights. Safe as names of files and in addresses."""

from __future__ import annotations

import re

LONGEST = 40  # letters
_NAME = re.compile(r"[^\W_]+(-[^\W_]+)*")


def is_name(text: str) -> bool:
    """Whether a text is such a name: small letters of any script and digits, `-` between words, not too long.

    Example:
        >>> is_name("great-wave"), is_name("château-2"), is_name("My ink"), is_name("../ink")
        (True, True, False, False)
    """
    return bool(_NAME.fullmatch(text)) and text == text.lower() and len(text) <= LONGEST


def as_name(text: str) -> str:
    """A text as names are written, however long; empty where no letter or digit is in it.

    Example:
        >>> as_name("My Ink_2")
        'my-ink-2'
    """
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
