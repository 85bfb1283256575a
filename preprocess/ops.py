"""What happens to an example between the shard and the network: small functions from dict to dict, in graph mode.

Every op takes its chance from `example["seed"]`, so a stream repeats exactly with its seed, whatever the number of
threads. Pictures are `uint8[H, W, 3]` RGB, lines `uint8[H, W, L]` with 255 = paper; `face` is `float32[4]` as x, y,
width, height in fractions, -1 where there is none.

    for op in (random_crop(256), flip(), mix_lines(), sample_hints()):
        dataset = dataset.map(op)
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from s2p import tensors

Example = dict[str, Any]
Op = Callable[[Example], Example]


def random_crop(size: int, *, zoom: tuple[float, float] = (1.0, 1.6)) -> Op:
    """Cuts a random square and brings it to `size` pixels.

    Args:
        size: int. Side of the result.
        zoom: range of the cut's side in units of `size`; 1 keeps the resolution, more shows more of the picture.
            Pictures too small for it give their largest square.

    Returns:
        An op that changes `color`, `lines` and `face`.
    """

    def op(example: Example) -> Example:
        uniform = _uniform(example, "crop", 4)
        height, width = tf.shape(example["color"])[0], tf.shape(example["color"])[1]
        wanted = size * (zoom[0] + uniform[0] * (zoom[1] - zoom[0]))
        # a quarter is cut at its own resolution, where no interpolation softens the lines
        wanted = tf.where(uniform[3] < 0.25, float(size), wanted)
        side = tf.minimum(tf.cast(tf.round(wanted), tf.int32), tf.minimum(height, width))
        top = _below(uniform[1], height - side + 1)
        left = _below(uniform[2], width - side + 1)
        sized = {
            name: tensors.resized(example[name][top : top + side, left : left + side], (size, size)) for name in _PLANES
        }
        box = _crop_box(example["face"], top, left, side, height, width)
        return {**example, **sized, "face": box}

    return op


def flip(probability: float = 0.5) -> Op:
    """Mirrors left and right; changes `color`, `lines` and `face`."""

    def op(example: Example) -> Example:
        is_flipped = _uniform(example, "flip", 1)[0] < probability
        planes = {name: example[name] for name in _PLANES}
        mirror = lambda: {name: tensors.mirrored(plane) for name, plane in planes.items()}  # noqa: E731
        planes = tf.cond(is_flipped, mirror, lambda: planes)
        x, y, width, height = tf.unstack(example["face"])
        mirrored = tf.stack([1.0 - x - width, y, width, height])
        face = tf.where(is_flipped & (width > 0), mirrored, example["face"])
        return {**example, **planes, "face": face}

    return op


def rotate(degrees: float = 10.0, *, probability: float = 0.5) -> Op:
    """Turns a square picture by up to `degrees` and cuts the empty corners off, in one interpolation.

    The cut's side is `1 / (cos a + sin a)` of the picture's (0.9231 at 5 degrees, 0.8632 at 10), brought back to size.
    Changes `color`, `lines` and `face` (its box becomes the upright box around the turned one).
    """

    def op(example: Example) -> Example:
        uniform = _uniform(example, "rotate", 2)
        angle = (uniform[0] * 2.0 - 1.0) * (degrees * math.pi / 180.0)
        angle = tf.where(uniform[1] < probability, angle, 0.0)
        return tf.cond(tf.equal(angle, 0.0), lambda: example, lambda: _rotated(example, angle))

    return op


def color_jitter(*, hue: float = 0.5, saturation: float = 0.3, brightness: float = 0.1, probability: float = 0.5) -> Op:
    """Turns the hues of the whole picture and changes saturation and brightness; ink and paper keep their tone.

    Args:
        hue: float in [0, 0.5]. Largest turn of the colour wheel.
        saturation: float. The factor lies within 1 plus or minus this.
        brightness: float. Largest shift on the scale [0, 1].
        probability: of a change at all.

    Returns:
        An op that changes `color`.
    """

    def op(example: Example) -> Example:
        uniform = _uniform(example, "jitter", 4)
        signed = uniform[:3] * 2.0 - 1.0
        turned = lambda: _turn_colors(  # noqa: E731
            example["color"], signed[0] * hue, 1.0 + signed[1] * saturation, signed[2] * brightness
        )
        color = tf.cond(uniform[3] < probability, turned, lambda: example["color"])
        return {**example, "color": color}

    return op


def recolor_regions(*, colors: int = 6, probability: float = 0.5) -> Op:
    """Gives the regions of some colours another colour, so that no network can guess: only the hints tell.

    Colours are taken from random places; what is near one of them moves with it, shading included. Ink stays ink.

    Args:
        colors: int. How many colours are picked; about two of three of them move.
        probability: of a change at all.

    Returns:
        An op that changes `color`.
    """

    def op(example: Example) -> Example:
        uniform = _uniform(example, "recolor", 1)[0]
        color = tf.cond(
            uniform < probability, lambda: _recolored(example, colors), lambda: example["color"]
        )
        return {**example, "color": color}

    return op


def mix_lines(*, blend: float = 0.3, vary: float = 0.6) -> Op:
    """Replaces the flavours in `lines` by one drawing in `line`, `uint8[H, W, 1]`.

    Args:
        blend: share of examples that mix two flavours; the others show one.
        vary: share of examples whose lines get fainter, stronger, bolder or thinner.

    Returns:
        An op that removes `lines` and adds `line`.
    """

    def op(example: Example) -> Example:
        lines = example["lines"]
        count = lines.shape[2]
        uniform = _uniform(example, "mix", 7)
        first, second = _below(uniform[0], count), _below(uniform[1], count)
        share = tf.where(uniform[2] < blend, uniform[3], 0.0)
        ink = 255.0 - tensors.cast(tensors.mixed(lines, first, second, 1.0 - share))
        ink = tf.cond(uniform[4] < vary, lambda: _vary_ink(ink, uniform[5], uniform[6]), lambda: ink)
        line = tf.cast(tf.round(255.0 - tf.clip_by_value(ink, 0.0, 255.0)), tf.uint8)
        rest = {name: value for name, value in example.items() if name != "lines"}
        return {**rest, "line": line}

    return op


def fade_lines(*, most: float = 7.0) -> Op:
    """Brightens `line` by a factor between 1 and `most`: lines fade, paper stays white (Tag2Pix's late phase)."""

    def op(example: Example) -> Example:
        factor = 1.0 + _uniform(example, "fade", 1)[0] * (most - 1.0)
        return {**example, "line": tensors.faded(example["line"], factor)}

    return op


def tag_vectors() -> Op:
    """Replaces `tags` (ids) by `cit float32[370]` and `cvt float32[115]`, 1 where a tag is present."""
    from s2p.tags import vocabulary

    words = vocabulary()
    kinds = {"cit": words.cit, "cvt": words.cvt}

    def op(example: Example) -> Example:
        rest = {name: value for name, value in example.items() if name != "tags"}
        for name, ids in kinds.items():
            present = tf.reduce_any(tf.equal(example["tags"][:, None], tf.constant(ids, tf.int64)[None]), axis=0)
            rest[name] = tf.cast(present, tf.float32)
        return rest

    return op


def without(*names: str) -> Op:
    """Removes entries, for instance before batching."""
    return lambda example: {name: value for name, value in example.items() if name not in names}


_PLANES = ("color", "lines")  # kept apart: joining channels costs more than a second interpolation

# Parts ----------------------------------------------------------------------------------------------------------------


def _uniform(example: Example, name: str, count: int) -> tf.Tensor:
    """`float32[count]` in [0, 1), of this example and this op alone."""
    seed = tf.cast(example["seed"], tf.int64) + tf.constant([0, zlib.crc32(name.encode()) << 20], tf.int64)
    return tf.random.stateless_uniform([count], seed)


def _below(uniform: tf.Tensor, count: Any) -> tf.Tensor:
    """A whole number in [0, count)."""
    count = tf.cast(count, tf.int32)
    return tf.minimum(tf.cast(uniform * tf.cast(count, tf.float32), tf.int32), count - 1)


def _crop_box(face: tf.Tensor, top: Any, left: Any, side: Any, height: Any, width: Any) -> tf.Tensor:
    """The face box in the cut; -1 where less than half of the face is left."""
    top, left, side, height, width = (tf.cast(v, tf.float32) for v in (top, left, side, height, width))
    x0, y0 = face[0] * width - left, face[1] * height - top
    x1, y1 = x0 + face[2] * width, y0 + face[3] * height
    cut = [tf.clip_by_value(v, 0.0, side) for v in (x0, y0, x1, y1)]
    area, whole = (cut[2] - cut[0]) * (cut[3] - cut[1]), (x1 - x0) * (y1 - y0)
    box = tf.stack([cut[0], cut[1], cut[2] - cut[0], cut[3] - cut[1]]) / side
    return tf.where((face[2] > 0) & (area >= 0.5 * whole), box, tf.fill([4], -1.0))


def inner_share(angle: Any) -> tf.Tensor:
    """Side of the square without empty corners in a turned square, as a share of its side; `angle` in radians."""
    return 1.0 / (tf.cos(tf.abs(angle)) + tf.sin(tf.abs(angle)))


def _rotated(example: Example, angle: tf.Tensor) -> Example:
    side = tf.cast(tf.shape(example["color"])[0], tf.float32)
    scale = inner_share(angle)
    cos, sin = tf.cos(angle) * scale, tf.sin(angle) * scale
    middle = (side - 1.0) / 2.0
    transform = tf.stack(
        [cos, -sin, middle - cos * middle + sin * middle, sin, cos, middle - sin * middle - cos * middle, 0.0, 0.0]
    )
    turned = {}
    for name in _PLANES:
        plane = tf.raw_ops.ImageProjectiveTransformV3(
            images=example[name][None], transforms=transform[None], output_shape=tf.shape(example[name])[:2],
            fill_value=255.0, interpolation="BILINEAR", fill_mode="NEAREST",
        )  # fmt: skip
        turned[name] = tf.ensure_shape(plane[0], example[name].shape)
    return {**example, **turned, "face": _rotate_box(example["face"], angle, scale)}


def _rotate_box(face: tf.Tensor, angle: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    x, y, width, height = (face[i] for i in range(4))
    xs, ys = tf.stack([x, x + width, x, x + width]) - 0.5, tf.stack([y, y, y + height, y + height]) - 0.5
    # the transform maps the result to the source; points go the other way
    new_x = (tf.cos(angle) * xs + tf.sin(angle) * ys) / scale + 0.5
    new_y = (-tf.sin(angle) * xs + tf.cos(angle) * ys) / scale + 0.5
    low_x, low_y = tf.maximum(tf.reduce_min(new_x), 0.0), tf.maximum(tf.reduce_min(new_y), 0.0)
    high_x, high_y = tf.minimum(tf.reduce_max(new_x), 1.0), tf.minimum(tf.reduce_max(new_y), 1.0)
    box = tf.stack([low_x, low_y, high_x - low_x, high_y - low_y])
    return tf.where((width > 0) & (high_x > low_x) & (high_y > low_y), box, tf.fill([4], -1.0))


def _turn_colors(color: tf.Tensor, hue: tf.Tensor, saturation: tf.Tensor, brightness: tf.Tensor) -> tf.Tensor:
    """One 3 x 3 matrix turns hue and scales saturation around the gray axis, which keeps the luma."""
    to_yiq = tf.constant([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
    cos, sin = tf.cos(2 * math.pi * hue) * saturation, tf.sin(2 * math.pi * hue) * saturation
    turn = tf.stack([tf.stack([1.0, 0.0, 0.0]), tf.stack([0.0, cos, -sin]), tf.stack([0.0, sin, cos])])
    matrix = tf.linalg.inv(to_yiq) @ turn @ to_yiq
    values = tf.reshape(tf.cast(color, tf.float32), [-1, 3])
    turned = tf.clip_by_value(tf.linalg.matmul(values, matrix, transpose_b=True), 0.0, 255.0)
    turned += turned * (255.0 - turned) * (brightness * 4.0 / 255.0)  # middle tones move; black and white do not
    return tf.reshape(tf.cast(turned, tf.uint8), tf.shape(color))


def _recolored(example: Example, colors: int) -> tf.Tensor:
    color = example["color"]
    values = tf.reshape(tf.cast(color, tf.float32), [-1, 3])
    uniform = tf.reshape(_uniform(example, "regions", colors * 5), [colors, 5])
    centers = tf.gather(values, _below(uniform[:, 0], tf.shape(values)[0]))
    luma = tf.linalg.matvec(centers, [0.299, 0.587, 0.114])
    targets = uniform[:, 1:4] * 255.0
    # a new hue at about the old brightness: lines must still fit the picture
    wanted = luma + (uniform[:, 3] - 0.5) * 80.0
    targets += (wanted - tf.linalg.matvec(targets, [0.299, 0.587, 0.114]))[:, None]
    targets = tf.clip_by_value(targets, 0.0, 255.0)
    is_paint = tf.clip_by_value((tf.reduce_max(centers, axis=1, keepdims=True) - 40.0) / 60.0, 0.0, 1.0)
    moves = tf.where((uniform[:, 4] < 0.67)[:, None], targets - centers, 0.0) * is_paint
    # softmax of minus the squared distance to every centre; a black centre that stays takes what is ink. Colours lie in
    # columns, because products and exponentials over long rows are several times as fast as over rows of seven.
    centers = tf.concat([centers, tf.zeros([1, 3])], axis=0)
    moves = tf.concat([moves, tf.zeros([1, 3])], axis=0)
    columns = tf.transpose(values)
    likeness = tf.linalg.matmul(centers / 400.0, columns) - (tf.reduce_sum(centers**2, axis=1) / 800.0)[:, None]
    weights = tf.exp(likeness - tf.reduce_max(likeness, axis=0, keepdims=True))
    moved = columns + tf.linalg.matmul(moves, weights, transpose_a=True) / tf.reduce_sum(weights, axis=0, keepdims=True)
    moved = tf.transpose(tf.cast(tf.clip_by_value(moved, 0.0, 255.0), tf.uint8))
    return tf.reshape(moved, tf.shape(color))


def _vary_ink(ink: tf.Tensor, kind: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """A third each: tone times 0.5 to 1.5, bolder by up to one pixel, thinner by up to half a pixel."""
    spread = lambda: _extreme(ink, tf.maximum)  # noqa: E731
    shrunk = lambda: _extreme(ink, tf.minimum)  # noqa: E731
    toned = lambda: ink * (0.5 + amount)  # noqa: E731
    bolder = lambda: ink + (spread() - ink) * amount  # noqa: E731
    thinner = lambda: ink + (shrunk() - ink) * amount * 0.5  # noqa: E731
    return tf.switch_case(_below(kind, 3), [toned, bolder, thinner])


def _extreme(plane: tf.Tensor, extreme: Callable[..., tf.Tensor]) -> tf.Tensor:
    """3 x 3 maximum or minimum of `float32[H, W, 1]`; some ten times faster than pooling with one channel."""
    padded = tf.pad(plane, [[1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    rows = extreme(extreme(padded[:-2], padded[1:-1]), padded[2:])
    return extreme(extreme(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
