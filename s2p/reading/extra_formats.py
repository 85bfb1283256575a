"""Formats that Pillow does not read by itself, HEIC and JPEG XL.

They need a library each, which is imported when the first such file comes.
"""

from __future__ import annotations

from s2p.errors import InputError
from s2p.reading.limits import check_size

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_JXL_BARE, _JXL_BOXES = b"\xff\x0a", b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"
_JXL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_JXL_SIDE = ((9, 1), (13, 1), (18, 1), (30, 1))  # bits, and what is added
_MOST_CHANNELS = 4  # beside the colours; each is decoded whole


def opened_for(data: bytes, name: str, max_pixels: int) -> tuple[str, ...]:
    """What Pillow may read beside its own formats for this file; registers the library.

    Raises:
        InputError: the library is not installed, or the file holds what is not read.
        TooLargeError: a JPEG XL file over a limit; its library decodes before it tells the size.
    """
    if is_heic(data):
        try:
            import pillow_heif
        except ImportError:
            raise InputError(f"{name} is a HEIC picture; they need pillow-heif: pip install pillow-heif") from None
        pillow_heif.register_heif_opener()
        return ("HEIF",)
    if is_jpeg_xl(data):
        try:
            import pillow_jxl  # noqa: F401  registers itself
        except ImportError:
            raise InputError(
                f"{name} is a JPEG XL picture; they need pillow-jxl-plugin: pip install pillow-jxl-plugin"
            ) from None
        _check_jpeg_xl(data, name, max_pixels)
        return ("JXL",)
    return ()


def is_heic(data: bytes) -> bool:
    """Whether it is HEIC by its brands; AVIF, which has the same container, is not."""
    if data[4:8] != b"ftyp":
        return False
    end = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
    return not brands & {b"avif", b"avis"} and data[8:12] in _HEIC_BRANDS


def is_jpeg_xl(data: bytes) -> bool:
    return data.startswith((_JXL_BARE, _JXL_BOXES))


# JPEG XL --------------------------------------------------------------------------------------------------------------


class _Bits:
    """Reads numbers from bits, the lowest first, as ISO/IEC 18181-1 has them."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def read(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header ends too early")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def choice(self, *ways: tuple[int, int]) -> int:
        """A number in one of four ways: how many bits, and what is added to them."""
        bits, more = ways[self.read(2)]
        return self.read(bits) + more

    def size(self) -> tuple[int, int]:
        """Width and height."""
        is_small = self.read(1)

        def side() -> int:
            return 8 * (self.read(5) + 1) if is_small else self.choice(*_JXL_SIDE)

        height, ratio = side(), self.read(3)
        if not ratio:
            return side(), height
        across, down = _JXL_RATIOS[ratio - 1]
        return height * across // down, height


def _check_jpeg_xl(data: bytes, name: str, max_pixels: int) -> None:
    try:
        bits = _Bits(_codestream(data)[2:66])
        width, height = bits.size()
        channels, is_animated = _channels(bits)
    except (ValueError, IndexError):
        raise InputError(f"{name} is damaged: its header cannot be read. Save or copy it again.") from None
    check_size(width, height, name, max_pixels)
    if is_animated or channels > _MOST_CHANNELS:
        what = "is animated" if is_animated else f"has {channels} channels beside its colours"
        raise InputError(f"{name} {what}, which is not read in JPEG XL. Save it as PNG.")


def _channels(bits: _Bits) -> tuple[int, bool]:
    """How many channels there are beside the colours, and whether it is animated (or has a preview)."""
    if bits.read(1):  # everything is as usual
        return 0, False
    if bits.read(1):
        bits.read(3)  # orientation
        if bits.read(1):
            bits.size()  # how large it wants to be shown
        if bits.read(1) or bits.read(1):
            return 0, True
    if bits.read(1):  # floating point
        bits.choice((0, 32), (0, 16), (0, 24), (6, 1))
        bits.read(4)
    else:
        bits.choice((0, 8), (0, 10), (0, 12), (6, 1))
    bits.read(1)
    return bits.choice((0, 0), (0, 1), (4, 2), (12, 1)), False


def _codestream(data: bytes) -> bytes:
    """The beginning of the picture itself, out of the boxes around it."""
    if data.startswith(_JXL_BARE):
        return data[:66]
    at = 0
    for _ in range(1000):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        start = at + (16 if length == 1 else 8)
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if kind in (b"jxlc", b"jxlp"):
            start += 4 * (kind == b"jxlp")
            if data[start : start + 2] != _JXL_BARE:
                break
            return data[start : start + 66]
        if length < 8:
            break
        at += length
    raise ValueError("no picture")
