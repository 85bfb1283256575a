"""Sample drawings of our own that come with the program: gray line art and well-placed hints.

Example:
    >>> names()
    ('girl', 'cat', 'landscape', 'dragon', 'fashion')
"""

from __future__ import annotations

import json
from pathlib import Path

from s2p.errors import NotFoundError

NAMES = ("girl", "cat", "landscape", "dragon", "fashion")
_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The samples, in the order in which they are shown."""
    return NAMES


def sketch_path(name: str) -> Path:
    """The line art, a gray PNG; raises `NotFoundError` for an unknown name."""
    return _path(name, "png")


def hints_path(name: str) -> Path:
    """The hints in our own JSON format, with the drawing's title beside them; raises `NotFoundError`."""
    return _path(name, "json")


def result_path(name: str) -> Path:
    """The drawing painted by our own networks with those hints, a JPEG; raises `NotFoundError`."""
    return _path(name, "jpg")


def title(name: str) -> str:
    """What the drawing is called, in English; raises `NotFoundError`."""
    return json.loads(hints_path(name).read_text(encoding="utf-8"))["title"]


def _path(name: str, extension: str) -> Path:
    if name not in NAMES:
        raise NotFoundError(f"There is no sample {name!r}; the samples are {', '.join(NAMES)}.")
    return _FOLDER / f"{name}.{extension}"
