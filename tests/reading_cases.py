"""What tests of files that people bring have in common."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.errors import InputError
from s2p.reading import read_picture


def drawing(shape: tuple[int, int] = (200, 160)) -> np.ndarray:
    """Black strokes on nothing, `uint8[H, W, 4]`."""
    ink = np.zeros(shape, np.uint8)
    cv2.circle(ink, (80, 90), 50, 255, 2)
    cv2.line(ink, (10, 180), (150, 190), 255, 2)
    return np.dstack([np.zeros((*shape, 3), np.uint8), ink])


def refusal(source, kind=InputError, **options) -> str:
    with pytest.raises(kind) as caught:
        read_picture(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message
