"""Training pictures from a folder of side-by-side pairs, one file holding a drawing and its coloured picture."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.image import flatten_alpha, load_image
from s2p.train.decoded import fit

SIDES = ("left", "right")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_KEPT = 64  # decoded pairs that stay in memory


class PairFolder:
    """The interface of `s2p.train.art.Art` over files twice as wide as their pictures.

    Args:
        folder: of the files, with its subfolders.
        sketch: on which side the drawing is, `left` or `right`.

    Raises:
        InputError: no pairs, or the drawing seems to be on the other side.
    """

    def __init__(self, folder: str | Path, *, sketch: str) -> None:
        if sketch not in SIDES:
            raise InputError(f"The drawing of a pair is on the left or on the right. Received: {sketch!r}.")
        self._sketch = sketch
        self._paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
        if not self._paths:
            raise InputError(f"{folder} holds no pairs of drawing and picture ({', '.join(SUFFIXES)}).")
        self._pairs: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._check_sides()

    def __len__(self) -> int:
        return len(self._paths)

    def pick(self, random: np.random.Generator) -> int:
        """Number of any pair."""
        return int(random.integers(len(self)))

    def color(self, i: int) -> np.ndarray:
        """`uint8[H, W, 3]`, RGB, short edge 512."""
        return self._pair(i)[0]

    def lines(self, i: int) -> np.ndarray:
        """`uint8[H, W, 1]`, 255 = paper."""
        return self._pair(i)[1]

    def _pair(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        if i not in self._pairs:
            left, right = _halves(self._paths[i])
            drawing, color = (left, right) if self._sketch == "left" else (right, left)
            self._pairs[i] = fit(color), fit(cv2.cvtColor(drawing, cv2.COLOR_RGB2GRAY))[..., None]
            if len(self._pairs) > _KEPT:
                self._pairs.popitem(last=False)
        self._pairs.move_to_end(i)
        return self._pairs[i]

    def _check_sides(self) -> None:
        """A drawing is grayer than its picture; a folder in which most are not was named wrongly."""
        some = self._paths[:: max(len(self._paths) // 8, 1)][:8]
        votes = [_color_of(left) - _color_of(right) for left, right in map(_halves, some)]
        grayer = "left" if float(np.median(votes)) < 0 else "right"
        if grayer != self._sketch and abs(float(np.median(votes))) > 2.0:
            raise InputError(
                f"The drawings seem to be on the {grayer}, where there is less colour. Received: {self._sketch!r}. "
                f"Say --set pairs={grayer}."
            )


def _halves(path: Path) -> tuple[np.ndarray, np.ndarray]:
    picture = flatten_alpha(load_image(path))
    width = picture.shape[1]
    if width < 2 or width % 2:
        raise InputError(f"{path.name} must be a drawing and a picture of the same width side by side, so its width "
                         f"must be even. Received: {width} px.")
    return np.ascontiguousarray(picture[:, : width // 2]), np.ascontiguousarray(picture[:, width // 2 :])


def _color_of(picture: np.ndarray) -> float:
    """Mean distance between the strongest and the weakest channel, 0..255."""
    return float((picture.max(axis=2).astype(np.float32) - picture.min(axis=2)).mean())
