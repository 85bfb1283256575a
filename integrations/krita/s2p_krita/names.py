"""Which layer is likely which, by what artists call them."""

from __future__ import annotations

import re
from collections.abc import Sequence

GROUP = "s2p"  # what the plug-in paints into
_LINES = re.compile(
    r"(^|[\W_\d])(line ?-?_?art|lines?|linework|inks?|inking|inked|outlines?|contours?|lignes?|encrage|linien?|tusche|"
    r"l[ií]neas?|tinta|linee)($|[\W_\d])|線画|线稿|線稿|主線|ペン入れ|线条|線條|勾线|선화|контур|лайн", re.IGNORECASE
)
_SKETCH = re.compile(r"(^|[\W_\d])(sketch|pencils?|drawing|skizze|croquis|boceto)($|[\W_\d])|草图|下書き|ラフ|스케치",
                     re.IGNORECASE)
_HINTS = re.compile(r"(^|[\W_\d])(hints?|dabs?|indices|hinweise?|pistas?)($|[\W_\d])|ヒント|提示", re.IGNORECASE)


def lines_among(names: Sequence[str]) -> int | None:
    """The layer that is likely the line art: by its name, or else the topmost that is not called hints.

    Args:
        names: of the layers, topmost first.

    Example:
        >>> lines_among(["hints", "Ink 1", "rough sketch", "Background"])
        1
    """
    for pattern in (_LINES, _SKETCH):
        for number, name in enumerate(names):
            if pattern.search(name) and not _HINTS.search(name):
                return number
    return next((number for number, name in enumerate(names) if not _HINTS.search(name)), None)


def hints_among(names: Sequence[str]) -> int | None:
    """The topmost layer that is called hints; None where none is."""
    return next((number for number, name in enumerate(names) if _HINTS.search(name)), None)
