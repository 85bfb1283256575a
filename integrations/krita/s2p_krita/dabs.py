"""Finds the dabs of colour on a hint layer. Knows no Krita and no NumPy: bytes in, hints out.

Pixels are BGRA, 8 bits each, colour not multiplied with alpha, row by row from the upper left, as Krita gives them. A
dab is a blob of opaque pixels that hang together, by corners, too. Dabs that touch are told apart by their colours. A
row of equal pixels is one *run*, so that the time goes with what is painted and not with the size of the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from .errors import PluginError

MOST_DABS = 4096  # as many hints as the server takes
_OPAQUE = 128  # alpha
_STEP = 40  # between neighbours of 8 bits, in the channel that differs most: more is another dab
_MOST_RUNS = 500_000
_MASK = bytes(int(alpha >= _OPAQUE) for alpha in range(256))


class Dab(NamedTuple):
    """A hint.

    Attributes:
        x, y: its place in (0, 1), from the upper left: the pixel of the dab that is nearest to its middle.
        color: `#rrggbb`, the mean of its pixels.
        size: how many pixels it has.
    """

    x: float
    y: float
    color: str
    size: int


class _Run(NamedTuple):
    row: int
    start: int
    end: int


def dabs(pixels: bytes, width: int, height: int) -> list[Dab]:
    """The dabs of a layer, from top to bottom.

    Args:
        pixels: `width * height * 4` bytes, BGRA.

    Raises:
        PluginError: more dabs than the server takes hints.

    Example:
        >>> clear, red = bytes(4), bytes([0, 0, 255, 255])
        >>> dabs(clear * 5 + red * 2 + clear * 5, 4, 3)
        [Dab(x=0.5, y=0.5, color='#ff0000', size=2)]
    """
    if len(pixels) != width * height * 4:
        raise ValueError(f"{width} x {height} pixels are {width * height * 4} bytes. Received: {len(pixels)}.")
    runs: list[_Run] = []
    for run in _runs(pixels, width):
        runs.append(run)
        if len(runs) > _MOST_RUNS:
            raise _too_many()
    found = [_dab(pixels, members, width, height) for members in _blobs(pixels, runs, width)]
    if len(found) > MOST_DABS:
        raise _too_many()
    return sorted(found, key=lambda dab: (dab.y, dab.x))


def is_faint(pixels: bytes) -> bool:
    """Whether something is painted, but nothing so opaque that it is a dab."""
    alpha = pixels[3::4]
    return any(alpha) and max(alpha) < _OPAQUE


def is_even(pixels: bytes) -> bool:
    """Whether all pixels are alike, or none is to be seen: there are no lines in it."""
    return not any(pixels[3::4]) or pixels == pixels[:4] * (len(pixels) // 4)


def clear_share(pixels: bytes) -> float:
    """Which share of the pixels is fully transparent, in [0, 1]."""
    return pixels[3::4].count(0) / max(len(pixels) // 4, 1)


def _too_many() -> PluginError:
    return PluginError(
        f"The hint layer holds more than {MOST_DABS} dabs of colour. Choose the layer that holds only your hints; a "
        "hint is a small dab."
    )


# Runs -----------------------------------------------------------------------------------------------------------------


def _runs(pixels: bytes, width: int) -> Iterator[_Run]:
    """Pieces of rows that are opaque and whose colours change by small steps only."""
    mask = pixels[3::4].translate(_MASK)
    place = mask.find(1)
    while place >= 0:
        row, start = divmod(place, width)
        end = mask.find(0, place, (row + 1) * width)
        end = (row + 1) * width if end < 0 else end
        for left, right in _pieces(pixels[4 * place : 4 * end]):
            yield _Run(row, start + left, start + right)
        place = mask.find(1, end)


def _pieces(piece: bytes) -> Iterator[tuple]:
    """Where a row of opaque pixels falls into colours: `(start, end)` in pixels."""
    count, channels = len(piece) // 4, [piece[channel::4] for channel in range(3)]
    if all(max(one) - min(one) <= _STEP for one in channels):
        yield 0, count
        return
    start = 0
    for place in range(1, count):
        if any(abs(one[place] - one[place - 1]) > _STEP for one in channels):
            yield start, place
            start = place
    yield start, count


# Blobs ----------------------------------------------------------------------------------------------------------------


class _Union:
    """Sets of numbers that are joined."""

    def __init__(self, count: int) -> None:
        self._over = list(range(count))

    def top(self, one: int) -> int:
        while self._over[one] != one:
            self._over[one] = self._over[self._over[one]]
            one = self._over[one]
        return one

    def join(self, one: int, other: int) -> None:
        self._over[self.top(other)] = self.top(one)


def _blobs(pixels: bytes, runs: list[_Run], width: int) -> Iterator[list[_Run]]:
    """Runs that are a dab, dab by dab.

    Between two dabs that touch lie smooth edges, neither the one nor the other: what is nowhere three pixels thick is
    no dab where something thicker hangs together with it.
    """
    colored, touching = _Union(len(runs)), _Union(len(runs))
    above = 0  # the first run of the row above that may touch
    for number, run in enumerate(runs):
        if number and runs[number - 1].row == run.row and runs[number - 1].end == run.start:
            touching.join(number, number - 1)
        while above < number and (runs[above].row < run.row - 1 or
                                  (runs[above].row == run.row - 1 and runs[above].end < run.start)):
            above += 1
        other = above
        while other < number and runs[other].row == run.row - 1 and runs[other].start <= run.end:
            touching.join(number, other)
            if _are_alike(pixels, run, runs[other], width):
                colored.join(number, other)
            other += 1
    parts: dict[int, list[_Run]] = defaultdict(list)
    for number, run in enumerate(runs):
        parts[colored.top(number)].append(run)
    together: dict[int, list[list[_Run]]] = defaultdict(list)
    for number, members in parts.items():
        together[touching.top(number)].append(members)
    for group in together.values():
        thick = group if len(group) == 1 else [members for members in group if _is_thick(members)]
        yield from thick or [max(group, key=_size)]


def _are_alike(pixels: bytes, run: _Run, other: _Run, width: int) -> bool:
    """Whether two runs, one above the other, have one colour where they touch: at an end of that, or in its middle."""
    first, last = max(run.start, other.start), min(run.end, other.end) - 1
    places = [(first, first), ((first + last) // 2, (first + last) // 2), (last, last)]
    if first > last:  # by a corner
        places = [(run.start, other.end - 1) if run.start >= other.end else (run.end - 1, other.start)]
    for here, there in places:
        mine, theirs = 4 * (run.row * width + here), 4 * (other.row * width + there)
        if all(abs(pixels[mine + one] - pixels[theirs + one]) <= _STEP for one in range(3)):
            return True
    return False


def _is_thick(members: list[_Run]) -> bool:
    """Whether a pixel has all of its four neighbours in the same blob."""
    rows: dict[int, list[_Run]] = defaultdict(list)
    for run in members:
        rows[run.row].append(run)
    for run in members:
        for upper in rows.get(run.row - 1, ()):
            for lower in rows.get(run.row + 1, ()):
                if max(run.start + 1, upper.start, lower.start) < min(run.end - 1, upper.end, lower.end):
                    return True
    return False


def _size(members: list[_Run]) -> int:
    return sum(run.end - run.start for run in members)


def _dab(pixels: bytes, members: list[_Run], width: int, height: int) -> Dab:
    size = _size(members)
    x = sum((run.start + run.end - 1) * (run.end - run.start) for run in members) / (2 * size)
    y = sum(run.row * (run.end - run.start) for run in members) / size

    def nearest(run: _Run) -> float:
        return min(max(x, run.start), run.end - 1)

    run = min(members, key=lambda one: (nearest(one) - x) ** 2 + (one.row - y) ** 2)
    sums = [0, 0, 0]
    for one in members:
        piece = pixels[4 * (one.row * width + one.start) : 4 * (one.row * width + one.end)]
        for channel in range(3):
            sums[channel] += sum(piece[channel::4])
    blue, green, red = (round(total / size) for total in sums)
    place = int(nearest(run) + 0.5) if run.start <= nearest(run) + 0.5 < run.end else int(nearest(run))
    return Dab((place + 0.5) / width, (run.row + 0.5) / height, f"#{red:02x}{green:02x}{blue:02x}", size)
