"""Recipe of the network that says how far hints reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import cv2
import keras
import numpy as np
from keras import layers

from s2p import reach, tensors
from s2p.config import Settings
from s2p.parts import NAMES, name_parts
from s2p.regions import Regions, coarse, divide
from s2p.runtime import Network
from s2p.train.pages import cell_colors, cell_parts, page
from s2p.train.palettes import keep_palette, kept_palette, lab_palette, palette_of
from s2p.train.recipe import Recipe
from s2p.weights import find, load_network

# Cells of the grid, taken in turn; any two in a row differ in height and in width. Small ones show a whole page
# coarsely, large ones as finely as it is painted.
SHAPES = ((64, 80), (80, 64), (128, 96), (80, 112), (112, 64))
_FULL = 64 * 80
_LEAVES_GROUND = 0.85  # of the people who colour a figure on white paper, and put no white hint beside it


@dataclass
class Reach(Recipe):
    """How far hints reach: `s2p train reach --data ART --out OUT --set more=DRAWINGS --set more_share=0.4`.

    Each cell of a page is explained as a mixture: it follows one of the hints, whose colour it then has but for a
    shade, or it has a colour of a palette. The loss is the negative logarithm of that likelihood (Laplacians in Lab),
    so the shares that come out are chances, and nothing is drawn to the mean of all colours.

    Attributes:
        hints: int. The most hints on a page.
        cells: int. Cells of a page on which the loss is measured, drawn anew every time.
        batch_size: pages of the smallest shape; of larger ones as many as have the same area.
        parts_weight: how much naming the parts counts, on pages that know them.
        untold: share of the pages on which nobody says what they show. Of pages that it learned from, the network
            `parts` knows more than it will of others.
    """

    batch_size: int = 12
    rate: float = 1.2e-3
    ema: float = 0.998
    hints: int = 64
    cells: int = 1024
    parts_weight: float = 0.1
    untold: float = 0.3
    name: str = field(default="reach", init=False)

    lines: ClassVar[str] = (
        "Lines of coloured pictures were drawn by program (XDoG, soft and two-valued) and by the line extractor, "
        "mixed, broken, toned and made pale."
    )
    read_by: ClassVar[str] = "s2p/reach.py"
    limits: ClassVar[str] = (
        "It knows regions by their lines: where a line is mostly gaps, figure and ground are one. The parts and the "
        "shade that it also answers are too weak to be used; `parts` and `s2p/pipelines/shading.py` do."
    )
    needs: ClassVar[tuple[str, ...]] = ("parts",)
    part: ClassVar[float] = 8.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._palette: np.ndarray | None = None
        self._namer: Network | None = None
        self._lock = Lock()

    @property
    def palette(self) -> np.ndarray:
        """`float32[PALETTE, 3]`, Lab / 100: k-means of the colours of the training pictures, common ones thinned."""
        if self._palette is None:
            self._palette = kept_palette(self.run, self.start)
        if self._palette is None:
            self._palette = lab_palette(palette_of(self.art, reach.PALETTE, seed=self.seed)[0])
        keep_palette(self.run, self._palette)
        return self._palette

    def model(self) -> keras.Model:
        """The network with its loss as last layer: what is compared has a shape of its own for every page."""
        from s2p.models.reach import reach_network

        self._network = network = reach_network(palette=self.palette)
        shapes = {
            "hint_cells": (None,), "hint_spots": (None, 2), "hint_colors": (None, 3), "missing": (None,),
            "cells": (None,), "spots": (None, 2), "costs": (None, None), "colors": (None, 3), "weights": (None,),
            "known_parts": (None,),
        }  # fmt: skip
        whole: dict[str, str] = dict.fromkeys(("hint_cells", "cells", "known_parts"), "int32")
        inputs = [keras.Input(shape, name=name, dtype=whole.get(name, "float32")) for name, shape in shapes.items()]
        maps, _ = network(network.inputs)
        loss = Likelihood(self.palette.tolist(), self.parts_weight, name="likelihood", dtype="float32")([maps, *inputs])
        return keras.Model([*network.inputs, *inputs], loss, name="reach_training")

    def losses(self) -> Any:
        return lambda _, found: found

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = SHAPES[step % len(SHAPES)]
        count = max(1, round(self.batch_size * _FULL / (shape[0] * shape[1])))
        samples = [self.sample(self.art.pick(random), shape, random) for _ in range(count)]
        return tuple(np.stack(part) for part in zip(*samples)), np.zeros((count, 1), np.float32)

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        (lines, *others), nothing = gathered
        return (tensors.ink(lines), *others), nothing

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator, *, hints: int | None = None
    ) -> tuple[np.ndarray, ...]:
        """The inputs of `model` for one page, without its batch, and in place of its ink its lines, `uint8[H, W]`."""
        size = (shape[0] * reach.CELL, shape[1] * reach.CELL)
        color, lines, parts = page(self.art, i, size, random)
        regions = divide(lines)
        grid = coarse(regions, reach.CELL)
        paper = reach.paper_cells(lines)
        lab = cell_colors(color, lines)
        count = hint_count(random, most=self.hints) if hints is None else hints
        points = place_points(regions, count, random)
        found = reach.places(regions, points)
        hint_colors = picked(lab, paper, grid, found)
        if random.random() < _LEAVES_GROUND:
            kept = ~(regions.grounds[found.homes] & reach.is_paper(hint_colors))
            points, hint_colors = points[kept], hint_colors[kept]
            found = reach.places(regions, points)
        cells = random.permutation(grid.size)[: self.cells]
        spare = self.hints - len(points)
        costs = found.costs[:, grid.ravel()[cells]].T
        weights = np.maximum(paper.ravel()[cells], 0.02) ** 2
        colors = lab.reshape(-1, 3)[cells]
        return (
            lines, reach.planes(regions, grid, found), self._named(lines, shape, random),
            _padded(found.cells, spare), _padded(found.points, spare),
            _padded(hint_colors, spare), _padded(np.zeros(len(points), np.float32), spare, 1.0),
            cells.astype(np.int32), reach.coordinates(grid.shape)[cells],
            _padded(costs.T, spare).T.astype(np.float16), colors,
            weights * (1.0 + 0.5 * reach.is_paper(colors)), cell_parts(parts, shape, reach.CELL).ravel()[cells],
        )  # fmt: skip

    def _named(self, lines: np.ndarray, shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
        """What the installed network `parts` says of a page, `float32[h, w, P]`."""
        if random.random() < self.untold:
            return np.zeros((*shape, len(NAMES)), np.float32)
        with self._lock:  # several threads gather
            if self._namer is None:
                self._namer = load_network(find("parts"), Settings(threads=1))
            return name_parts(self._namer, lines, shape)

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        random, rows = np.random.default_rng(7), []
        for number in range(24):
            i = self.art.pick(random)
            color, lines, _ = page(self.art, i, (384, 384), random)
            regions = divide(lines)
            points = place_points(regions, (0, 4, 12, 40)[number % 4], random)
            parts = self._named(lines, (96, 96), random)
            rows.append(_shown(self.network_of(model), self.palette, color, lines, regions, points, parts))
        write_sheet([[*rows[k], *rows[k + 1], *rows[k + 2]] for k in range(0, len(rows), 3)], path)


@keras.saving.register_keras_serializable(package="s2p")
class Likelihood(layers.Layer):
    """Negative log-likelihood of the colours of some cells, `float32[B, 1]`; see `Reach.model` for its inputs.

    Args:
        palette: K colours, Lab / 100.
        parts_weight: of the cross-entropy of the parts, where they are known (above 0).
    """

    def __init__(self, palette: list[list[float]], parts_weight: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.palette, self.parts_weight = palette, parts_weight

    def call(self, inputs: Any) -> Any:
        from keras import ops

        maps, hint_cells, hint_spots, hint_colors, missing, cells, spots, costs, colors, weights, parts = inputs
        shape = ops.shape(maps)
        flat = ops.reshape(maps, (shape[0], -1, reach.CHANNELS))
        here = ops.take_along_axis(flat, ops.expand_dims(cells, -1), axis=1)
        keys = ops.take_along_axis(flat, ops.expand_dims(hint_cells, -1), axis=1)
        follow, choose = reach.log_shares(ops, here, keys, spots, hint_spots, ops.cast(costs, maps.dtype), missing)
        # A hint was picked from a shade of its own: what differs is the shade between there and here.
        shade = reach.shade_of(here)[:, :, None, :] - reach.shade_of(keys)[:, None, :, :]
        lightness = ops.concatenate([shade, ops.zeros_like(shade), ops.zeros_like(shade)], axis=-1)
        off = colors[:, :, None, :] - hint_colors[:, None, :, :] - lightness
        palette = ops.convert_to_tensor(np.asarray(self.palette, "float32"))
        from_palette = colors[:, :, None, :] - palette[None, None]
        found = ops.concatenate([
            follow + reach.log_likelihood(ops, off, reach.HINT_SPREAD),
            choose + reach.log_likelihood(ops, from_palette, reach.PALETTE_SPREAD),
        ], axis=-1)
        likelihood = ops.logsumexp(found, axis=-1)
        loss = -ops.sum(likelihood * weights, axis=-1) / (ops.sum(weights, axis=-1) + 1e-3)
        known = ops.cast(parts > 0, maps.dtype)
        named = ops.log_softmax(reach.part_logits(here), axis=-1)
        named = ops.take_along_axis(named, ops.expand_dims(ops.maximum(parts - 1, 0), -1), axis=-1)[..., 0]
        naming = -ops.sum(named * known, axis=-1) / (ops.sum(known, axis=-1) + 1e-3)
        return ops.expand_dims(loss + self.parts_weight * naming + 1e-3 * ops.mean(reach.shade_of(here) ** 2), -1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (input_shape[0][0], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "palette": self.palette, "parts_weight": self.parts_weight}


def hint_count(random: np.random.Generator, *, most: int) -> int:
    """How many hints somebody gave: sometimes none, few more often than many."""
    if random.random() < 0.12:
        return 0
    return int(np.clip(np.exp(random.uniform(0, np.log(most + 1))), 1, most))


def place_points(regions: Regions, count: int, random: np.random.Generator) -> np.ndarray:
    """Points of a person, `float32[count, 2]`, x and y in [0, 1].

    Two thirds mean a region, large ones more often, and lie somewhere inside it, one in six close to a line; the rest
    lie anywhere on paper.
    """
    height, width = regions.labels.shape
    areas = regions.areas
    chance = np.where(areas > 4e-4, np.sqrt(areas), 0.0)
    flat, room = regions.labels.ravel(), regions.room.ravel()
    is_paper = np.flatnonzero(room > 1.0)
    is_paper = is_paper if len(is_paper) else np.arange(flat.size)
    anywhere = is_paper[random.integers(len(is_paper), size=count * 40)]
    found = np.empty((count, 2), np.float32)
    for k in range(count):
        some = anywhere[k * 40 : (k + 1) * 40]
        if chance.sum() > 0 and random.random() < 0.67:
            # Of forty places on the page, one is taken as if a region had been chosen first.
            odds = chance[flat[some]] / np.maximum(areas[flat[some]], 1e-6)
            odds = odds * (np.exp(-room[some]) if random.random() < 1 / 6 else np.sqrt(room[some]))
            place = some[random.choice(40, p=odds / odds.sum())] if odds.sum() > 0 else some[0]
        else:
            place = some[0]
        found[k] = (place % width + random.random()) / width, (place // width + random.random()) / height
    return found


def picked(lab: np.ndarray, paper: np.ndarray, grid: np.ndarray, found: reach.Places) -> np.ndarray:
    """The colours that somebody meant with hints, `float32[N, 3]`: those of the paper of the same region beside."""
    width = grid.shape[1]
    colors = np.empty((len(found.cells), 3), np.float32)
    for k, (cell, home) in enumerate(zip(found.cells, found.homes)):
        row, column = divmod(int(cell), width)
        window = (slice(max(row - 2, 0), row + 3), slice(max(column - 2, 0), column + 3))
        weight = paper[window] * (grid[window] == home) + 1e-4 * paper[window] + 1e-6
        # The cell that is most like all others: a median that is a colour which occurs.
        candidates, weight = lab[window].reshape(-1, 3), weight.ravel()
        apart = np.abs(candidates[:, None] - candidates[None]).sum(-1) @ weight
        colors[k] = candidates[np.where(weight > 0.5 * weight.max(), apart, np.inf).argmin()]
    return colors


def _padded(values: np.ndarray, spare: int, value: float = 0.0) -> np.ndarray:
    return np.pad(values, ((0, spare), *((0, 0),) * (values.ndim - 1)), constant_values=value)


def _shown(
    network: keras.Model, palette: np.ndarray, color: np.ndarray, lines: np.ndarray, regions: Regions,
    points: np.ndarray, parts: np.ndarray,
) -> list[np.ndarray]:
    """Drawing with its hints, likeliest colours, and picture; `uint8[H, W, 3]` each."""
    from s2p.nn.gradients import to_numpy

    grid = coarse(regions, reach.CELL)
    found = reach.places(regions, points)
    hint_colors = picked(cell_colors(color, lines), reach.paper_cells(lines), grid, found)
    maps, _ = network([tensors.ink(lines[None]), reach.planes(regions, grid, found)[None], parts[None]])
    maps = to_numpy(maps).reshape(1, -1, reach.CHANNELS)
    follow, choose = reach.log_shares(
        np, maps, maps[:, found.cells], reach.coordinates(grid.shape)[None], found.points[None],
        found.costs[:, grid.ravel()].T[None], np.zeros((1, len(points)), np.float32),
    )
    shares = np.exp(np.concatenate([follow, choose], -1)[0])
    mean = (shares @ np.concatenate([hint_colors, palette])).reshape(*grid.shape, 3)
    painted = cv2.resize(reach.rgb_of(mean), lines.shape[::-1], interpolation=cv2.INTER_NEAREST)
    drawing = np.repeat(lines[..., None], 3, -1)
    for (x, y), rgb in zip(points, reach.rgb_of(hint_colors)):
        centre = (int(x * lines.shape[1]), int(y * lines.shape[0]))
        cv2.circle(drawing, centre, 5, (0, 0, 0), -1)
        cv2.circle(drawing, centre, 4, [int(v) for v in rgb], -1)
    inked = (painted * (lines[..., None] / 255.0)).astype(np.uint8)
    return [drawing, inked, color]
