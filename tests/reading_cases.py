"""What tests of files that people bring have in common."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from s2p.errors import InputError
from s2p.export import Layer
from s2p.reading import read_picture


def drawing(shape: tuple[int, int] = (200, 160)) -> np.ndarray:
    """Black strokes on nothing, `uint8[H, W, 4]`."""
    ink = np.zeros(shape, np.uint8)
    cv2.circle(ink, (80, 90), 50, 255, 2)
    cv2.line(ink, (10, 180), (150, 190), 255, 2)
    return np.dstack([np.zeros((*shape, 3), np.uint8), ink])


def layers(*names: str) -> list[Layer]:
    """Flat colours below, lines above; names from below."""
    flat = np.full((200, 160, 3), (220, 40, 60), np.uint8)
    return [Layer(names[0], flat), Layer(names[1], flat[:, ::-1] // 2), Layer(names[2], drawing())]


def pages(format: str, **options) -> bytes:
    """A file of three pages, each of a colour of its own; in TIFF each of its own width."""
    frames = [Image.new("RGB", (30 + 2 * (format == "TIFF") * n, 20), (n * 90, 0, 0)) for n in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()


def refusal(source, kind=InputError, **options) -> str:
    with pytest.raises(kind) as caught:
        read_picture(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message
