"""Pictures for training, decoded once and read from a memory map ever after.

`s2p prepare` writes shards of encoded pictures. The first training on them decodes the pictures into the folder
`decoded` beside the shards: `color.raw` (`uint8[H, W, 3]` RGB pictures one after another), `lines.raw`
(`uint8[H, W, L]`, L flavours of line art, 255 = paper), `parts.raw` where the shards know the parts (`uint8[H, W]`, the
numbers of `preprocess/synthetic/parts.py`), and `index.json`, which holds tags and what they say of garments, too. The
short edge is 512, the working size at zoom 0.5; what is longer than 832 is cut, centred in width, from the top in
height.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
from tqdm import tqdm

from s2p.errors import InputError
from s2p.files import write_whole
from s2p.image import FORMATS as PICTURES
from s2p.train.borrowed.unpack import FORMAT, unpack_pictures
from s2p.train.decoded import UNKNOWN_PART as UNKNOWN_PART
from s2p.train.decoded import Writer, alone
from s2p.train.encoded import column, decode, decode_color


class Art:
    """Random access to the pictures of one folder.

    Args:
        folder: of shards, or of decoded pictures. `self.folder` is that of the decoded ones.

    Raises:
        InputError: it holds neither.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = folder = _decoded(Path(folder))
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.index: list[list[Any]] = index["pictures"]
        self.flavours: int = index["flavours"]
        self._tags: list[list[int]] = index.get("tags") or [[] for _ in self.index]
        self._garments: list[dict[str, int]] = index.get("garments") or [{} for _ in self.index]
        if not self.index:
            raise InputError(f"{folder} holds no pictures to train on.")
        self._color = np.memmap(folder / "color.raw", np.uint8, "r")
        self._lines = np.memmap(folder / "lines.raw", np.uint8, "r")
        self._parts: np.ndarray | None = None
        if (folder / "parts.raw").is_file():
            self._parts = np.memmap(folder / "parts.raw", np.uint8, "r")

    def __len__(self) -> int:
        return len(self.index)

    def pick(self, random: np.random.Generator) -> int:
        """Number of any picture."""
        return int(random.integers(len(self)))

    def source(self, i: int) -> tuple[Art, int]:
        """The folder that picture `i` lies in, and its number there."""
        return self, i

    def color(self, i: int) -> np.ndarray:
        """`uint8[H, W, 3]`, RGB; a view."""
        return self._view(self._color, i, 3)

    def lines(self, i: int) -> np.ndarray:
        """`uint8[H, W, L]`, 255 = paper; a view."""
        return self._view(self._lines, i, self.flavours)

    def parts(self, i: int) -> np.ndarray | None:
        """`uint8[H, W]`, what every pixel shows, `UNKNOWN_PART` where that is not known; None where no pixel is."""
        return None if self._parts is None else self._view(self._parts, i, 1)[..., 0]

    def tags(self, i: int) -> tuple[int, ...]:
        """What is known to be in picture `i`: ids of `s2p.tags`; none where nobody knows."""
        return tuple(self._tags[i])

    def garments(self, i: int) -> dict[str, int]:
        """Names of tags of garments in picture `i`, and the number in `parts` of what each is about."""
        return self._garments[i]

    @property
    def knows_parts(self) -> bool:
        """Whether what its pictures show is known of any of them."""
        return self._parts is not None

    def take_parts(self, path: Path) -> None:
        """Takes what the pictures show from a file laid out as `parts.raw` (`s2p.train.teacher` writes such)."""
        self._parts = np.memmap(path, np.uint8, "r")

    def _view(self, values: np.ndarray, i: int, channels: int) -> np.ndarray:
        _, offset, height, width = self.index[i]
        return values[offset * channels : (offset + height * width) * channels].reshape(height, width, channels)


class Mixture:
    """The interface of `Art` over several folders, such as pictures by artists and drawings made by program.

    Args:
        main: pictures 0 to `len(main) - 1`.
        more: folders that the numbers after those belong to, one after another.
        share: float in [0, 1]. How many of the picks come from `more`, from each of them as many, however many pictures
            any of them holds.
    """

    def __init__(self, main: Art, *more: Art, share: float) -> None:
        if not 0.0 <= share <= 1.0:
            raise InputError(f"A share lies between 0 and 1. Received: {share}.")
        self.folders, self._share = [main, *more], share
        self._starts = [0, *accumulate(len(folder) for folder in self.folders)]

    def __len__(self) -> int:
        return self._starts[-1]

    def pick(self, random: np.random.Generator) -> int:
        """Number of a picture."""
        if random.random() >= self._share:
            return self.folders[0].pick(random)
        which = 1 + int(random.integers(len(self.folders) - 1)) if len(self.folders) > 2 else 1
        return self._starts[which] + self.folders[which].pick(random)

    def source(self, i: int) -> tuple[Art, int]:
        """The folder that picture `i` lies in, and its number there."""
        which = bisect_right(self._starts, i) - 1
        return self.folders[which], i - self._starts[which]

    def color(self, i: int) -> np.ndarray:
        """`uint8[H, W, 3]`, RGB; a view."""
        folder, i = self.source(i)
        return folder.color(i)

    def lines(self, i: int) -> np.ndarray:
        """`uint8[H, W, L]`, 255 = paper; a view. Folders may differ in their number of flavours."""
        folder, i = self.source(i)
        return folder.lines(i)

    def parts(self, i: int) -> np.ndarray | None:
        """As `Art.parts`."""
        folder, i = self.source(i)
        return folder.parts(i)

    def tags(self, i: int) -> tuple[int, ...]:
        """As `Art.tags`."""
        folder, i = self.source(i)
        return folder.tags(i)

    def garments(self, i: int) -> dict[str, int]:
        """As `Art.garments`."""
        folder, i = self.source(i)
        return folder.garments(i)


def _decoded(folder: Path) -> Path:
    index = _read_index(folder)
    if isinstance(index, dict) and "pictures" in index:
        return folder
    if isinstance(index, dict) and index.get("format") == FORMAT:
        return unpack_pictures(folder)
    if not isinstance(index, dict) or index.get("format") != "s2p-shards":
        if any(path.suffix.lower() in PICTURES for path in folder.glob("*")):
            raise InputError(f"{folder} holds pictures as they are. Prepare them: s2p prepare {folder} ART")
        raise InputError(f"{folder} holds no training pictures. Make them: s2p prepare PICTURES {folder}")
    try:
        files = [entry["files"]["hdf5"] for entry in index["shards"]["train"]]
    except KeyError:
        raise InputError(f"{folder} has no HDF5 shards of the split 'train'. Prepare it again with both.") from None
    target = folder / "decoded"
    marker = [file["sha256"] for file in files]
    total = sum(entry["count"] for entry in index["shards"]["train"])

    def is_there() -> bool:
        return (target / "source.json").is_file() and json.loads((target / "source.json").read_text()) == marker

    if is_there():
        _learn_tags(target, [folder / file["name"] for file in files])
        return target
    with alone(target):  # another training that begins now finds them decoded
        if is_there():
            return target
        with Writer(target) as writer:
            pictures = (picture for file in files for picture in _pictures(folder / file["name"]))
            for picture in tqdm(pictures, total=total, desc="decoding", unit="picture", disable=None):
                writer.add(*picture)
            (writer.folder / "source.json").write_text(json.dumps(marker), encoding="utf-8")
    return target


def _learn_tags(target: Path, shards: list[Path]) -> None:
    """Adds tags and garments to a folder that was decoded before they were read."""
    index = _read_index(target)
    if not isinstance(index, dict) or {"tags", "garments"} <= index.keys():
        return
    tags: list[list[int]] = []
    garments: list[dict[str, int]] = []
    for path in shards:
        with h5py.File(path, "r") as file:
            keys = np.asarray(file["key/offsets"])
            tags += [[int(tag) for tag in some] for some in column(file, "tags", keys)]
            garments += [_garments(some) for some in column(file, "garments", keys)]
    write_whole(target / "index.json", json.dumps({**index, "tags": tags, "garments": garments}).encode())


def _garments(cell: np.ndarray) -> dict[str, int]:
    """What a shard's record says of garments: names of tags, and numbers of parts."""
    try:
        found = json.loads(cell.tobytes() or b"{}")
    except ValueError:
        raise InputError("A training picture is damaged. Prepare the folder again.") from None
    return {str(name): int(number) for name, number in found.items()}


def _read_index(folder: Path) -> Any:
    try:
        return json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _pictures(
    path: Path,
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray | None, list[int], dict[str, int]]]:
    """Names, pictures, lines, parts, tags and garments of one HDF5 shard (its layout: `preprocess/records.py`)."""
    with h5py.File(path, "r") as file:
        keys = np.asarray(file["key/offsets"])
        columns = [column(file, field, keys) for field in ("key", "color", "lines", "parts", "tags", "garments")]
    for key, color, lines, parts, tags, garments in zip(*columns, strict=True):  # parts are not in older shards
        drawn = decode(lines, cv2.IMREAD_UNCHANGED)
        if drawn.ndim == 3:  # a stack of flavours; OpenCV turned the first three around
            drawn = drawn[..., [2, 1, 0, 3][: drawn.shape[-1]]]
        named = decode(parts, cv2.IMREAD_GRAYSCALE) if len(parts) else None
        name = key.tobytes().decode("utf-8", "replace")
        known = [int(tag) for tag in tags], _garments(garments)
        yield name, decode_color(color), np.ascontiguousarray(drawn), named, *known
