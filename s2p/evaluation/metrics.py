"""The figures of one painting against the picture that it should have become, whatever the hints were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from s2p.evaluation.difference import colorfulness, delta_e, lab
from s2p.evaluation.fills import shrink
from s2p.evaluation.similarity import psnr, ssim
from s2p.evaluation.target import STRIDE, Target, is_white

Figures = dict[str, float | None]

KEPT = 4.0  # CIEDE2000 up to which white stays white
ALIKE = 10.0  # CIEDE2000 beyond which two paintings of one drawing differ for everybody
_LEAST_WHITE = 0.005  # of the picture; below, its share says nothing
_GRAY = 4.0  # Hasler-Suesstrunk of a picture without colour, whose ratio would say nothing
_LEAST_SHADING = 0.2  # L; below, the original is flat and the ratio would say nothing
_WINDOW = 5  # cells of the grid, 10 px


@dataclass(frozen=True)
class Measured:
    """A painting at the size of the original.

    Attributes:
        image: `uint8[H, W, 3]`, RGB.
        lab: `float32[h, w, 3]` on the grid of the target.
        figures: see `measure`.
    """

    image: np.ndarray
    lab: np.ndarray
    figures: Figures


def measure(target: Target, painting: np.ndarray) -> Measured:
    """Measures one painting.

    Args:
        painting: `uint8[h, w, 3]`, RGB, any size; it is brought to the size of the original first.

    Returns: with the figures, each None where it does not apply:
        `color_off_lines`, `delta_e`: mean CIEDE2000 at least 2 px from ink, and everywhere.
        `psnr` in dB, `ssim` in [-1, 1].
        `white_kept`: of the white of the original off the lines, the share that stays within 4.
        `white_invented`: share of the picture off the lines that is white where the original is not.
        `beige`: share off the lines that is neither clear colour nor gray nor white but the mean of all colours.
        `colorfulness`, `colorfulness_figure`: as a ratio to the original's, whole and without its white ground.
        `shading`: local spread of L inside flat regions off the lines, as a ratio to the original's.
        `line_l`, `line_chroma`: mean L and chroma on the ink of the drawing.
        `ink_mean`, `ink_p99`: mean and 99th percentile of the L difference to the drawing on its ink.
    """
    image = shrink(painting, target.image.shape)
    values = lab(image[::STRIDE, ::STRIDE])
    difference = delta_e(values, target.lab)
    is_off = target.is_off
    figures: Figures = {
        "color_off_lines": _mean(difference[is_off]),
        "delta_e": float(difference.mean()),
        "psnr": psnr(image, target.image),
        "ssim": ssim(image, target.image),
        "white_kept": _white_kept(target, difference),
        "white_invented": _mean((is_white(values) & ~target.is_white)[is_off]),
        "beige": _mean(is_beige(values)[is_off]),
        "shading": _shading(target, values),
    }
    figures |= _colorfulness(target, image) | _ink(target, image)
    return Measured(image, values, figures)


def is_beige(values: np.ndarray) -> np.ndarray:
    """What painters answer who do not know: `bool[...]` of `float32[..., 3]` Lab. Light skin is among it, too."""
    lightness, a, b = (values[..., i] for i in range(3))
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    inside = (lightness >= 35) & (lightness <= 88) & (chroma >= 4) & (chroma <= 28)
    return inside & (hue >= 40) & (hue <= 110)


def zooms_differ(target: Target, first: Measured, second: Measured) -> float | None:
    """Share off the lines where two paintings with the same hints are more than 10 apart (CIEDE2000).

    Lines may be sharper at a larger zoom, so they do not count.
    """
    return _mean((delta_e(first.lab, second.lab) > ALIKE)[target.is_off])


def choices(target: Target, found: Sequence[Measured]) -> Figures:
    """`best_choice`, the least `color_off_lines`; `choices_spread`, mean CIEDE2000 between each two off the lines."""
    errors = [error for one in found if (error := one.figures["color_off_lines"]) is not None]
    between = [_mean(delta_e(one.lab, other.lab)[target.is_off]) for one, other in combinations(found, 2)]
    spread = [value for value in between if value is not None]
    return {
        "best_choice": min(errors, default=None), "choices_spread": float(np.mean(spread)) if spread else None,
    }  # fmt: skip


def _white_kept(target: Target, difference: np.ndarray) -> float | None:
    white = target.is_white & target.is_off
    return float((difference[white] <= KEPT).mean()) if white.mean() >= _LEAST_WHITE else None


def _colorfulness(target: Target, image: np.ndarray) -> Figures:
    figure = ~target.is_ground
    parts = {"colorfulness": np.ones_like(figure), "colorfulness_figure": figure}
    found: Figures = {}
    for name, mask in parts.items():
        wanted, got = (
            colorfulness(picture[::STRIDE, ::STRIDE][mask]) if mask.any() else 0.0 for picture in (target.image, image)
        )
        found[name] = got / wanted if wanted > _GRAY else None
    return found


def _shading(target: Target, values: np.ndarray) -> float | None:
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    labels = target.regions.labels.astype(np.float32)
    is_inside = (labels > 0) & (cv2.erode(labels, window) == cv2.dilate(labels, window))
    is_inside &= cv2.erode(target.is_off.astype(np.uint8), window) > 0
    if not is_inside.any():
        return None
    wanted, got = (float(_local_spread(picture[..., 0])[is_inside].mean()) for picture in (target.lab, values))
    return got / wanted if wanted >= _LEAST_SHADING else None


def _local_spread(lightness: np.ndarray) -> np.ndarray:
    size = (_WINDOW, _WINDOW)
    lightness = lightness - np.float32(50.0)  # squares lose fewer digits
    mean = cv2.blur(lightness, size)
    return np.sqrt(np.maximum(cv2.blur(lightness * lightness, size) - mean * mean, 0.0))


def _ink(target: Target, image: np.ndarray) -> Figures:
    on_ink = lab(image[target.is_line])
    if not len(on_ink):
        return dict.fromkeys(("line_l", "line_chroma", "ink_mean", "ink_p99"))
    lost = np.abs(on_ink[:, 0] - target.line_lightness)
    return {
        "line_l": float(on_ink[:, 0].mean()),
        "line_chroma": float(np.hypot(on_ink[:, 1], on_ink[:, 2]).mean()),
        "ink_mean": float(lost.mean()),
        "ink_p99": float(np.percentile(lost, 99)),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean(dtype=np.float64)) if values.size else None
