"""Strokes drawn by a network (`s2p.models.stroke_renderers`) while they are searched, as in "Stylized Neural Painting".

Here a network sees the window around a block, so that strokes may leave the block. What it answers as foreground is
colour times cover, which is laid as it is: the original multiplies it with alpha once more and mends the dark rim by
widening one and narrowing the other. Colours and shape go down the gradient together; the rest is the analytic
search's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from s2p.errors import InputError, WeightsMissingError
from s2p.strokes.candidates import Limits
from s2p.strokes.climb import Climbed, Descent, best_colors, better
from s2p.strokes.layouts import Layout, layout_of

if TYPE_CHECKING:
    import keras

NETWORKS = ("zou-fusion-net-light", "zou-fusion-net", "plain-dcgan", "huang-net", "plain-unet")
_AT_ONCE = 512  # strokes that are drawn together


def load(renderer: str, network: str = NETWORKS[0]) -> Drawing:
    """A network with its weights for a kind of stroke.

    Raises:
        InputError: no such network.
        WeightsMissingError: it was not trained for these strokes.
    """
    if network not in NETWORKS:
        raise InputError(f"The network that draws strokes must be one of {', '.join(NETWORKS)}. Received: {network!r}.")
    from s2p import weights
    from s2p.config import load_settings
    from s2p.runtimes.tensorflow import prepare

    found = weights.find(network, variant=renderer)
    if not found.trained:
        raise WeightsMissingError(
            f"{network} is UNTRAINED: it has no weights for strokes of {renderer}. Train it: s2p train stroke_renderer "
            f"--out RUN --set network={network} --set renderer={renderer}; then s2p weights release RUN {network} "
            "--about TEXT. Or use --backend analytic, which needs none."
        )
    prepare(load_settings())
    return Drawing(weights.load_model(found), layout_of(renderer))


class Drawing:
    """Draws strokes and says how to move them.

    Args:
        network: of `s2p.models.stroke_renderers`.
        layout: kind of stroke that it knows.
    """

    def __init__(self, network: keras.Model, layout: Layout) -> None:
        import keras

        from s2p.nn.gradients import compiled_slope

        self._network, self._layout = network, layout
        # Of the fusion nets alpha alone costs a tenth: without their colours, which candidates have of their own.
        self._covers = keras.Model(network.input, network.outputs[1])
        self.side = int(network.output_shape[0][1])
        size = min(self.side, 64)
        planes = (None, size, size, 3)
        self._slope = compiled_slope(
            self._fallen, [(None, layout.size), planes, planes, (None, size, size, 1), (None, size, size, 1)]
        )

    def cover(
        self, shape: np.ndarray, layout: Layout, *, side: float, window: tuple[int, int],
        origin: tuple[float, float] = (0.0, 0.0),
    ) -> np.ndarray:
        """As `s2p.strokes.soft.cover_quickly`, of windows that begin at their block's corner."""
        assert window[0] == window[1] and origin == (0.0, 0.0)
        rows = np.full((len(shape), layout.size), 0.5, np.float32)
        rows[:, : shape.shape[1]] = self._seen(shape, side / window[0])
        rows[:, -1] = 1.0
        alpha = self._sized(self._answered(self._covers, rows)[..., :1], window[0])[..., 0]
        return np.clip(alpha, 0.0, 1.0)

    def climb(
        self, shape: np.ndarray, alpha: np.ndarray, layout: Layout, limits: Limits, target: np.ndarray,
        canvas: np.ndarray, weight: np.ndarray, *, side: float, corners: tuple[np.ndarray, np.ndarray], steps: int,
        is_plain: bool, transport: float = 0.0,
    ) -> Climbed:
        """As `s2p.strokes.climb.climb`, but for the colours, which go down the gradient, too; without transport."""
        window, size = weight.shape[-1], min(self.side, weight.shape[-1])
        share, columns = side / window, len(layout.shape)
        room = np.broadcast_to(alpha, weight.shape)
        strength = room.max((1, 2))
        room = room / np.maximum(strength, 1e-6)[:, None, None]
        seen = [_shrunk(maps, size) for maps in (target, canvas, weight[:, None], room[:, None])]
        before = (((seen[0] - seen[1]) ** 2) * seen[2]).sum((1, 2, 3))
        shape = limits.keep(shape.copy(), layout, *corners)
        cover = self.cover(shape, layout, side=side * size / window, window=(size, size)) * seen[3][..., 0]
        planes = [np.ascontiguousarray(maps.transpose(0, 3, 1, 2)) for maps in seen[:2]]
        color = best_colors(
            cover * strength[:, None, None], np.zeros_like(cover), planes[0], planes[1], seen[2][..., 0], two=False
        )
        descent = Descent(steps)
        best: Climbed | None = None
        for step in range(steps + 1):
            rows = np.empty((len(shape), layout.size), np.float32)
            rows[:, :columns], rows[:, -1] = self._seen(shape, share), strength
            rows[:, layout.color] = color[:, : layout.colors].reshape(len(shape), -1)
            after, slope = self._slope(rows, *seen)
            fall = (before - after) * (window / size) ** 2
            best = better(best, Climbed(shape, color, fall.astype(np.float32), canvas))
            if step == steps:
                break
            slope[:, list(_shrinking(layout))] *= share
            by_color = slope[:, layout.color].reshape(len(shape), layout.colors, 3)
            if is_plain or layout.colors == 1:
                by_color = by_color.mean(1, keepdims=True)
            by_color = np.broadcast_to(by_color, color.shape)
            move = descent(np.concatenate([slope[:, :columns], by_color.reshape(len(shape), 6)], 1))
            shape = limits.keep(shape - move[:, :columns], layout, *corners)
            color = np.clip(color - move[:, columns:].reshape(color.shape), 0.0, 1.0)
        assert best is not None
        rows[:, :columns] = self._seen(best.shape, share)
        rows[:, layout.color] = best.color[:, : layout.colors].reshape(len(shape), -1)
        return best._replace(canvas=self._laid(rows, canvas, room))

    def _laid(self, rows: np.ndarray, canvas: np.ndarray, room: np.ndarray) -> np.ndarray:
        """The strokes on their windows, `float32[N, 3, h, w]`."""
        paint, alpha = self._maps(rows, canvas.shape[-1])
        strength = 1.0 if self._is_opaque else rows[:, -1, None, None, None]
        covered = (alpha * room)[:, None]
        made = paint.transpose(0, 3, 1, 2) * strength * room[:, None] + canvas * (1.0 - covered)
        return np.clip(made, 0.0, 1.0).astype(np.float32)

    @property
    def _is_opaque(self) -> bool:
        return self._layout.alpha == (1.0, 1.0)

    def _fallen(self, rows: Any, target: Any, canvas: Any, weight: Any, room: Any) -> Any:
        """The error that each stroke leaves, of tensors."""
        from keras import ops

        paint, alpha = (_pooled(maps, target.shape[1]) for maps in self._network(rows, training=False))
        if not self._is_opaque:
            paint = paint * rows[:, -1][:, None, None, None]
        rest = target - paint * room - canvas * (1.0 - alpha * room)
        return ops.sum(rest * rest * weight, axis=(1, 2, 3))

    def _maps(self, rows: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
        """Foreground `float32[N, window, window, 3]` and alpha `float32[N, window, window]`."""
        maps = self._sized(self._answered(self._network, rows)[..., :4], window)
        return maps[..., :3], maps[..., 3]

    def _answered(self, network: keras.Model, rows: np.ndarray) -> np.ndarray:
        """All that a network answers, side by side, `float32[N, side, side, channels]`."""
        from s2p.nn.gradients import to_numpy

        parts = []
        for start in range(0, len(rows), _AT_ONCE):
            few = rows[start : start + _AT_ONCE]
            made = network(np.pad(few, ((0, -len(few) % 32), (0, 0))), training=False)  # few sizes are traced
            made = made if isinstance(made, (list, tuple)) else [made]
            parts.append(np.concatenate([to_numpy(maps)[: len(few)] for maps in made], -1))
        return np.concatenate(parts)

    def _sized(self, maps: np.ndarray, window: int) -> np.ndarray:
        """Maps of the network's side at another."""
        if window < self.side:
            return _shrunk(maps.transpose(0, 3, 1, 2), window)
        if window > self.side:
            sized = [cv2.resize(one, (window, window), interpolation=cv2.INTER_LINEAR) for one in maps]
            return np.stack(sized).reshape(len(maps), window, window, -1)  # OpenCV drops a single channel
        return maps

    def _seen(self, shape: np.ndarray, share: float) -> np.ndarray:
        """Shapes in shares of a block as shares of the window."""
        seen = shape.copy()
        seen[:, list(_shrinking(self._layout))] *= share
        return np.clip(seen, 0.0, 1.0)


def _shrinking(layout: Layout) -> tuple[int, ...]:
    """Columns that are lengths: places and sizes."""
    return (*(column for place in layout.places for column in place), *layout.sizes)


def _shrunk(maps: np.ndarray, size: int) -> np.ndarray:
    """`float32[N, c, h, h]` as `float32[N, size, size, c]`, means of squares of pixels."""
    count, channels, height, _ = maps.shape
    step = height // size
    parts = np.ascontiguousarray(maps).reshape(count, channels, size, step, size, step)
    return np.ascontiguousarray(parts.mean((3, 5)).transpose(0, 2, 3, 1), np.float32)


def _pooled(maps: Any, size: int) -> Any:
    from keras import ops

    step = maps.shape[1] // size
    return maps if step == 1 else ops.average_pool(maps, step, step)
