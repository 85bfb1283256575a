"""Requests and files that nobody should send, made by code: the corpus of the tests."""

from __future__ import annotations

import io

from PIL import Image


def scans(count: int, size: tuple[int, int] = (300, 200)) -> bytes:
    """A progressive JPEG with that many more scans, which hold nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    start, end = data.rfind(b"\xff\xda"), data.rfind(b"\xff\xd9")
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    return data[:end] + data[start : start + 2 + length] * count + data[end:]
