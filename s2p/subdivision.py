"""Regions of a drawing divided once more, where no line parts them: by their width, or by what is known to be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from s2p.regions import GAP, LINE, Regions, borders, ink_strength, onto_ink, room_steps

_HALLS = (0.06, 0.036, 0.02, 0.011)  # short edges: radii of the balls that tell halls from corridors


def divide_again(regions: Regions, lines: np.ndarray, which: np.ndarray) -> tuple[Regions, np.ndarray]:
    """Parts some regions once more, into halls, rooms and corridors, where nothing but their width tells them apart.

    A ball that fits into a hall does not fit into the corridor that opens into it (trapped ball, see `divide`).

    Args:
        regions: of `lines`.
        lines: as for `divide`.
        which: `bool[count]`, the regions that are parted.

    Returns: the new regions, and the old region of each of them, `int[new count]`.

    Example:
        >>> from s2p.regions import divide
        >>> page = np.full((128, 192), 255, np.uint8)
        >>> page[:60, 96:] = page[68:, 96:] = 0
        >>> whole = divide(page)
        >>> parted, parents = divide_again(whole, page, np.ones(whole.count, bool))
        >>> whole.count, parted.count, parents.tolist()
        (1, 2, [0, 0])
    """
    from skimage.segmentation import watershed

    radii = [width * min(lines.shape) for width in _HALLS]

    def pieces(here: np.ndarray, room: np.ndarray, _: tuple[slice, slice]) -> np.ndarray:
        halls = _halls(np.where(here, room, 0.0).astype(np.float32), radii)
        # All steps alike: what no ball reached falls to the nearest.
        return watershed(np.zeros(here.shape, np.uint8), halls, mask=here)

    return _divided(regions, lines, which, pieces)


def divide_by(regions: Regions, lines: np.ndarray, which: np.ndarray, shown: np.ndarray) -> tuple[Regions, np.ndarray]:
    """Parts some regions by what is known to be shown in them, at the narrowest places between, as a line would.

    Args:
        regions, lines, which: as for `divide_again`.
        shown: `int32[H, W]`, numbers from 1 on of what pixels show; 0 where that is not known.

    Returns: as `divide_again` does.

    Example:
        >>> from s2p.regions import divide
        >>> page = np.full((128, 192), 255, np.uint8)
        >>> page[:40, 96] = page[88:, 96] = 0
        >>> whole, shown = divide(page), np.zeros(page.shape, np.int32)
        >>> shown[:, :64], shown[:, 160:] = 1, 2
        >>> parted, parents = divide_by(whole, page, np.ones(whole.count, bool), shown)
        >>> parents.tolist(), parted.labels[64, 94] != parted.labels[64, 98]
        ([0, 0], np.True_)
    """
    from skimage.segmentation import watershed

    def pieces(here: np.ndarray, room: np.ndarray, window: tuple[slice, slice]) -> np.ndarray:
        known = np.where(here, shown[window], 0)
        return watershed(65535 - room_steps(room), known, mask=here)

    found, parents = _divided(regions, lines, which, pieces)
    are_one = parents[found.pairs[:, 0]] == parents[found.pairs[:, 1]]
    return replace(found, costs=np.where(are_one, np.maximum(found.costs, LINE), found.costs)), parents


def _divided(
    regions: Regions, lines: np.ndarray, which: np.ndarray,
    pieces: Callable[[np.ndarray, np.ndarray, tuple[slice, slice]], np.ndarray],
) -> tuple[Regions, np.ndarray]:
    """Parts some regions, one by one: a piece of a face is none of the ground that the face is open to.

    Args:
        regions, lines, which: as for `divide_again`.
        pieces: called with where a region is in its window, with the room there, and the window; numbers from 1 on,
            and 0 for what is left over, which is one more piece.
    """
    from scipy.ndimage import find_objects

    is_open = regions.room > 0
    inside = is_open & which[regions.labels]
    parted, found = np.zeros(lines.shape, np.int32), 0
    for number, window in enumerate(find_objects(np.where(inside, regions.labels + 1, 0))):
        if window is None:
            continue
        here = inside[window] & (regions.labels[window] == number)
        new = pieces(here, regions.room[window], window)
        new = np.where(here & (new == 0), new.max() + 1, new)  # too narrow for any ball, or nothing is known of it
        parted[window][here] = new[here] + found
        found += int(new.max())
    labels = np.where(inside, regions.count + parted, regions.labels)
    is_used = np.bincount(labels[is_open]) > 0
    labels[is_open] = (np.cumsum(is_used) - 1)[labels[is_open]]
    parents = np.zeros(np.count_nonzero(is_used), np.int64)
    parents[labels[is_open]] = regions.labels[is_open]
    labels = onto_ink(labels, is_open)
    pairs, costs = borders(labels, ink_strength(lines), regions.room, is_open, GAP * min(lines.shape), len(parents))
    return Regions(labels, regions.room, pairs, costs, len(parents), regions.inner), parents


def _halls(room: np.ndarray, radii: list[float]) -> np.ndarray:
    """`int32[H, W]`: a number for all that a ball reaches from one place, balls of falling size in what is left."""
    markers, count = np.zeros(room.shape, np.int32), 0
    for radius in radii:
        free = (room > radius) & (markers == 0)
        found, parts = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
        if found == 1:
            continue
        far, nearest = cv2.distanceTransformWithLabels(
            (~free).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        table = np.zeros(int(nearest.max()) + 1, np.int32)
        table[nearest[free]] = parts[free]
        reached = (far <= radius) & (markers == 0) & (room > 0)
        markers = np.where(reached, table[nearest] + count, markers)
        count += found - 1
    return markers
