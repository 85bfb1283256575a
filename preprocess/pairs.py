"""Side-by-side folders: pictures twice as wide as high, a sketch in one half and its colours in the other.

Such are the training folders of Liu et al. (2017, arXiv:1705.01908). Published collections disagree
on the side, and training on swapped halves fails silently, so the side is detected by saturation and ambiguous pictures
are refused.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from s2p.errors import InputError, S2PError
from s2p.image import encode_image, flatten_alpha, load_image, save_image

from . import storage
from .plan import has_picture_name, split_of
from .records import NO_FACE, Record, encode_lines, read_hdf5, read_index, write_index, write_shard

Side = Literal["left", "right"]
_GRAY_SATURATION = 12.0  # a scanned sketch stays below, in levels of 255
_RATIO = 2.5  # and the colours must be that many times as saturated


def split_pair(image: np.ndarray, *, position: str = "auto") -> tuple[np.ndarray, np.ndarray]:
    """Cuts a pair apart.

    Args:
        image: `uint8[H, 2W, 3]` RGB.
        position: where the sketch is: `left`, `right`, or `auto` to see for itself.

    Returns:
        `(sketch uint8[H, W], color uint8[H, W, 3])`, whatever the side.

    Raises:
        InputError: the picture is not a pair, or it cannot be told which half is the sketch.
    """
    height, width = image.shape[:2]
    if width % 2 or width < 2 or not 0.5 <= width / 2 / height <= 2:
        raise InputError(f"A pair must be two pictures side by side, about 2:1. Received: {width} x {height}.")
    left, right = image[:, : width // 2], image[:, width // 2 :]
    side = sketch_side(left, right) if position == "auto" else position
    if side not in ("left", "right"):
        raise InputError(f"The position must be auto, left or right. Received: {position!r}.")
    sketch, color = (left, right) if side == "left" else (right, left)
    return cv2.cvtColor(np.ascontiguousarray(sketch), cv2.COLOR_RGB2GRAY), np.ascontiguousarray(color)


def sketch_side(left: np.ndarray, right: np.ndarray) -> Side:
    """The half that is nearly gray while the other is not; raises `InputError` when that is not clear."""
    grays = saturation(left), saturation(right)
    low, high = min(grays), max(grays)
    if low > _GRAY_SATURATION or high < _RATIO * max(low, 2.0):
        raise InputError(
            f"it is not clear which half is the sketch (mean saturation {grays[0]:.1f} left, {grays[1]:.1f} right). "
            "Say it with --position."
        )
    return "left" if grays[0] < grays[1] else "right"


def saturation(image: np.ndarray) -> float:
    """Mean difference of the highest and lowest channel of `uint8[H, W, 3]`, in levels."""
    return float((image.max(axis=2).astype(np.int16) - image.min(axis=2)).mean())


def join_pair(sketch: np.ndarray, color: np.ndarray, *, sketch_on: str = "right") -> np.ndarray:
    """Puts `uint8[H, W]` and `uint8[H, W, 3]` side by side: `uint8[H, 2W, 3]`."""
    gray = np.repeat(sketch[..., None], 3, axis=2)
    return np.hstack([gray, color] if sketch_on == "left" else [color, gray])


def import_pairs(
    folder: str, output: str, *, position: str = "auto", eval_share: float = 0.02, lines: str | None = None
) -> tuple[int, list]:
    """Makes shards with the one flavour `drawn` from a folder of pairs.

    Args:
        folder, output: paths or URLs.
        position: see `split_pair`.
        eval_share: float. Share of pairs for evaluation.
        lines: a second folder with the line art, of the same names; then `folder` holds coloured pictures alone.

    Returns:
        The number of pairs and `(name, reason)` of the refused files.
    """
    records: dict[str, list[Record]] = {"train": [], "eval": []}
    failures: list[tuple[str, str]] = []
    drawn = None if lines is None else {_without_suffix(key): key for key in storage.list_files(lines)}
    for key in storage.list_files(folder):
        if not has_picture_name(key):
            continue
        try:
            data = storage.read_bytes(storage.join(folder, key))
            color = flatten_alpha(load_image(data, name=key))
            if lines is None or drawn is None:
                sketch, color = split_pair(color, position=position)
            else:
                sketch = _partner(lines, drawn, key, color)
        except S2PError as error:
            failures.append((key, str(error)))
            continue
        sha256 = hashlib.sha256(data).hexdigest()
        records[split_of(sha256, eval_share)].append(Record(
            key, sha256, encode_image(color, "jpeg"), encode_lines(sketch[..., None]), *sketch.shape, face=NO_FACE
        ))  # fmt: skip
    shards = []
    for split, members in records.items():
        members.sort(key=lambda record: (record.sha256, record.key))
        for start in range(0, len(members), 256):
            part = members[start : start + 256]
            fingerprint = hashlib.sha256("".join(record.sha256 for record in part).encode()).hexdigest()
            name = f"{split}-{start // 256:05d}-of-{-(-len(members) // 256):05d}"
            shards.append(write_shard(output, name, split=split, fingerprint=fingerprint, records=part,
                                      formats=("tfrecord", "hdf5"), flavours=("drawn",), report=[]))  # fmt: skip
    if shards:
        write_index(output, shards=shards, flavours=("drawn",), settings={"pairs": folder.rsplit("/", 1)[-1]})
    return sum(len(members) for members in records.values()), failures


def write_pairs(
    folder: str, output: str | Path, *, split: str = "train", flavour: str | None = None, sketch_on: str = "right",
    size: int | None = None,
) -> int:  # fmt: skip
    """Writes the pictures of shards as side-by-side PNG files.

    Returns:
        The number of files.
    """
    if sketch_on not in ("left", "right"):
        raise InputError(f"The sketch must be left or right. Received: {sketch_on!r}.")
    flavours = read_index(folder)["flavours"]
    if flavour is not None and flavour not in flavours:
        raise InputError(f"These shards hold the flavours {', '.join(flavours)}. Received: {flavour!r}.")
    plane = 0 if flavour is None else flavours.index(flavour)
    Path(output).mkdir(parents=True, exist_ok=True)
    count = 0
    for example in read_hdf5(folder, split):
        _write_pair(example, plane, Path(output), sketch_on)
        count += 1
    return count


def _partner(lines: str, drawn: dict[str, str], key: str, color: np.ndarray) -> np.ndarray:
    """The line art of a picture from the folder beside it, `uint8[H, W]`."""
    name = drawn.get(_without_suffix(key))
    if name is None:
        raise InputError(f"there is no line art of that name in {lines}")
    page = flatten_alpha(load_image(storage.read_bytes(storage.join(lines, name)), name=name))
    if page.shape != color.shape:
        raise InputError(f"its line art is {page.shape[1]} x {page.shape[0]}, the picture {color.shape[1]} x "
                         f"{color.shape[0]}; both must be of one size")  # fmt: skip
    return cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)


def _without_suffix(key: str) -> str:
    folder, _, name = key.rpartition("/")
    return f"{folder}/{name.rpartition('.')[0] or name}"


def _write_pair(example: dict[str, Any], plane: int, output: Path, sketch_on: str) -> None:
    sketch, color = example["lines"][..., plane], example["color"]
    stem = Path(example["key"].replace("/", "_").replace("#", "_")).stem
    save_image(join_pair(sketch, color, sketch_on=sketch_on), output / f"{stem}_{example['sha256'][:8]}.png")
