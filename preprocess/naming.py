"""What pictures show, as a person says: regions get numbers, and a line of text names them.

A picture in colours shows its parts to anybody who looks, and to nobody who measures: a bare arm and a beige sleeve
differ in nothing else. So `write_view` divides a picture into regions of one colour and writes their numbers over it,
somebody writes what they show, and `named_parts` makes labels of it, for networks that will see the lines alone.

    girl_012 | skin 2 15 24 | hair 13 | cloth 6 11 | rest paper | out 9

A part and its numbers stand between bars. `rest` names every region that the line does not, `out` those that show two
parts or that nobody can tell; they stay unknown, as does what has no number because it is small or a line. A line that
says `skip` leaves its picture unnamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from skimage.segmentation import felzenszwalb, find_boundaries

from s2p.errors import InputError
from s2p.image import load_image, save_image

from . import storage
from .records import UNKNOWN_PART
from .synthetic.parts import FIRST_CLOTH, NUMBERS

NAMES_FILE = "names.txt"
PARTS = {**NUMBERS, "cloth": FIRST_CLOTH}
REST = 0  # stands for every region that has no name of its own

_EDGE = 768  # px, longer side at which a picture is divided
_MOST = 90  # numbers on a picture: more cannot be told apart
_SAME, _NEAR = 7.0, 18.0  # Delta E up to which neighbours are one region, and up to which specks join a neighbour
_SPECK, _NARROW = 0.0012, 4.5  # share of the picture, and px of half the width, below which there is no number
_SHOWN = 1.35  # how much larger the view is

Named = tuple[tuple[int, int], ...]


def regions_of(color: np.ndarray) -> np.ndarray:
    """Divides a picture into regions of one colour each, by their graph (Felzenszwalb and Huttenlocher 2004).

    Args:
        color: `uint8[H, W, 3]`, RGB.

    Returns: `uint8[h, w]`, the longer side `_EDGE`: 1 for the largest region, 2 for the next; 0 for lines and specks.
    """
    scale = _EDGE / max(color.shape[:2])
    small = cv2.resize(color, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    for _ in range(2):
        small = cv2.bilateralFilter(small, 7, 30, 5)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    found = felzenszwalb(lab / 100, scale=120, sigma=0.4, min_size=max(round(0.0007 * lab[..., 0].size), 20),
                         channel_axis=-1)  # fmt: skip
    pairs, apart, area = _neighbours(found, lab)
    same = pairs[:, apart < _SAME]
    links = coo_matrix((np.ones(same.shape[1]), (same[0], same[1])), (area.size, area.size))
    found = connected_components(links, directed=False)[1][found]
    found = _without_specks(found, lab)
    return _numbered(found)


def view_of(color: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """What a person looks at, `uint8[H, W, 3]`: the picture, paled, with borders and numbers, beside it as it is."""
    height, width = numbers.shape
    plain = cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA)
    pale = (plain * 0.75 + 255 * 0.25).astype(np.uint8)
    pale[find_boundaries(numbers, mode="inner")] = (255, 0, 160)
    shown = cv2.resize(pale, None, fx=_SHOWN, fy=_SHOWN, interpolation=cv2.INTER_LINEAR)
    for number in range(1, int(numbers.max()) + 1):
        depth = _depth(numbers == number)
        y, x = np.unravel_index(depth.argmax(), depth.shape)
        size, text = 0.42 if depth.max() < 14 else 0.6, str(number)
        (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        place = (round(x * _SHOWN - wide / 2), round(y * _SHOWN + high / 2))
        for tone, weight in (((255, 255, 255), 4), ((0, 0, 0), 1)):
            cv2.putText(shown, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, tone, weight, cv2.LINE_AA)
    beside = cv2.resize(plain, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    is_tall, (rows, columns) = height >= width, beside.shape[:2]
    room = ((0, shown.shape[0] - rows), (0, 0), (0, 0)) if is_tall else ((0, 0), (0, shown.shape[1] - columns), (0, 0))
    parts = [shown, np.pad(beside, room, constant_values=255)]
    return np.hstack(parts) if is_tall else np.vstack(parts)


def write_view(color: np.ndarray, target: Path) -> None:
    """Writes the numbers of a picture into `target`, a PNG, and its view beside it; what is there already stays."""
    if target.is_file():
        return
    numbers = regions_of(color)
    save_image(view_of(color, numbers), target.with_suffix(".view.png"))
    save_image(numbers, target)  # last: a picture with numbers has its view


def read_names(folder: str) -> dict[str, Named]:
    """What a person wrote into `names.txt` of a folder of views.

    Returns: by the picture's name without ending: numbers of regions, `REST` among them, and of the parts they show,
        `UNKNOWN_PART` for what is left out.

    Raises:
        InputError: there is no such file, or a line that cannot be read, which the message shows.
    """
    place = storage.join(folder, NAMES_FILE)
    found: dict[str, Named] = {}
    for count, line in enumerate(storage.read_bytes(place).decode("utf-8", "replace").splitlines(), 1):
        name, *groups = (piece.strip() for piece in line.split("|"))
        if not name or name.startswith("#"):
            continue
        try:
            found[name] = _named(groups)
        except ValueError as error:
            raise InputError(f"{place}, line {count}: {error}. A line is: NAME | skin 2 5 | rest cloth") from None
    return found


def named_parts(folder: str, key: str, named: Named, shape: tuple[int, int]) -> np.ndarray:
    """Labels of a picture.

    Args:
        folder: of the views.
        key: the picture's name without ending.
        named: of `read_names`.
        shape: `(H, W)` of the labels, of the picture's proportions.

    Returns: `uint8[H, W]`, numbers of `preprocess.synthetic.parts`, all cloth as one, `UNKNOWN_PART` where nobody said.

    Raises:
        InputError: the picture has no numbers, or a number is named that it has not.
    """
    numbers = load_image(storage.read_bytes(storage.join(folder, f"{key}.png")), name=f"{key}.png")[..., 0]
    told = dict(named)
    if (highest := max(told, default=0)) > int(numbers.max()):
        raise InputError(f"{key} has regions 1 to {int(numbers.max())}. Received in {NAMES_FILE}: {highest}.")
    parts = np.full(256, told.pop(REST, UNKNOWN_PART), np.uint8)
    parts[0] = UNKNOWN_PART
    for number, part in told.items():
        parts[number] = part
    return cv2.resize(parts[numbers], shape[::-1], interpolation=cv2.INTER_NEAREST)


def _named(groups: Iterable[str]) -> Named:
    told: dict[int, int] = {}
    for group in groups:
        word, *rest = group.split()
        if word == "skip":
            return ()
        if word == "rest" and len(rest) == 1 and rest[0] in PARTS:
            told[REST] = PARTS[rest[0]]
        elif word in PARTS or word == "out":
            for number in rest:
                if not number.isascii() or not number.isdigit() or not 0 < int(number) < 256:
                    raise ValueError(f"{number!r} is no number of a region")
                if told.setdefault(int(number), PARTS.get(word, UNKNOWN_PART)) != PARTS.get(word, UNKNOWN_PART):
                    raise ValueError(f"region {number} is named twice")
        else:
            raise ValueError(f"{group!r} names none of {', '.join(PARTS)}, rest and out")
    return tuple(sorted(told.items()))


def _neighbours(found: np.ndarray, lab: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of regions that touch, `int[2, P]`; Delta E between their means; pixels of every region."""
    count, flat = int(found.max()) + 1, found.ravel()
    touching = np.concatenate([
        np.stack([found[:, :-1].ravel(), found[:, 1:].ravel()]), np.stack([found[:-1].ravel(), found[1:].ravel()]),
    ], 1).astype(np.int64)  # fmt: skip
    touching = np.sort(touching[:, touching[0] != touching[1]], 0)
    pairs = np.stack(np.divmod(np.unique(touching[0] * count + touching[1]), count))
    area = np.bincount(flat, minlength=count)
    sums = np.stack([np.bincount(flat, lab[..., k].ravel(), count) for k in range(3)], -1)
    means = sums / np.maximum(area, 1)[:, None]
    return pairs, np.linalg.norm(means[pairs[0]] - means[pairs[1]], axis=1), area


def _without_specks(found: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """Specks go with the neighbour nearest in colour, if one is near and larger."""
    pairs, apart, area = _neighbours(found, lab)
    goes = np.arange(area.size)
    nearest: dict[int, tuple[float, int]] = {}
    for (one, other), distance in zip(pairs.T.tolist(), apart.tolist(), strict=True):
        for here, there in ((one, other), (other, one)):
            nearest[here] = min(nearest.get(here, (np.inf, -1)), (distance, there))
    for region in np.flatnonzero(area < _SPECK * found.size):
        distance, there = nearest.get(int(region), (np.inf, -1))
        if distance < _NEAR and area[there] >= area[region]:
            goes[region] = there
    for _ in range(8):  # specks beside specks
        goes = goes[goes]
    return goes[found]


def _numbered(found: np.ndarray) -> np.ndarray:
    numbers, count = np.zeros(found.shape, np.uint8), 0
    area = np.bincount(found.ravel())
    for region in np.argsort(-area, kind="stable"):
        if count == _MOST or area[region] < _SPECK * found.size:
            break
        mine = found == region
        if _depth(mine).max() >= _NARROW:
            count += 1
            numbers[mine] = count
    return numbers


def _depth(mine: np.ndarray) -> np.ndarray:
    """How far each pixel of a region is from its border, px; the picture's edge is one."""
    return cv2.distanceTransform(np.pad(mine.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
