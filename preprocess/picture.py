"""One picture file to its records: everything that happens to pixels on the way into a shard."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from s2p.errors import InputError, WeightsMissingError
from s2p.image import encode_image, flatten_alpha, load_image

from . import faces, storage
from .letterbox import remove_letterbox
from .lines import Extractor, draw_all
from .naming import named_parts
from .plan import Picture, Plan
from .records import NO_FACE, Record, encode_lines, encode_parts
from .upscale import enlarge, load_doubler, shrink


def make_records(
    plan: Plan, picture: Picture, data: bytes, *, extractor: Extractor | None = None
) -> list[Record]:
    """Turns a picture file into one record, or two with its face.

    Args:
        plan: its `steps`, sizes, `flavours` and formats are followed.
        picture: name, hash and facts.
        data: the file.
        extractor: learned line extractor, for the flavours that need it.

    Raises:
        S2PError: the picture cannot be used; the message says why.
    """
    image = flatten_alpha(load_image(data, name=picture.key.rsplit("/", 1)[-1]))
    image = working_picture(plan, picture, image)
    face = _face(plan, picture, image)
    lines = draw_all(image, plan.flavours, seed=int(picture.sha256[:8], 16), extractor=extractor)
    parts = None
    if plan.named is not None and picture.named:
        parts = named_parts(plan.named, picture.key.rsplit(".", 1)[0], picture.named, image.shape[:2])
    records = [_record(plan, picture.key, picture, image, lines, face, parts)]
    if plan.add_faces and face is not None:
        rows, columns = faces.pixels(face, image.shape)
        close_up = (image[rows, columns], lines[rows, columns])
        named = None if parts is None else np.ascontiguousarray(parts[rows, columns])
        if min(close_up[0].shape[:2]) >= min(faces.MIN_SIDE, plan.short_edge) // 2:
            records.append(_record(plan, picture.key + "#face", _as_face(picture), *close_up, None, named))
    return records


def working_picture(plan: Plan, picture: Picture, image: np.ndarray) -> np.ndarray:
    """Letterbox, upscale and size rule: `uint8[H, W, 3]` RGB in and out; `InputError` when too little is left."""
    if "letterbox" in plan.steps:
        image = remove_letterbox(image, picture.original)
    if min(image.shape[:2]) < plan.min_edge:
        height, width = image.shape[:2]
        raise InputError(f"too small without its bars: {width} x {height}, at least {plan.min_edge} are needed")
    if "upscale" in plan.steps:
        doubler = load_doubler() if plan.upscale_by == "network" else None
        image = enlarge(image, plan.upscale_edge, doubler=doubler)
    return np.ascontiguousarray(shrink(image, plan.short_edge))


def preview(records: list[Record], *, edge: int = 192) -> np.ndarray:
    """A row per record: the picture and its line flavours, each fitted into a square, `uint8[H, W, 3]`."""
    rows = []
    for record in records:
        color = np.asarray(Image.open(io.BytesIO(record.color)).convert("RGB"))
        lines = np.asarray(Image.open(io.BytesIO(record.lines))).reshape(*color.shape[:2], -1)
        tiles = [color, *(np.repeat(lines[..., i : i + 1], 3, axis=2) for i in range(lines.shape[2]))]
        rows.append(np.hstack([fit_tile(tile, edge) for tile in tiles]))
    return np.vstack(rows)


def fit_tile(image: np.ndarray, edge: int) -> np.ndarray:
    """Fits `uint8[H, W, 3]` into a gray square of `edge` pixels, centred, aspect kept."""
    height, width = image.shape[:2]
    scale = (edge - 4) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    tile = np.full((edge, edge, 3), 160, np.uint8)
    top, left = (edge - size[1]) // 2, (edge - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = small
    return tile


def _record(
    plan: Plan, key: str, picture: Picture, image: np.ndarray, lines: np.ndarray,
    face: tuple[float, float, float, float] | None, parts: np.ndarray | None,
) -> Record:  # fmt: skip
    quality = 100 if plan.color_format == "webp" else 95  # WebP is lossless at 100
    return Record(
        key=key, sha256=picture.sha256, color=encode_image(image, plan.color_format, quality=quality),
        lines=encode_lines(np.ascontiguousarray(lines)), height=image.shape[0], width=image.shape[1],
        tags=picture.tags, face=face or NO_FACE, parts=b"" if parts is None else encode_parts(parts),
    )  # fmt: skip


def _face(plan: Plan, picture: Picture, image: np.ndarray) -> tuple[float, float, float, float] | None:
    if picture.face is not None:
        return picture.face
    if "faces" not in plan.steps or plan.faces is not None:  # a review folder has the last word
        return None
    box = faces.face_box(_detector(plan.cascade).detect(image), image.shape)
    return None if box is None else faces.fractions(box, image.shape)


def _as_face(picture: Picture) -> Picture:
    from s2p.tags import vocabulary

    kept = tuple(tag for tag in picture.tags if tag in vocabulary().face_ids)
    return Picture(picture.key, picture.sha256, kept)


@lru_cache(maxsize=2)
def _detector(cascade: str | None) -> faces.Detector:
    return faces.Detector(cascade)


def context_of(plan: Plan) -> dict[str, str]:
    """Hashes of the files beside the pictures that decide the bytes of a shard, for its fingerprint.

    Raises:
        S2PError: a file that the plan names is missing.
    """
    context = {}
    if plan.cascade is not None:
        _detector(plan.cascade)
        context["cascade"] = hashlib.sha256(storage.read_bytes(plan.cascade)).hexdigest()
    if "upscale" in plan.steps and plan.upscale_by == "network":
        from s2p import weights

        found = weights.find("tail")
        if not found.trained:
            raise WeightsMissingError(
                "Upscaling by the network needs weights for 'tail'. Bring a file: s2p weights add FILE --network "
                "tail    Or use --upscale-by lanczos."
            )
        context["tail"] = found.sha256
    return context
