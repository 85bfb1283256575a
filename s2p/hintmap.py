"""Turns colour hints into the tensors that the draft network and the painters read.

A network says in `Network.encoding` how it wants its hints. `points` is V3's own way: small squares of colour on
nothing. Every kind of network of the six has a function here that knows its encodings: `draft_tensor` and
`painter_tensor`. What hints that spread look like inside a tensor is written in `s2p.propagate`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from s2p.colors import NO_HINT, yuv
from s2p.errors import S2PError
from s2p.image import resize_to
from s2p.lineart import min_pool, without_tones
from s2p.propagate import DRAFT_SURE, PAINTER_SURE, encode_draft_hint, encode_layered_hint, propagate
from s2p.schema import Hint, Hints

# Half edges of the squares: 3 x 3 px on the draft's grid, 5 x 5 px on the painter's.
DRAFT_RADIUS, EXACT_RADIUS = 1, 2

Points = list[tuple[float, float, tuple[int, int, int]]]
TRAINED_EDGE, REACH = 512, 20.0  # px: painters were trained on drawings of this short edge, with hints felt so far


def hint_map(shape: tuple[int, ...], hints: Iterable[Hint], *, radius: int) -> np.ndarray:
    """Draws hints as filled squares, later ones over earlier ones.

    Args:
        shape: `(height, width, ...)` of the grid.
        hints: the hints to draw, whatever their kind; x and y from the top-left.
        radius: half edge of a square in pixels.

    Returns: `float32[H, W, 4]`, **B, G, R** 0..255 and 255 where a hint lies, 0 elsewhere.
    """
    height, width = shape[:2]
    result = np.zeros((height, width, 4), np.float32)
    for hint in hints:
        row, column = int(hint.y * height), int(hint.x * width)
        red, green, blue = hint.rgb
        # Only the low ends can fall below 0, where a slice would wrap around: clamped.
        rows = slice(max(row - radius, 0), row + radius + 1)
        columns = slice(max(column - radius, 0), column + radius + 1)
        result[rows, columns] = (blue, green, red, 255)
    return result


def draft_tensor(encoding: str, sketch: np.ndarray, hints: Hints, *, walls: np.ndarray | None = None) -> np.ndarray:
    """The input of `baby`.

    Args:
        encoding: `Network.encoding` of the draft network, `points` or `propagated`.
        sketch: `uint8[H, W]`, the hard drawing with short edge 128, 0 = ink.
        hints: all hints of the artist; only draft hints count.
        walls: `uint8[H, W]`, a softer drawing that stops the spreading of `propagated` hints; `sketch` by default.

    Returns: `float32[1, H, W, 4]`: drawing 0..255 (255 = paper), then Y, U, V of the hints (B, G, R order inside).
    """
    hints = hints.of("draft")
    if encoding == "points":
        drawn = hint_map(sketch.shape, hints, radius=DRAFT_RADIUS)
        has_hint = drawn[..., 3:] >= 128.0
        encoded = np.where(has_hint, yuv(drawn), np.array(NO_HINT, np.float32))
        return np.concatenate([sketch[..., None], encoded], axis=-1).astype(np.float32)[None]
    if encoding == "propagated":
        spread = propagate(sketch if walls is None else walls, points_of(hints), sure=DRAFT_SURE)
        encoded = encode_draft_hint(spread)
        return np.concatenate([sketch[..., None].astype(np.float32), encoded], axis=-1)[None]
    raise unknown(encoding, "baby", "points or propagated")


def painter_tensor(
    encoding: str, sketch: np.ndarray, hints: Hints, composition: np.ndarray, *, tonal: bool = False
) -> np.ndarray:
    """The hint input of `head` and `neck`.

    Args:
        encoding: `Network.encoding` of the painter, `points` or `layered`.
        sketch: `uint8[H, W]`, the drawing at full working size, 255 = paper.
        hints: all hints of the artist; only exact hints count.
        composition: `uint8[h, w, 3]`, RGB, of any size; not read by `points`.
        tonal: the drawing has tones, which must not stop the spreading of hints as ink does.

    Returns: `float32[1, H, W, 3]`; for `points` **B, G, R** in [-1, 1], zero where there is no hint.
    """
    hints = hints.of("exact")
    if encoding == "points":
        return points_hint(sketch.shape, hints)[None]
    if encoding == "layered":
        # Painters work at half the drawing's size, so that is where colours are spread.
        walls = min_pool(without_tones(sketch) if tonal else sketch, 2)
        guess = resize_to(composition, walls.shape, 1)
        return layered_hint(walls, points_of(hints), guess, edge=min(sketch.shape))[None]
    raise unknown(encoding, "head/neck", "points or layered")


def layered_hint(walls: np.ndarray, points: Points, guess: np.ndarray, *, edge: int) -> np.ndarray:
    """Hints as our painters read them, of a drawing or, in training, of a piece of one.

    Args:
        walls: `uint8[H, W]`, 255 = paper: the drawing at half its size, where colours are spread.
        points: places and colours.
        guess: `uint8[H, W, 3]`, RGB, the composition.
        edge: px, short edge of the whole drawing at full size, which the distances go by.

    Returns: `float32[2H, 2W, 3]` of `s2p.propagate.encode_layered_hint`.
    """
    scale = edge / TRAINED_EDGE
    fill = propagate(walls, points, gap=5.0 * scale, sure=PAINTER_SURE * (edge / (2 * min(walls.shape))))
    return encode_layered_hint(fill, guess, reach=REACH * scale)


def points_hint(shape: tuple[int, ...], hints: Iterable[Hint]) -> np.ndarray:
    """Hints as V3's painters read them: squares of 5 x 5 px where they lie.

    Args:
        shape: `(height, width, ...)` of the drawing at full working size.
        hints: the hints to draw, whatever their kind, later ones over earlier ones.

    Returns: `float32[H, W, 3]`, **B, G, R** in [-1, 1], zero where there is no hint.
    """
    drawn = hint_map(shape, hints, radius=EXACT_RADIUS)
    return (drawn[..., :3] / 127.5 - 1.0) * (drawn[..., 3:] / 255.0)


def points_of(hints: Iterable[Hint]) -> Points:
    """Places and colours of hints, as `s2p.propagate` takes them."""
    return [(hint.x, hint.y, hint.rgb) for hint in hints]


def unknown(encoding: str, network: str, known: str) -> S2PError:
    """The error of a network whose hint encoding nobody knows."""
    return S2PError(
        f"The hint encoding of {network} must be {known}. Received: {encoding!r}. "
        "The weights may be from a newer version; update s2p or use other weights."
    )
