"""Gives strokes the colours and the texture of another picture: they move until a network sees the same in both.

What it sees are the products of its features (Gatys, Ecker and Bethge, CVPR 2016), of our style reader or of a VGG that
the user has; seen from afar the painting stays as it was in the style's colours (`style`). As in "Stylized Neural
Painting" all strokes move at once, but on one canvas rather than in blocks, so files that were painted coarse to fine
can be moved, too. The gradient runs back through the strokes in the reverse of their order, each only in its own box
(`soft`). Colours go only where those of the style do: their slope is taken times the style's covariance.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.image import as_picture
from s2p.progress import NullReporter, Reporter
from s2p.strokes import soft
from s2p.strokes.layouts import Layout, Strokes
from s2p.strokes.style import restyled

if TYPE_CHECKING:
    import keras

SIDE = 320  # pixels of the longer side of what is compared
STEPS = 30  # of moving the strokes
_MULTIPLE = 64  # of the sides of what a network sees
_KEEP, _STYLE = 1.5, 1.0  # weights of what stays and of the style
_AFAR = 16  # pixels that are one from afar
_LENGTH, _BEND, _TURN, _COLOR = 0.004, 0.05, 0.04, 0.02  # of a usual step: places and sizes, bends, turns, colours


class _Laid(NamedTuple):
    box: tuple[slice, slice]
    drawn: soft.Soft
    under: np.ndarray
    mask: np.ndarray


def textured(
    strokes: Strokes, style: np.ndarray, *, steps: int = STEPS, strength: float = 1.0,
    features: str | Path | None = None, report: Reporter | None = None,
) -> Strokes:
    """The same strokes, moved and coloured like a picture.

    Args:
        strokes: of any renderer, in any order.
        style: `uint8[H, W]`, `[H, W, 3]` RGB or `[H, W, 4]`.
        steps: int in [1, 500].
        strength: float in [0, 1]; how far colours go there before strokes move, and how much the style counts.
        features: Keras weight file of VGG16 or VGG19; our style reader without one.
        report: stage `texture`; a cancelled one raises.

    Raises:
        InputError: a number outside of that, or no picture.
        WeightsError: a file that is no VGG's, or there is no style reader.
        CancelledError: `report` was cancelled.
    """
    if not isinstance(steps, int) or not 1 <= steps <= 500:
        raise InputError(f"steps must be a whole number from 1 to 500. Received: {steps!r}.")
    report = NullReporter() if report is None else report
    moved = restyled(strokes, style, strength=strength)
    if not len(strokes) or strength == 0.0:
        return moved
    report.stage("texture")
    before, _ = _forward(moved)
    slope = _style_slope(_network(features), as_picture(style), before, strength)
    values, layout = moved.values.copy(), strokes.layout
    pace, recent, ways = _pace(layout), np.zeros(layout.size), _ways(as_picture(style))
    for step in range(steps):
        report.check()
        canvas, laid = _forward(moved.with_values(values))
        _, by_canvas = slope(canvas, step)
        report.update(step / steps)
        found = _backward(values, layout, laid, by_canvas, before.shape)
        found[:, layout.color] = (found[:, layout.color].reshape(-1, 3) @ ways).reshape(len(found), -1)
        recent = 0.8 * recent + 0.2 * (found**2).mean(0)  # of all strokes: hidden ones shall not wander
        usual = np.sqrt(recent / (1 - 0.8 ** (step + 1))) + 1e-12
        values = np.clip(values - np.clip(found / usual, -3.0, 3.0) * pace * (1 - step / steps), 0.0, 1.0)
        values = values.astype(np.float32)
        values[:, -1] = strokes.values[:, -1]
        values[:, list(layout.sizes)] = np.maximum(values[:, list(layout.sizes)], 0.4 * strokes.values[:, layout.sizes])
    return moved.with_values(values)


# The strokes ----------------------------------------------------------------------------------------------------------


def _forward(strokes: Strokes) -> tuple[np.ndarray, list[_Laid]]:
    """The painting as smooth strokes, `float32[3, H, W]` in [0, 1], and what each stroke was laid on."""
    height, width = strokes.size_at(SIDE)
    canvas = np.empty((3, height, width), np.float32)
    canvas[:] = strokes.canvas_rgb[:, None, None]
    layout, laid = strokes.layout, []
    for row, shape in zip(strokes.values, _squared(strokes.values, layout, height, width)):
        box = _box(shape, layout, height, width)
        drawn = soft.draw(
            shape[None], layout, side=SIDE, window=(box[0].stop - box[0].start, box[1].stop - box[1].start),
            origin=(box[1].start, box[0].start),
        )
        mask = drawn.cover[0] * (1.0 if layout.alpha == (1.0, 1.0) else row[-1])
        view = canvas[(slice(None), *box)]
        laid.append(_Laid(box, drawn, view.copy(), mask))
        view += mask * (_paint(row, layout, drawn.along[0]) - view)
    return canvas, laid


def _backward(
    values: np.ndarray, layout: Layout, laid: list[_Laid], by_canvas: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """How the loss changes with every number of the strokes, `float32[N, d]`; 0 for alphas."""
    by_canvas, found = by_canvas.copy(), np.zeros_like(values)
    columns, height, width = len(layout.shape), shape[1], shape[2]
    for number in range(len(laid) - 1, -1, -1):
        box, drawn, under, mask = laid[number]
        row, along = values[number], drawn.along[0]
        upstream = by_canvas[(slice(None), *box)]
        by_mask = (upstream * (_paint(row, layout, along) - under)).sum(0)
        by_paint = upstream * mask
        colors = row[layout.color].reshape(-1, 3)
        by_along = None
        if layout.colors == 2:
            by_along = np.tensordot(colors[1] - colors[0], by_paint, 1)[None]
            late = (by_paint * along).sum((1, 2))
            found[number, layout.color] = np.concatenate([by_paint.sum((1, 2)) - late, late])
        else:
            found[number, layout.color] = by_paint.sum((1, 2))
        strength = 1.0 if layout.alpha == (1.0, 1.0) else row[-1]
        found[number, :columns] = drawn.pull((by_mask * strength)[None], by_along)[0]
        upstream *= 1.0 - mask
    for x, y in layout.places:
        found[:, x] *= width / SIDE
        found[:, y] *= height / SIDE
    return found


def _paint(row: np.ndarray, layout: Layout, along: np.ndarray) -> np.ndarray:
    colors = row[layout.color].reshape(-1, 3)
    if layout.colors == 1:
        return colors[0][:, None, None]
    return colors[0][:, None, None] + along * (colors[1] - colors[0])[:, None, None]


def _squared(values: np.ndarray, layout: Layout, height: int, width: int) -> np.ndarray:
    """Shapes whose places are shares of the longer side, as those of blocks are."""
    shape = values[:, : len(layout.shape)].copy()
    for x, y in layout.places:
        shape[:, x] *= width / SIDE
        shape[:, y] *= height / SIDE
    return shape


def _box(shape: np.ndarray, layout: Layout, height: int, width: int) -> tuple[slice, slice]:
    """Where a stroke is drawn."""
    places = np.array([[shape[x], shape[y]] for x, y in layout.places]) * SIDE
    sizes = shape[list(layout.sizes)] * SIDE
    reach = 3.0 + (sizes.max() / 4 if layout.is_curve else np.hypot(*sizes) / 2)
    low, high = np.floor(places.min(0) - reach).astype(int), np.ceil(places.max(0) + reach).astype(int)
    left, top = np.clip(low, 0, (width - 1, height - 1))
    right, bottom = np.maximum(np.clip(high, 1, (width, height)), (left + 1, top + 1))
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _ways(style: np.ndarray) -> np.ndarray:
    """How colours of a picture go together, `float64[3, 3]`: its covariance, the longest axis 1."""
    colors = cv2.resize(style, (64, 64), interpolation=cv2.INTER_AREA).reshape(-1, 3) / 255.0
    spread = np.cov(colors.T)
    return spread / max(float(np.linalg.eigvalsh(spread)[-1]), 1e-6)


def _pace(layout: Layout) -> np.ndarray:
    """How large the steps of every column are, `float32[d]`."""
    pace = np.full(layout.size, _COLOR, np.float32)
    pace[: len(layout.shape)] = _BEND if layout.is_curve else _TURN
    pace[[*(column for place in layout.places for column in place), *layout.sizes]] = _LENGTH
    pace[-1] = 0.0
    return pace


# The network ----------------------------------------------------------------------------------------------------------


def _network(features: str | Path | None) -> keras.Model:
    """Takes `float32[B, H, W, 3]`, RGB in [-1, 1], and answers some maps."""
    from s2p import weights
    from s2p.config import load_settings
    from s2p.nn.features import of_reader, vgg
    from s2p.runtimes.tensorflow import prepare

    prepare(load_settings())
    if features is not None:
        return vgg(features)
    return of_reader(weights.load_model(weights.find("reader")))


def _style_slope(
    network: keras.Model, style: np.ndarray, before: np.ndarray, strength: float
) -> Callable[[np.ndarray, int], tuple[float, np.ndarray]]:
    """The loss of a canvas `float32[3, H, W]` and its gradient; in every step the network sees another part of it."""
    from keras import ops

    from s2p.nn.gradients import compiled_slope

    scale = SIDE / max(style.shape[:2])
    size = max(1, round(style.shape[1] * scale)), max(1, round(style.shape[0] * scale))
    style = cv2.resize(style, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    style = _at_least(style.astype(np.float32) / 255.0)
    height, width = before.shape[1:]
    before = _at_least(before.transpose(1, 2, 0))
    cut = tuple(side // _MULTIPLE * _MULTIPLE for side in before.shape[:2])

    def grams(picture: Any) -> list[Any]:
        seen = network(2.0 * picture - 1.0, training=False)
        found = []
        for maps in seen if isinstance(seen, (list, tuple)) else [seen]:
            flat = ops.reshape(maps, (-1, maps.shape[-1]))
            found.append(ops.matmul(ops.transpose(flat), flat) / ops.cast(ops.shape(flat)[0], "float32"))
        return found

    rows, columns = (side // _MULTIPLE * _MULTIPLE for side in style.shape[:2])
    wanted = grams(ops.convert_to_tensor(style[None, :rows, :columns]))
    scales = [ops.sum(gram**2) for gram in wanted]

    def loss(picture: Any, was: Any) -> Any:
        apart = [ops.sum((a - b) ** 2) / of for a, b, of in zip(grams(picture), wanted, scales)]
        kept = ops.mean(ops.abs(ops.average_pool(picture, _AFAR, _AFAR) - ops.average_pool(was, _AFAR, _AFAR)))
        return ops.reshape(_STYLE * strength * sum(apart) / len(apart) + _KEEP * kept, (1,))

    slope = compiled_slope(loss, [(1, *cut, 3)] * 2)

    def of(canvas: np.ndarray, step: int) -> tuple[float, np.ndarray]:
        picture = _at_least(canvas.transpose(1, 2, 0))
        top, left = (step * 37 % (side - part + 1) for side, part in zip(picture.shape, cut))
        window = slice(top, top + cut[0]), slice(left, left + cut[1])
        value, gradient = slope(*(np.ascontiguousarray(one[window][None]) for one in (picture, before)))
        whole = np.zeros_like(picture)
        whole[window] = gradient[0]
        return float(value[0]), np.ascontiguousarray(whole[:height, :width].transpose(2, 0, 1))

    return of


def _at_least(picture: np.ndarray) -> np.ndarray:
    """`float32[H, W, 3]`, its border repeated where a side is shorter than a network takes."""
    spare = [(0, max(_MULTIPLE - side, 0)) for side in picture.shape[:2]]
    return np.ascontiguousarray(np.pad(picture, (*spare, (0, 0)), mode="edge"), np.float32)
