"""Simulated hints: what an artist would have told the network about a picture that is already coloured.

Ops from dict to dict in graph mode, as in `preprocess.ops`. Points are taken from paint, not from ink, with the colour
that is really there, so that a network learns to obey.
"""

from __future__ import annotations

import tensorflow as tf

from .ops import Example, Op, _below, _uniform

_CANDIDATES = 4  # places tried for a point; the one with the least ink wins


def sample_hints(
    name: str = "hint", *, most: int = 32, radius: int = 2, none: float = 0.5, jitter: float = 0.0
) -> Op:
    """Puts coloured points on the picture.

    Args:
        name: of the entry that is added; `<name>_points` holds the points themselves.
        most: int. Largest number of points; small numbers are more frequent.
        radius: int. A point covers `2 * radius + 1` pixels squared: 2 as V3's exact hints, 1 as its draft hints.
        none: share of examples without any hint.
        jitter: float in levels. How far colours are off, for draft hints that only mean roughly.

    Returns:
        An op that adds `<name> uint8[H, W, 4]` (RGB, and 255 where a point lies, later points on top) and
        `<name>_points float32[most, 5]` (x, y, red, green, blue in [0, 1]; rows of -1 where there is no point).
    """

    def op(example: Example) -> Example:
        color = tf.cast(example["color"], tf.float32)
        height, width = tf.shape(color)[0], tf.shape(color)[1]
        uniform = _uniform(example, name, 2 + most * (_CANDIDATES * 2 + 3))
        count = tf.where(uniform[0] < none, 0, 1 + _below(uniform[1] ** 2, most))
        places = tf.reshape(uniform[2 : 2 + most * _CANDIDATES * 2], [most, _CANDIDATES, 2])
        rows, columns = _below(places[:, :, 0], height), _below(places[:, :, 1], width)
        rows, columns = _least_ink(example, rows, columns)
        noise = tf.reshape(uniform[2 + most * _CANDIDATES * 2 :], [most, 3]) * 2.0 - 1.0
        shades = tf.clip_by_value(_patch_mean(color, rows, columns) + jitter * noise, 0.0, 255.0)
        is_used = tf.range(most) < count
        plane = _paint(rows, columns, tf.cast(tf.round(shades), tf.uint8), is_used, height, width, radius)
        x = (tf.cast(columns, tf.float32) + 0.5) / tf.cast(width, tf.float32)
        y = (tf.cast(rows, tf.float32) + 0.5) / tf.cast(height, tf.float32)
        points = tf.concat([x[:, None], y[:, None], shades / 255.0], axis=1)
        points = tf.where(is_used[:, None], points, -1.0)
        plane = tf.ensure_shape(plane, [*example["color"].shape[:2], 4])
        return {**example, name: plane, f"{name}_points": points}

    return op


def color_blocks(name: str = "blocks", *, count: int = 50, none: float = 0.5) -> Op:
    """Hints of Liu et al. (2017): small squares of blurred colour, where the picture is smooth and not white.

    From a random pixel it walks diagonally while neighbours differ by less than 30 (sum over the channels) and less
    than 20 pixels are covered; walks of 10 pixels or more become squares of 5 to 10 pixels.

    Args:
        name: of the entry that is added.
        count: int. Largest number of squares; fewer where few places are smooth.
        none: share of examples without any.

    Returns:
        An op that adds `<name> uint8[H, W, 4]`: RGB, and 255 where a square lies, so that white and black can be told
        from paper and ink (the original burns them into the sketch).
    """

    def op(example: Example) -> Example:
        color = tf.cast(example["color"], tf.float32)
        height, width = tf.shape(color)[0], tf.shape(color)[1]
        tries = 6 * count
        uniform = _uniform(example, name, 1 + 2 * tries)
        rows = _below(uniform[1 : 1 + tries], height)
        columns = _below(uniform[1 + tries :], width)
        steps = tf.range(11)
        path_rows = tf.minimum(rows[:, None] + steps, height - 1)
        path_columns = tf.minimum(columns[:, None] + steps, width - 1)
        shades = tf.gather_nd(color, tf.stack([path_rows, path_columns], axis=2))
        change = tf.reduce_sum(tf.abs(shades[:, 1:] - shades[:, :-1]), axis=2)
        is_inside = (rows[:, None] + steps[1:] < height) & (columns[:, None] + steps[1:] < width)
        length = tf.reduce_sum(tf.math.cumprod(tf.cast((change < 30.0) & is_inside, tf.int32), axis=1), axis=1)
        is_white = tf.reduce_all(shades[:, 0] > 254.0, axis=1)
        good = tf.cast((2 * length >= 10) & ~is_white, tf.int32)
        is_on = tf.cast(uniform[0] >= none, tf.int32)
        chosen = good * tf.cast(tf.cumsum(good) <= count, tf.int32) * is_on
        covered = _cover(rows, columns, length * chosen, height, width)
        mask = tf.where(covered[:, :, None], tf.constant(255, tf.uint8), tf.constant(0, tf.uint8))
        soft = tf.cast(tf.round(_blur(color)), tf.uint8)
        plane = tf.concat([tf.where(covered[:, :, None], soft, tf.zeros_like(soft)), mask], axis=2)
        return {**example, name: tf.ensure_shape(plane, [*example["color"].shape[:2], 4])}

    return op


def _least_ink(example: Example, rows: tf.Tensor, columns: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Of the candidates `int32[N, C]` the one on the whitest spot of `line` (or of the first flavour)."""
    line = example["line"] if "line" in example else example["lines"][..., :1]
    paper = tf.gather_nd(line[..., 0], tf.stack([rows, columns], axis=2))
    best = tf.argmax(paper, axis=1, output_type=tf.int32)
    return tf.gather(rows, best, batch_dims=1), tf.gather(columns, best, batch_dims=1)


def _patch_mean(color: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Mean colour of the 3 x 3 patches around points, `float32[N, 3]`."""
    limits = tf.shape(color)[:2] - 1
    offsets = tf.constant([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)], tf.int32)
    places = tf.stack([rows, columns], axis=1)[:, None] + offsets
    places = tf.clip_by_value(places, 0, limits)
    return tf.reduce_mean(tf.gather_nd(color, places), axis=1)


def _paint(rows, columns, shades, is_used, height, width, radius) -> tf.Tensor:
    """Squares on an empty page, later ones on top: the largest index wins a pixel, in every order of execution."""
    count = tf.shape(rows)[0]
    span = range(-radius, radius + 1)
    offsets = tf.constant([[i, j] for i in span for j in span], tf.int32)
    places = tf.stack([rows, columns], axis=1)[:, None] + offsets
    size = tf.stack([height, width])
    is_inside = tf.reduce_all((places >= 0) & (places < size), axis=2) & is_used[:, None]
    order = tf.where(is_inside, tf.range(count)[:, None] + 1, 0)
    owner = tf.zeros([height, width], tf.int32)
    owner = tf.tensor_scatter_nd_max(owner, tf.clip_by_value(places, 0, size - 1), order)
    palette = tf.concat([shades, tf.fill([count, 1], tf.constant(255, tf.uint8))], axis=1)
    palette = tf.concat([tf.zeros([1, 4], tf.uint8), palette], axis=0)
    return tf.gather(palette, owner)


def _cover(rows, columns, sides, height, width) -> tf.Tensor:
    """`bool[H, W]`: the union of squares that start at points and are `sides` pixels wide."""
    offsets = tf.constant([[i, j] for i in range(10) for j in range(10)], tf.int32)
    places = tf.stack([rows, columns], axis=1)[:, None] + offsets
    size = tf.stack([height, width])
    is_on = tf.reduce_max(offsets, axis=1)[None] < sides[:, None]
    marks = tf.cast(is_on & tf.reduce_all(places < size, axis=2), tf.int32)
    page = tf.zeros([height, width], tf.int32)
    return tf.tensor_scatter_nd_max(page, tf.clip_by_value(places, 0, size - 1), marks) > 0


def _blur(color: tf.Tensor) -> tf.Tensor:
    """About a Gaussian of sigma 5, computed at a quarter of the size: nobody sees the difference in flat squares."""
    size = tf.shape(color)[:2]
    small = tf.image.resize(color, (size + 3) // 4, antialias=True)[None]
    kernel = tf.constant([0.11, 0.24, 0.30, 0.24, 0.11])
    kernel = tf.tile((kernel[:, None] * kernel[None])[:, :, None, None], [1, 1, 3, 1])
    padded = tf.pad(small, [[0, 0], [2, 2], [2, 2], [0, 0]], "SYMMETRIC")
    soft = tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")
    return tf.image.resize(soft[0], size)
