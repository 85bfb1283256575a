"""Shards to `tf.data`: decoded, augmented, batched examples at more than a CPU training can eat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from s2p.errors import ConfigError, InputError

from . import hint_ops, ops, storage
from .records import decode_hdf5, read_index, shards_of

_FEATURES = {
    "key": tf.io.FixedLenFeature([], tf.string),
    "color": tf.io.FixedLenFeature([], tf.string),
    "lines": tf.io.FixedLenFeature([], tf.string),
    "tags": tf.io.VarLenFeature(tf.int64),
    "face": tf.io.FixedLenFeature([4], tf.float32),
}
_SPEC = {
    "key": tf.TensorSpec([], tf.string),
    "color": tf.TensorSpec([], tf.string),
    "lines": tf.TensorSpec([], tf.string),
    "tags": tf.TensorSpec([None], tf.int64),
    "face": tf.TensorSpec([4], tf.float32),
}


def load(
    folder: str, split: str = "train", *, size: int = 256, batch: int | None = None,
    augment: Sequence[ops.Op] | None = None, shuffle: int = 1024, repeat: bool = False, cache: bool | str = False,
    seed: int = 0, format: str | None = None, crops: int = 4,
) -> tf.data.Dataset:  # fmt: skip
    """Opens prepared shards as a dataset of dicts.

    Order: read, cache, shuffle, repeat, decode, ops, batch, prefetch. The stream is the same for the same seed.

    Args:
        folder: where `prepare` wrote, path or URL.
        split: `train` or `eval`.
        size: int. Side of the crops of the default ops.
        batch: int, or None for single examples.
        augment: ops from dict to dict, in order; None for `default_ops(size)` (`eval` gets no jitter, rotation or
            recolouring), `()` for whole pictures as they are stored.
        shuffle: int. Pictures in the shuffle buffer (encoded, about 0.2 MiB each); 0 for the order of the shards.
        repeat: True for an endless stream.
        cache: True to keep the encoded pictures in memory, a path to keep them in a file.
        seed: int.
        format: `tfrecord` or `hdf5`; whichever is there by default.
        crops: int. Examples made of one decoded picture, apart in the stream. Decoding takes as long as all the rest,
            so 4 is clearly faster than 1; whole pictures (`augment=()`) are never repeated.

    Returns:
        Dataset whose examples hold, with the default ops, `color uint8[S, S, 3]` RGB, `line uint8[S, S, 1]` (255 =
        paper), `hint uint8[S, S, 4]`, `hint_points`, `draft_hint uint8[S, S, 4]`, `draft_hint_points`, `face
        float32[4]`, `cit float32[370]`, `cvt float32[115]`, `key` and `seed`. Without ops: `color uint8[H, W, 3]`,
        `lines uint8[H, W, L]`, `tags int64[N]`, `face`, `key`, `seed`.

    Raises:
        InputError: there are no shards.
        ConfigError: an option is out of range.

    Example:
        dataset = load("OUT", "train", size=256, batch=8, repeat=True)
    """
    if size < 8 or crops < 1 or shuffle < 0 or (batch is not None and batch < 1):
        raise ConfigError(f"size, crops and batch must be positive. Received: {size=}, {crops=}, {batch=}, {shuffle=}.")
    index = read_index(folder)
    augment = default_ops(size, is_training=split == "train") if augment is None else augment
    crops = crops if augment else 1
    dataset = _encoded(folder, index, split, format or _format_of(index))
    if cache:
        dataset = dataset.cache(cache if isinstance(cache, str) else "")
    if shuffle:
        dataset = dataset.shuffle(shuffle, seed=seed, reshuffle_each_iteration=True)
    if repeat:
        dataset = dataset.repeat()
    decoder = _decoder(len(index["flavours"]), index["settings"].get("color_format", ""), seed)
    dataset = dataset.enumerate().map(decoder, num_parallel_calls=tf.data.AUTOTUNE)
    if crops > 1:
        dataset = dataset.flat_map(lambda example: _copies(example, crops))
    if crops > 1 and shuffle:
        dataset = dataset.shuffle(min(shuffle, 32) * crops, seed=seed)  # keeps siblings out of one batch, mostly
    if augment:
        dataset = dataset.map(_chain(augment), num_parallel_calls=tf.data.AUTOTUNE)
    if batch is not None:
        dataset = dataset.batch(batch, drop_remainder=repeat)
    return dataset.prefetch(tf.data.AUTOTUNE)


def default_ops(size: int, *, is_training: bool = True) -> tuple[ops.Op, ...]:
    """What a colour network trains on: crops, varied colours and lines, draft and exact hints, tag vectors."""
    colors = (ops.recolor_regions(), ops.color_jitter()) if is_training else ()
    geometry = (ops.random_crop(size), ops.flip()) if is_training else (ops.random_crop(size, zoom=(4.0, 4.0)),)
    return (
        *geometry, *((ops.rotate(probability=0.25),) if is_training else ()), *colors, ops.mix_lines(),
        hint_ops.sample_hints("hint", radius=2), hint_ops.sample_hints("draft_hint", radius=1, jitter=8.0),
        ops.tag_vectors(),
    )  # fmt: skip


def _encoded(folder: str, index: dict[str, Any], split: str, format: str) -> tf.data.Dataset:
    files = shards_of(index, split, format)
    if not files:
        raise InputError(f"{folder} holds no pictures for {split}. Raise --eval-share, or prepare more pictures.")
    places = [storage.join(folder, file["name"]) for file in files]
    if format == "hdf5" or any(storage.is_url(place) for place in places):
        if format != "hdf5":
            places = [storage.join(folder, file["name"]) for file in shards_of(index, split, "hdf5")]
        return tf.data.Dataset.from_generator(lambda: _records(places), output_signature=_SPEC)
    return tf.data.TFRecordDataset(places, buffer_size=1 << 20).map(_parse, num_parallel_calls=tf.data.AUTOTUNE)


def _records(places: list[str]) -> Iterator[dict[str, Any]]:
    for place in places:
        for record in decode_hdf5(storage.read_bytes(place), name=place):
            yield {"key": record.key, "color": record.color, "lines": record.lines, "tags": record.tags,
                   "face": record.face}  # fmt: skip


def _parse(serialized: tf.Tensor) -> ops.Example:
    example = tf.io.parse_single_example(serialized, _FEATURES)
    return {**example, "tags": tf.sparse.to_dense(example["tags"])}


def _decoder(flavours: int, color_format: str, seed: int):
    def decode(position: tf.Tensor, example: ops.Example) -> ops.Example:
        if color_format == "jpeg":
            color = tf.io.decode_jpeg(example["color"], channels=3, dct_method="INTEGER_ACCURATE")
        else:
            color = tf.io.decode_image(example["color"], channels=3, expand_animations=False)
            color.set_shape([None, None, 3])
        lines = tf.io.decode_png(example["lines"], channels=flavours)
        seeds = tf.stack([position, tf.constant(seed, tf.int64)])
        return {**example, "color": color, "lines": lines, "seed": seeds}

    return decode


def _copies(example: ops.Example, crops: int) -> tf.data.Dataset:
    seeds = tf.stack([example["seed"] + tf.constant([0, number << 40], tf.int64) for number in range(crops)])
    return tf.data.Dataset.from_tensor_slices(seeds).map(lambda seed: {**example, "seed": seed})


def _chain(augment: Sequence[ops.Op]) -> ops.Op:
    def op(example: ops.Example) -> ops.Example:
        for step in augment:
            example = step(example)
        return example

    return op


def _format_of(index: dict[str, Any]) -> str:
    formats = {format for entries in index["shards"].values() for entry in entries for format in entry["files"]}
    return "tfrecord" if "tfrecord" in formats else "hdf5"
