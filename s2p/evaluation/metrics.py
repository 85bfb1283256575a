"""The figures of one painting against the picture that it should have become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from s2p.evaluation.difference import colorfulness, delta_e, lab
from s2p.evaluation.fills import Point, seed_of, shrink

FIGURES = (
    "psnr", "ssim", "delta_e", "delta_e_paper", "obedience_median", "obedience_p90", "ink", "colorfulness",
)
STRIDE = 2  # CIEDE2000 over whole pictures is taken on every second row and column
_LINE = 128
_REGION = 12.0
_ANSWERED = 1.0  # a change that nobody sees does not count as an answer
_GRAY = 4.0  # Hasler-Suesstrunk of a picture without colour, whose ratio would say nothing


class Target:
    """The original at a painting's size, with everything that only depends on it.

    Args:
        image: `uint8[h, w, 3]`, RGB. The original.
        lines: `uint8[h, w]`, 255 = paper. The drawing that was painted.
        shape: `(height, width)` of the paintings.
    """

    def __init__(self, image: np.ndarray, lines: np.ndarray, shape: tuple[int, ...]) -> None:
        self.image = shrink(image, shape)
        self.lines = shrink(lines, shape)
        self.is_line = self.lines < _LINE
        self.lab = lab(self.image[::STRIDE, ::STRIDE])
        self._is_paper = ~self.is_line[::STRIDE, ::STRIDE]
        gray = self.lines[self.is_line]
        self._darkness = lab(np.repeat(gray[:, None], 3, axis=1))[:, 0]
        self._colorfulness = colorfulness(self.image)

    def measure(self, painting: np.ndarray, points: Sequence[Point]) -> dict[str, float | None]:
        """Figures of one painting; None where one does not apply.

        Args:
            painting: `uint8[height, width, 3]`, RGB.
            points: hints that were given.

        Returns: `psnr` in dB; `ssim` in [-1, 1]; mean CIEDE2000 everywhere (`delta_e`) and off the lines
            (`delta_e_paper`); `obedience_median` and `obedience_p90` of CIEDE2000 between hints and result; `ink`, the
            mean L* difference to the drawing on its lines; `colorfulness` as a ratio to the original's.
        """
        difference = delta_e(lab(painting[::STRIDE, ::STRIDE]), self.lab)
        obedience = self._obedience(painting, points)
        darkness = lab(painting[self.is_line])[:, 0]
        return {
            "psnr": psnr(painting, self.image),
            "ssim": ssim(painting, self.image),
            "delta_e": float(difference.mean()),
            "delta_e_paper": float(difference[self._is_paper].mean()) if self._is_paper.any() else None,
            "obedience_median": float(np.median(obedience)) if len(points) else None,
            "obedience_p90": float(np.percentile(obedience, 90)) if len(points) else None,
            "ink": float(np.abs(darkness - self._darkness).mean()) if darkness.size else None,
            "colorfulness": colorfulness(painting) / self._colorfulness if self._colorfulness > _GRAY else None,
        }

    def region(self, point: Point) -> np.ndarray:
        """Where the original continues in a hint's colour, `bool[h, w]` on the grid of every second pixel."""
        row, column = (value // STRIDE for value in seed_of(point, self.image.shape))
        color = lab(np.array(point[2], np.uint8))
        alike = delta_e(self.lab, color) <= _REGION
        alike[row, column] = True
        _, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4)
        return labels == labels[row, column]

    def _obedience(self, painting: np.ndarray, points: Sequence[Point]) -> np.ndarray:
        got = np.zeros((len(points), 3), np.uint8)
        for index, point in enumerate(points):
            row, column = seed_of(point, painting.shape)
            around = slice(max(row - 4, 0), row + 5), slice(max(column - 4, 0), column + 5)
            pixels, is_paper = painting[around].reshape(-1, 3), ~self.is_line[around].ravel()
            got[index] = np.median(pixels[is_paper] if is_paper.any() else pixels, axis=0)
        asked = np.array([point[2] for point in points], np.uint8).reshape(-1, 3)
        return delta_e(lab(got), lab(asked))


def complement(point: Point) -> Point:
    """The same hint in the complementary colour."""
    red, green, blue = point[2]
    return point[0], point[1], (255 - red, 255 - green, 255 - blue)


def choose_moved(target: Target, points: Sequence[Point], generator: np.random.Generator) -> int:
    """Which hint is changed to measure the leak: a random one with a region that is neither a speck nor the page.

    A hint near middle gray is its own complement and is passed over. Where no hint is suitable, the first one.
    """
    for index in generator.permutation(len(points)):
        pair = np.array([points[index][2], complement(points[index])[2]], np.uint8)
        if delta_e(*lab(pair)) >= 20.0 and 0.005 <= target.region(points[index]).mean() <= 0.5:
            return int(index)
    return 0


def leak(before: np.ndarray, after: np.ndarray, region: np.ndarray) -> Mapping[str, float | None]:
    """How much of a changed hint went astray.

    Args:
        before, after: `uint8[H, W, 3]`, RGB. Paintings with the hint and with its complement.
        region: of `Target.region`.

    Returns: `leak`, the mean CIEDE2000 change outside the region by that inside (0 is perfect, None where the inside
        did not visibly change: nothing was obeyed, so nothing can be said), and `leak_inside`, the change inside.
    """
    change = delta_e(lab(before[::STRIDE, ::STRIDE]), lab(after[::STRIDE, ::STRIDE]))
    inside = float(change[region].mean())
    outside = float(change[~region].mean()) if not region.all() else 0.0
    return {"leak": outside / inside if inside >= _ANSWERED else None, "leak_inside": inside}


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two `uint8` pictures; 100 for equal ones."""
    error = np.square(first.astype(np.float32) - second.astype(np.float32)).mean(dtype=np.float64)
    return min(100.0, float(10.0 * np.log10(255.0**2 / error))) if error else 100.0


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window of 1.5, 11 px), mean over the channels of RGB."""

    def blur(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)

    x, y = first.astype(np.float32), second.astype(np.float32)
    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x + y * y) - mean_x**2 - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    low, high = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    top = (2.0 * mean_x * mean_y + low) * (2.0 * covariance + high)
    index = top / ((mean_x**2 + mean_y**2 + low) * (variances + high))
    border = 5 if min(first.shape[:2]) > 10 else 0  # there the window would look beyond the picture
    return float(index[border : index.shape[0] - border, border : index.shape[1] - border].mean(dtype=np.float64))


def area_under(values: Mapping[int, float]) -> float | None:
    """Mean PSNR over log2(1 + hints), by trapezoids, in dB; None for fewer than two numbers of hints."""
    counts = sorted(values)
    if len(counts) < 2:
        return None
    position = np.log2(1.0 + np.array(counts, np.float64))
    height = np.array([values[count] for count in counts])
    area = float((np.diff(position) * (height[1:] + height[:-1]) / 2.0).sum())
    return area / float(position[-1] - position[0])
