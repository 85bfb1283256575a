"""Writes profile and resolution into a PNG or JPEG that is encoded already, without decoding it."""

from __future__ import annotations

import struct
import zlib

from s2p.image import Dpi, srgb_profile

_PNG, _PNG_HEAD = b"\x89PNG\r\n\x1a\n", 33  # the signature and the first chunk
_JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\0"  # and eleven more bytes
_INCH = 0.0254  # m


def labelled(data: bytes, dpi: Dpi | None = None) -> bytes:
    """The file with the profile of sRGB, and with its dots per inch where they are known.

    Args:
        data: a PNG or JPEG of colour, as OpenCV writes it; anything else comes back as it is.
        dpi: across and down.

    Example:
        >>> labelled(b"no picture")
        b'no picture'
    """
    if data.startswith(_PNG):
        return data[:_PNG_HEAD] + _png_chunks(dpi) + data[_PNG_HEAD:]
    if data.startswith(_JPEG_HEAD) and len(data) > 20:
        density = data[13:18]  # the unit, then across and down
        if dpi is not None:
            density = struct.pack(">BHH", 1, *(min(max(round(value), 1), 65_535) for value in dpi))
        profile = b"ICC_PROFILE\0\x01\x01" + srgb_profile()
        segment = b"\xff\xe2" + struct.pack(">H", len(profile) + 2) + profile
        return data[:13] + density + data[18:20] + segment + data[20:]
    return data


def _png_chunks(dpi: Dpi | None) -> bytes:
    chunks = [(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile(), 9))]
    if dpi is not None:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(value / _INCH) for value in dpi), 1)))
    return b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
