"""Ruled and squared paper: finds printed lines by their straightness, length and number, and leaves the ink over them."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake.sight import reach_of, square

_PIECE, _ACROSS = 1 / 16, 0.55  # of an edge: the shortest straight piece, and how much of it a line runs along
_LEAST = 5  # lines that run alike
_EVEN = 0.25  # how far their distances may differ from the usual one
_FAINT = 0.04  # darkness that may be a printed line
_BLACKER = 85.0  # levels below a printed line: ink, which a crossing of two lines is not
_DARKER = 1.7  # times its usual darkness: ink that crosses it


def ruling_in(image: np.ndarray) -> np.ndarray | None:
    """Where printed lines are, `bool[H, W]`, of a drawing on white paper, `uint8[H, W, 3]`; None without any.

    Lines count as printed when at least five run from side to side at even distances, all of one shade that is not the
    ink's; then single ones of another direction and of a pale colour (a margin) count, too.
    """
    dark = (255 - image.min(axis=2)).astype(np.uint8)
    turned = image.transpose(1, 0, 2)
    lying, standing = _lines(_straight(dark)), _lines(_straight(dark.T))
    across, upright = _printed(lying, image), _printed(standing, turned)
    if not across and not upright:
        return None
    mask, other = np.zeros(dark.shape, bool), np.zeros(dark.T.shape, bool)
    for line in across + _margins(lying, image):
        mask[_along(line, mask.shape)] = True
    for line in upright + _margins(standing, turned):
        other[_along(line, other.shape)] = True
    mask |= other.T
    return mask & (dark > 255 * _FAINT / 2)


def without_ruling(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The drawing with white paper where printed lines are and no ink crosses them; `uint8[H, W, 3]`."""
    near = cv2.dilate(mask.astype(np.uint8), square(1)) > 0  # their soft edges
    dark = 255.0 - image.min(axis=2)
    usual = float(np.median(dark[mask]))
    own = np.median(image[mask], axis=0)
    is_ink = (dark > usual * _DARKER + 12) & (np.abs(image - own).max(-1) > 24)
    is_ink |= image.max(axis=2) < own.max() - _BLACKER
    result = image.copy()
    result[near & ~is_ink] = 255
    return result


def _straight(dark: np.ndarray) -> np.ndarray:
    """Pixels of long pieces that lie nearly level, `bool[H, W]`."""
    length = max(round(dark.shape[1] * _PIECE), 12)
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)) > 255 * _FAINT
    broad = cv2.morphologyEx(dark, cv2.MORPH_OPEN, square(reach_of(dark.shape, 1 / 220)))
    return level & (dark > 255 * _FAINT) & (broad < 255 * _FAINT)


def _lines(level: np.ndarray) -> list[np.ndarray]:
    """Lines that run along most of the page: for each the indices of its pixels."""
    height, width = level.shape
    joined = cv2.dilate(level.astype(np.uint8), np.ones((3, 2 * max(round(width * _PIECE), 12) + 1), np.uint8))
    _, parts = cv2.connectedComponents(joined, connectivity=8)
    rows, columns = np.nonzero(level)
    names = parts[rows, columns]
    found = []
    for name in np.unique(names):
        own = names == name
        covered = len(np.unique(columns[own])) / width
        if covered < _ACROSS or abs(np.polyfit(columns[own], rows[own], 1)[0]) > 0.1:
            continue
        rest = np.abs(rows[own] - np.polyval(np.polyfit(columns[own], rows[own], 2), columns[own]))
        if np.percentile(rest, 90) <= max(reach_of(level.shape, 1 / 220), 2):
            found.append(np.flatnonzero(own))
    return [np.stack([rows[one], columns[one]]) for one in found]


def _printed(lines: list[np.ndarray], image: np.ndarray) -> list[np.ndarray]:
    """Those of one shade at even distances; none where they are fewer than five."""
    if len(lines) < _LEAST:
        return []
    colours = np.array([np.median(image[tuple(one)], axis=0) for one in lines])
    usual = np.median(colours, axis=0)
    alike = [one for one, colour in zip(lines, colours) if np.abs(colour - usual).max() <= 30]
    if len(alike) < _LEAST or usual.min() < 40:
        return []
    alike.sort(key=lambda line: float(np.mean(line[0])))
    steps = np.diff([float(np.mean(line[0])) for line in alike])
    step = max(float(np.median(steps)), 1.0)
    times = np.rint(steps / step)  # one may be hidden
    is_even = (np.abs(steps - times * step) <= _EVEN * step) & (times >= 1)
    if is_even.mean() < 0.8:
        return []
    return alike + _hidden(alike, times)


def _hidden(lines: list[np.ndarray], times: np.ndarray) -> list[np.ndarray]:
    """Lines that ink runs along, between two that were seen."""
    found = []
    for above, below, count in zip(lines, lines[1:], times.astype(int)):
        for number in range(1, min(count, 5)):
            share = number / count
            across = np.arange(max(above[1].max(), below[1].max()) + 1)
            ends = [np.polyval(np.polyfit(one[1], one[0], 2), across) for one in (above, below)]
            found.append(np.stack([np.rint(ends[0] * (1 - share) + ends[1] * share).astype(int), across]))
    return found


def _margins(lines: list[np.ndarray], image: np.ndarray) -> list[np.ndarray]:
    """Those that are pale and of a clear colour."""
    colours = [np.median(image[tuple(one)], axis=0) for one in lines]
    return [one for one, colour in zip(lines, colours) if np.ptp(colour) >= 30 and colour.max() >= 150]


def _along(line: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Places of a line from one side of the page to the other, as thick as it is."""
    rows, columns = line
    across = np.arange(shape[1])
    middle = np.polyval(np.polyfit(columns, rows, 2), across)
    thick = max(float(np.percentile(np.abs(rows - np.polyval(np.polyfit(columns, rows, 2), columns)), 95)), 0.5) + 0.5
    offsets = np.arange(-int(np.ceil(thick)), int(np.ceil(thick)) + 1)
    places = np.clip(np.rint(middle)[:, None] + offsets, 0, shape[0] - 1).astype(int)
    return places, np.broadcast_to(across[:, None], places.shape)
