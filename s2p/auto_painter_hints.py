"""Turns colour hints into the tensors that the auto-painter reads (`s2p.models.auto_painter`)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from s2p.hintmap import REACH, TRAINED_EDGE, hint_map, points_of, unknown
from s2p.lineart import hard_norm, min_pool
from s2p.propagate import NONE, PAINTER_SURE, STRONG, Fill, encode_draft_hint, nearness, propagate
from s2p.schema import Hint

BLOCK_RADIUS = 4  # of the colour blocks, 9 x 9 px on the drawing (the paper's are 5 to 10 px wide)


def auto_painter_tensors(encoding: str, sketch: np.ndarray, hints: Iterable[Hint]) -> list[np.ndarray]:
    """The inputs of the auto-painter, each with a batch of one.

    Args:
        encoding: of the network. `propagated` and `points` are read by the turbo size: hints spread through the lines,
            or blocks where they lie. `blocks` and `masked` are read by the official size: blocks painted on the
            drawing, `masked` with a plane that is 1 there.
        sketch: `uint8[H, W]`, 255 = paper; multiples of 64.
        hints: colours, whatever their kind.

    Returns: see `s2p.models.auto_painter`.
    """
    if encoding in ("blocks", "masked"):
        drawn = hint_map(sketch.shape, hints, radius=BLOCK_RADIUS)
        painted = np.where(drawn[..., 3:] > 0, drawn[..., 2::-1], sketch[..., None].astype(np.float32)) / 127.5 - 1.0
        plane = [drawn[..., 3:] / 255.0] if encoding == "masked" else []
        return [np.concatenate([painted, *plane], -1).astype(np.float32)[None]]
    if encoding not in ("propagated", "points"):
        raise unknown(encoding, "auto_painter", "propagated, points, blocks or masked")
    walls, scale = min_pool(sketch, 2), min(sketch.shape) / TRAINED_EDGE
    if encoding == "propagated":
        fill = propagate(walls, points_of(hints), gap=5.0 * scale, sure=PAINTER_SURE)
    else:
        drawn = hint_map(walls.shape, hints, radius=BLOCK_RADIUS // 2)
        is_block = drawn[..., 3] > 0
        reach, far = np.where(is_block, STRONG, NONE).astype(np.uint8), np.zeros(walls.shape, np.float32)
        fill = Fill(np.ascontiguousarray(drawn[..., 2::-1]).astype(np.uint8), reach, is_block, far)
    some = fill.reach != NONE
    near = nearness(fill, reach=REACH * scale)
    certainty = np.stack([fill.reach == STRONG, fill.home & some, near, some], -1).astype(np.float32)
    hint = np.concatenate([fill.colors / np.float32(255.0) * some[..., None], certainty], -1)
    # The draft network works at half of that again; every second pixel, for a mean of two codes would be a third.
    small = Fill(*(values[::2, ::2] for values in (fill.colors, fill.reach, fill.home, fill.distance)))
    hard = hard_norm(min_pool(sketch, 4))[..., None].astype(np.float32)
    draft = np.concatenate([hard, encode_draft_hint(small)], -1)
    return [(1.0 - sketch[None, ..., None] / np.float32(255.0)).astype(np.float32), hint[None], draft[None]]
