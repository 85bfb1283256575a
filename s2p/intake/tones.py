"""Screen tones and hatching: strokes that mean a shade and bound nothing."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake.sight import closed, disc, opened, reach_of, square

_INK = 48  # darkness in levels of what counts as ink
_SPECK = 3  # px: the smallest hole between dots that touch one another
_DOT, _FEWEST = 1 / 55, 60  # of the short edge: the largest dot; dots of a tone
_ALIKE, _EVEN, _ROUND, _COMPACT = 1.8, 1.5, 0.2, 0.4  # areas and distances of neighbours, at most; see `_breadth`
_AMONG = 0.75  # share of a dot's neighbours that are dots
_SHADED, _APART, _SEAM = 24, 8, 2  # darkness in levels of a tone; by how much its dots differ; px between them
_SLIT, _AREA, _PIECES = 1 / 100, 0.012, 12  # half the widest gap between strokes; of the page; strokes or gaps in it
_INKED = (0.08, 0.8)  # share of ink in a hatched area
_PARALLEL, _BINS, _WINDOW = 0.72, 36, 2  # share of strokes that run in one direction, of so many, so exactly
_CROSSED, _ACROSS = 0.6, 8  # the same for two so far apart: where strokes cross, their edges are round
_SECOND, _TURNED = 0.2, 0.35  # share from which on a second direction is one; radians by which an outline is turned


def tones_in(lines: np.ndarray) -> np.ndarray | None:
    """Which ink is tone, `bool[H, W]`, of a drawing, `uint8[H, W]`, 255 = paper; None without any.

    Sure are dots (or holes) of one size at even distances, and areas of strokes that run side by side.
    """
    ink = (255 - lines >= _INK).astype(np.uint8)
    dots = _dots(ink)
    rest = ink if dots is None else ink & ~dots.astype(np.uint8)
    net = _net(rest)
    printed = [one for one in (dots, net) if one is not None]
    graded = _graded(lines, ink, np.logical_or.reduce(printed)) if printed else None
    found = [one for one in (*printed, graded, _hatching(rest)) if one is not None]
    if not found:
        return None
    mask = np.logical_or.reduce(found)
    return cv2.dilate(mask.astype(np.uint8), square(1)) > 0  # with its soft edge


def _dots(ink: np.ndarray, *, connectivity: int = 8, least: int = 1) -> np.ndarray | None:
    """Many small spots, of `least` px or more, of one size at even distances."""
    count, parts, about, centres = cv2.connectedComponentsWithStats(ink, connectivity=connectivity)
    long, short = (np.sort(about[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]], axis=1)[:, side] for side in (1, 0))
    is_compact = (long <= 2 * short + 1) & (about[:, cv2.CC_STAT_AREA] >= _COMPACT * long * short)
    is_compact &= about[:, cv2.CC_STAT_AREA] >= least
    small = np.flatnonzero((long <= max(reach_of(ink.shape, _DOT), 4)) & is_compact)
    small = small[small != 0]
    if len(small) < _FEWEST:
        return None
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]  # compiled, and not declared

    sizes = about[small, cv2.CC_STAT_AREA].astype(np.float64)
    away, which = cKDTree(centres[small]).query(centres[small], k=5)
    ratio = np.maximum(sizes[:, None] / sizes[which[:, 1:]], sizes[which[:, 1:]] / sizes[:, None])
    near = away[:, 1:] <= max(reach_of(ink.shape, 2 * _DOT), 6)
    is_alike = (ratio <= _ALIKE) & near
    is_even = (away[:, 3] <= _EVEN * away[:, 1] + 1.0) & (_breadth(centres[small], which[:, 1:]) >= _ROUND)
    is_dot = (is_alike.sum(1) >= 3) & is_even
    if is_dot.sum() < _FEWEST or is_dot[which[is_dot, 1:]].mean() < _AMONG:
        return None
    # One whose neighbour is a dot is one, too: those at the edge of a tone have fewer around them.
    known = is_dot | (is_dot[which[:, 1:]] & near).any(1)
    table = np.zeros(count, bool)
    table[small[known]] = True
    return table[np.asarray(parts, np.int32)]


def _breadth(centres: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """How far neighbours lie around instead of in a row, `float[N]` in [0, 1]: the pieces of a broken line do not."""
    offsets = centres[neighbours] - centres[:, None]
    spread = np.einsum("nki,nkj->nij", offsets, offsets)
    least, most = np.linalg.eigvalsh(spread).T
    return least / np.maximum(most, 1e-9)


def _net(ink: np.ndarray) -> np.ndarray | None:
    """Dark tones, of which only holes are left: the ink between many small holes."""
    holes = _dots(1 - ink)
    if holes is None:
        return None
    parted = _dots(1 - ink, connectivity=4, least=_SPECK)  # between dots that touch, holes meet at their corners
    holes = holes if parted is None else holes | parted
    gap = reach_of(ink.shape, _SLIT)
    area = closed(holes.astype(np.uint8), gap)
    if area.mean() < _AREA:
        return None
    return (area & ink) > 0


def _graded(lines: np.ndarray, ink: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """What goes on beside a tone that gets denser or is blurred: dots, and gaps between them, that hardly part.

    Args:
        lines: `uint8[H, W]`, 255 = paper.
        ink: `uint8[H, W]` of 0 and 1.
        known: `bool[H, W]`, the tone.
    """
    around = cv2.blur(lines, (2 * reach_of(lines.shape, _DOT / 2) + 1,) * 2).astype(np.int16)
    apart = np.where(around < 255 - _SHADED, lines.astype(np.int16) - around, 0)
    gaps, dots = (_dots((side > _APART).astype(np.uint8), connectivity=4, least=_SPECK) for side in (apart, -apart))
    if gaps is None and dots is None:
        return None
    area = closed(np.logical_or.reduce([one for one in (gaps, dots) if one is not None]).astype(np.uint8), _SEAM)
    if gaps is not None:
        area |= closed(gaps.astype(np.uint8), reach_of(lines.shape, _SLIT))
    count, parts = cv2.connectedComponents(area, connectivity=8)
    near = cv2.dilate(known.astype(np.uint8), square(reach_of(lines.shape, _SLIT))) > 0
    is_beside = np.zeros(count, bool)
    is_beside[np.unique(np.asarray(parts, np.int32)[near])] = True
    is_beside[0] = False
    return is_beside[np.asarray(parts, np.int32)] & (ink > 0)


def _hatching(ink: np.ndarray) -> np.ndarray | None:
    """Areas of strokes side by side with narrow gaps between them, without the strokes at their rim."""
    gap = reach_of(ink.shape, _SLIT)
    area = opened(closed(ink, gap), 2 * gap + 1)
    solid = np.asarray(cv2.dilate(cv2.erode(ink, disc(gap)), disc(gap + 1)), np.uint8)
    count, parts, about, _ = cv2.connectedComponentsWithStats(area & ~solid, connectivity=4)
    found = np.zeros(ink.shape, bool)
    for part in range(1, count):
        if about[part, cv2.CC_STAT_AREA] < _AREA * ink.size:
            continue
        own = parts == part
        middle = np.asarray(cv2.erode(own.astype(np.uint8), disc(gap)), np.uint8)
        if not middle.any() or not _INKED[0] <= ink[middle > 0].mean() <= _INKED[1]:
            continue
        pieces = max(cv2.connectedComponents(middle & kind, connectivity=4)[0] for kind in (1 - ink, ink))
        if pieces > _PIECES:
            found |= _strokes(ink, middle, gap)
    return found if found.any() else None


def _strokes(ink: np.ndarray, where: np.ndarray, gap: int) -> np.ndarray:
    """The ink in `where` that runs in the one direction, or the two, of most of it: `bool[H, W]`, nothing without such.

    What runs across is an outline, or a fold, and stays.
    """
    soft = cv2.GaussianBlur(ink.astype(np.float32), (0, 0), 1.0)
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    inside = where > 0
    angles = (np.arctan2(down[inside], right[inside]) % np.pi) * (_BINS / np.pi)
    counts = np.bincount(angles.astype(int) % _BINS, weights=(right**2 + down**2)[inside], minlength=_BINS)
    shares, ways = [], []
    for _ in range(2):
        best = int(counts.argmax())
        around = (np.arange(-_WINDOW, _WINDOW + 1) + best) % _BINS
        shares.append(float(counts[around].sum()) / max(float(counts.sum()), 1e-9))
        ways.append((best + 0.5) * np.pi / _BINS)
        counts = counts.copy()
        counts[around] = 0.0
    first, second = shares[0], shares[1] * (1.0 - shares[0])
    apart = round(abs(ways[0] - ways[1]) * _BINS / np.pi)
    is_crossed = second >= _SECOND and min(apart, _BINS - apart) >= _ACROSS
    if first + second < (_CROSSED if is_crossed else _PARALLEL):
        return np.zeros(ink.shape, bool)
    ways = ways if second >= _SECOND else ways[:1]
    # The direction of every place from the mean of its surroundings, as the angle of its normal.
    even, odd = (cv2.GaussianBlur(part, (0, 0), 1.5) for part in (right**2 - down**2, 2 * right * down))
    normal = np.arctan2(odd, even) / 2
    away = np.min([np.abs((normal - way + np.pi / 2) % np.pi - np.pi / 2) for way in ways], axis=0)
    other = (inside & (ink > 0) & (away > _TURNED)).astype(np.uint8)
    _, parts, about, _ = cv2.connectedComponentsWithStats(other, connectivity=8)
    is_long = np.hypot(about[:, cv2.CC_STAT_WIDTH], about[:, cv2.CC_STAT_HEIGHT]) >= 3 * gap
    is_long[0] = False
    return inside & (ink > 0) & ~is_long[parts]
