"""How a painting answers its hints: obeyed at the spot, filled the region, lost on a line, leaked into others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from s2p.evaluation.difference import delta_e, lab
from s2p.evaluation.fills import Point, seed_of
from s2p.evaluation.metrics import ALIKE, Figures, Measured
from s2p.evaluation.target import STRIDE, Target

DISTANCES = (0, 1, 2, 6)  # px from a hint to the nearest ink; each stands for all up to the next
STAINED, LOST = 0.9, 0.1  # share of a region in the hint's colour
_SPOT = 2  # px around a hint
_LEAST_CELLS = 8  # of a region off the lines; smaller ones say nothing
_ANSWERED = 1.0  # a change that nobody sees does not count as an answer


def answers(target: Target, painting: Measured, points: Sequence[Point]) -> Figures:
    """Figures of a painting that ask what became of its hints; None where there are no hints.

    Returns:
        `obedience_median`, `obedience_p90`: CIEDE2000 between hints and result at their own spots; hints on ink do not
            count.
        `purity`: share of each hinted flat region, off the lines, within CIEDE2000 10 of its hint; weighted by area.
        `stains`: share of hinted regions under 0.9 pure.
        `lost`: share of hinted regions of which under a tenth took the colour; `lost_0`, `lost_1`, `lost_2`, `lost_6`
            the same for the regions whose best placed hint is on ink, or at least 1, 2, 6 px from it.
    """
    obeyed = _obedience(target, painting, points)
    figures: Figures = {
        "obedience_median": float(np.median(obeyed)) if obeyed.size else None,
        "obedience_p90": float(np.percentile(obeyed, 90)) if obeyed.size else None,
    }
    pure, cells, bins = _purity(target, painting, points)
    is_lost = pure < LOST
    figures |= {
        "purity": float((pure * cells).sum() / cells.sum()) if pure.size else None,
        "stains": float((pure < STAINED).mean()) if pure.size else None,
        "lost": float(is_lost.mean()) if pure.size else None,
    }
    for distance in DISTANCES:
        here = is_lost[bins == distance]
        figures[f"lost_{distance}"] = float(here.mean()) if here.size else None
    return figures


def _purity(
    target: Target, painting: Measured, points: Sequence[Point]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every hinted region: its share in the colour of a hint, its cells, and its hint's bin of `DISTANCES`."""
    hinted: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        hinted[target.owner(point)].append(point)
    hinted.pop(0, None)
    values = painting.lab.reshape(-1, 3)
    found = []
    for number, own in hinted.items():
        members = target.members[number]
        if len(members) < _LEAST_CELLS:
            continue
        colors = lab(np.array([point[2] for point in own], np.uint8))
        here = values[members]
        # Of several hints in one region the most similar one counts; which it is, plain distance tells well enough.
        nearest = ((here[:, None] - colors) ** 2).sum(-1).argmin(1)
        pure = float((delta_e(here, colors[nearest]) <= ALIKE).mean())
        clear = max(target.to_ink(point) for point in own)
        found.append((pure, len(members), max(distance for distance in DISTANCES if distance <= clear)))
    pure, cells, bins = np.array(found, np.float64).reshape(-1, 3).T
    return pure, cells, bins


def _obedience(target: Target, painting: Measured, points: Sequence[Point]) -> np.ndarray:
    """CIEDE2000 of every hint to the paper around it, of its own region where it has one; none for hints on ink."""
    got, asked = [], []
    for point in points:
        row, column = seed_of(point, painting.image.shape)
        around = (slice(max(row - _SPOT, 0), row + _SPOT + 1), slice(max(column - _SPOT, 0), column + _SPOT + 1))
        here = ~target.is_line[around]
        owner = target.owner(point)
        if owner:
            rows, columns = (np.arange(part.start, part.start + size) for part, size in zip(around, here.shape))
            here = here & (target.regions.labels[rows[:, None] // STRIDE, columns // STRIDE] == owner)
        if here.any():
            got.append(np.median(painting.image[around][here], axis=0))
            asked.append(point[2])
    if not got:
        return np.zeros(0, np.float32)
    return delta_e(lab(np.array(got).astype(np.uint8)), lab(np.array(asked, np.uint8)))


def complement(point: Point) -> Point:
    """The same hint in the complementary colour."""
    red, green, blue = point[2]
    return point[0], point[1], (255 - red, 255 - green, 255 - blue)


def choose_moved(target: Target, points: Sequence[Point], generator: np.random.Generator) -> int | None:
    """Which hint is changed to measure the leak: a random one with a region that is neither a speck nor the page.

    A hint near middle gray is its own complement and is passed over. None where no hint is suitable.
    """
    for index in generator.permutation(len(points)):
        pair = np.array([points[index][2], complement(points[index])[2]], np.uint8)
        if delta_e(*lab(pair)) < 20.0:
            continue
        region = target.spread(points[index])
        if region is not None and 0.005 <= region.mean() <= 0.5:
            return int(index)
    return None


def leak(target: Target, before: Measured, after: Measured, region: np.ndarray) -> Mapping[str, float | None]:
    """How much of a changed hint went astray.

    Args:
        before, after: paintings with the hint and with its complement.
        region: `bool[h, w]` of `Target.spread`.

    Returns: `leak`, the mean CIEDE2000 change outside the region by that inside, off the lines (0 is perfect, large
        where the colour went to another region; None where nothing visibly changed), and `leak_inside`, the change
        inside.
    """
    change = delta_e(before.lab, after.lab)
    inner, outer = change[region & target.is_off], change[~region & target.is_off]
    inside = float(inner.mean()) if inner.size else 0.0
    outside = float(outer.mean()) if outer.size else 0.0
    is_answered = max(inside, outside) >= _ANSWERED
    return {"leak": outside / max(inside, _ANSWERED) if is_answered else None, "leak_inside": inside}
