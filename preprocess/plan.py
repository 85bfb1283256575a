"""What a preparation will do: its settings, and which picture goes into which shard.

Nothing here reads a pixel. The same plan over the same files gives the same shards, byte for byte, whatever the number
of workers, because every choice hangs on the content hash of a picture and on nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from s2p.errors import ConfigError

SCHEMA = 2
STEPS = ("letterbox", "upscale", "lines", "faces", "tags", "quality", "records")
DEFAULT_STEPS = ("letterbox", "lines", "quality", "records")
FLAVOURS = ("xdog", "hard", "gradient", "bold", "mixed", "extracted")
COLOR_FORMATS = ("jpeg", "png", "webp")
RECORD_FORMATS = ("tfrecord", "hdf5")
MAX_FLAVOURS = 4

PICTURE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "jfif", "jpe", "webp", "bmp", "dib", "tif", "tiff", "gif"})


@dataclass(frozen=True)
class Plan:
    """The settings of a preparation.

    Attributes:
        source, output: folders, as paths or URLs.
        steps: names out of `STEPS`. `quality` removes grayscale pictures and near-duplicates, `letterbox` bars.
        short_edge: int. Pictures are shrunk to this short edge; only the step `upscale` enlarges.
        min_edge: int. Pictures whose short edge is smaller (after letterbox removal) are dropped.
        max_aspect: float. Pictures longer than this many short edges are dropped.
        flavours: 1 to 4 names out of `FLAVOURS`; the channels of `lines`, in this order.
        color_format: how the colour picture is stored: `jpeg` (quality 95, fastest to read), `png`, `webp` (lossless).
        formats: `tfrecord`, `hdf5` or both.
        per_shard: int. Pictures in an average shard.
        eval_share: float in [0, 1]. Share of pictures that a content hash sends to `eval`.
        duplicate_bits: int. Perceptual hashes of 256 bits that differ in at most this many are near-duplicates.
        tags: place of a tag file written by the step `tags`, or None.
        resolutions: place of the original sizes written by the step `tags`, or None.
        cascade: place of an LBP or Haar cascade file for faces; None for OpenCV's own.
        faces: place of a reviewed face folder; then only surviving faces are stored, and nothing is detected.
        named: place of numbered pictures and what a person says that their regions show (`preprocess.naming`), or None.
        add_faces: True to store every face crop as a picture of its own, too.
        upscale_edge: int. Short edge that the step `upscale` enlarges smaller pictures to.
        upscale_by: `lanczos`, or `network` for the 2x network `tail`.
    """

    source: str
    output: str
    steps: tuple[str, ...] = DEFAULT_STEPS
    short_edge: int = 512
    min_edge: int = 128
    max_aspect: float = 4.0
    flavours: tuple[str, ...] = ("xdog", "hard", "gradient")
    color_format: str = "jpeg"
    formats: tuple[str, ...] = RECORD_FORMATS
    per_shard: int = 256
    eval_share: float = 0.02
    duplicate_bits: int = 10
    tags: str | None = None
    resolutions: str | None = None
    cascade: str | None = None
    faces: str | None = None
    named: str | None = None
    add_faces: bool = False
    upscale_edge: int = 768
    upscale_by: str = "lanczos"

    def __post_init__(self) -> None:
        _names("steps", self.steps, STEPS)
        _names("flavours", self.flavours, FLAVOURS)
        _names("formats", self.formats, RECORD_FORMATS)
        if self.color_format not in COLOR_FORMATS:
            raise ConfigError(f"color_format must be one of {', '.join(COLOR_FORMATS)}. Received: {self.color_format}.")
        if self.upscale_by not in ("lanczos", "network"):
            raise ConfigError(f"upscale_by must be lanczos or network. Received: {self.upscale_by!r}.")
        if len(self.flavours) > MAX_FLAVOURS:
            raise ConfigError(f"At most {MAX_FLAVOURS} flavours of lines fit a record. Received: {len(self.flavours)}.")
        limits = {"short_edge": (32, 4096), "min_edge": (1, 4096), "per_shard": (1, 100_000), "max_aspect": (1, 100),
                  "eval_share": (0, 1), "duplicate_bits": (0, 15), "upscale_edge": (32, 4096)}  # fmt: skip
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} must be between {low} and {high}. Received: {getattr(self, name)!r}.")
        if self.named is not None and "letterbox" in self.steps:
            raise ConfigError("Named regions lie over whole pictures: leave the step letterbox out. Received: it.")
        if self.source.rstrip("/") == self.output.rstrip("/"):
            raise ConfigError(f"ART and OUT must be different folders. Received: {self.source} twice.")

    def settings(self) -> dict[str, Any]:
        """Everything that changes the bytes of a shard, as JSON data."""
        skipped = ("source", "output", "per_shard", "duplicate_bits", "named")  # what is named each picture knows
        return {name: value for name, value in asdict(self).items() if name not in skipped}


@dataclass(frozen=True)
class Picture:
    """A picture that is kept, with what is known of it beside its pixels.

    Attributes:
        key: name below the plan's source.
        sha256: of its file, hexadecimal.
        tags: Danbooru ids, sorted.
        original: `(width, height)` before it was letterboxed, or None.
        face: reviewed face as fractions `(x, y, width, height)`, or None.
        named: what a person says of its regions: their numbers, and those of the parts that they show.
    """

    key: str
    sha256: str
    tags: tuple[int, ...] = ()
    original: tuple[int, int] | None = None
    face: tuple[float, float, float, float] | None = None
    named: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class ShardTask:
    """One shard to be written.

    Attributes:
        plan: the settings.
        name: without extension, such as `train-00003-of-00012`.
        split: `train` or `eval`.
        pictures: in the order of their content hashes.
        fingerprint: hash over everything that decides the shard's bytes; a finished shard with the same one is kept.
        is_isolated: True to give every picture a process of its own, because one of them takes its process down.
    """

    plan: Plan
    name: str
    split: str
    pictures: tuple[Picture, ...]
    fingerprint: str
    is_isolated: bool = False


def split_of(sha256: str, eval_share: float) -> str:
    """`train` or `eval` for a content hash; the same picture always lands on the same side.

    Example:
        >>> split_of("00" * 32, 0.02), split_of("ff" * 32, 0.02)
        ('eval', 'train')
    """
    return "eval" if int(sha256[:8], 16) < eval_share * 2**32 else "train"


def plan_shards(plan: Plan, pictures: Iterable[Picture], context: dict[str, Any] | None = None) -> list[ShardTask]:
    """Distributes pictures over shards.

    A picture's shard follows from its hash, so one more picture rewrites one shard, as long as the number of shards
    stays the same.

    Args:
        plan: the settings.
        pictures: every picture that is kept.
        context: what else decides the bytes (hashes of cascade and weights), for the fingerprint.
    """
    sides: dict[str, list[Picture]] = {"train": [], "eval": []}
    for picture in pictures:
        sides[split_of(picture.sha256, plan.eval_share)].append(picture)
    tasks: list[ShardTask] = []
    for split, members in sides.items():
        count = -(-len(members) // plan.per_shard)
        buckets: dict[int, list[Picture]] = defaultdict(list)
        for picture in members:
            buckets[int(picture.sha256[8:16], 16) * count >> 32].append(picture)
        for number, bucket in sorted(buckets.items()):
            bucket.sort(key=lambda picture: (picture.sha256, picture.key))
            content = [_facts(picture) for picture in bucket]
            fingerprint = _hash(
                {"schema": SCHEMA, "plan": plan.settings(), "pictures": content, "context": context or {}}
            )
            name = f"{split}-{number:05d}-of-{count:05d}"
            tasks.append(ShardTask(plan, name, split, tuple(bucket), fingerprint))
    return tasks


def _facts(picture: Picture) -> dict[str, Any]:
    """All of a picture; without names where it has none, so that shards of earlier days are still finished."""
    return {name: value for name, value in asdict(picture).items() if name != "named" or value}


def has_picture_name(key: str) -> bool:
    """True for the usual picture extensions and for names without any."""
    name = key.rsplit("/", 1)[-1]
    return "." not in name or name.rsplit(".", 1)[-1].lower() in PICTURE_SUFFIXES


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _names(label: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    unknown = [value for value in values if value not in allowed]
    if unknown or not values or len(set(values)) != len(values):
        received = ", ".join(unknown or values) or "none"
        raise ConfigError(f"{label} must be different names out of {', '.join(allowed)}. Received: {received}.")
