"""Recorded conversations with the original program, repeated picture by picture (see `golden/README.md`)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from s2p.config import Settings
from s2p.image import load_image
from s2p.networks import SIX
from s2p.pipelines.style2paints import Painter, as_picture
from s2p.runtime import make_network
from s2p.schema import options_from_v3

GOLDEN = Path(__file__).parent / "golden"
BLOCK, EDGE = 16, 48

# What is honest for float32 on another TensorFlow: convolutions differ in their last bits, and truncation to uint8
# turns some of that into steps of 1, which a JPEG in between spreads. Preparation holds no such step.
TOLERANCES = {"sketch": (0.01, 2), "composition": (0.05, 4), "result": (0.05, 4)}


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Painter:
    from s2p import legacy

    folder = tmp_path_factory.mktemp("nets")
    with zipfile.ZipFile(GOLDEN / "nets.zip") as archive:
        archive.extractall(folder)
    settings = Settings()
    networks = {
        name: make_network(
            legacy.load(folder / f"{name}.net"), name=name, encoding="points", trained=True, identity=name,
            settings=settings,
        )
        for name in SIX
    }
    return Painter(networks, settings=settings)


@pytest.mark.parametrize("case", ["hints", "reference", "painting"])
def test_the_pipeline_answers_as_the_original_did(case: str, painter: Painter):
    expected = np.load(GOLDEN / case / "expected.npz")
    names = {key.rsplit(".", 1)[0] for key in expected}
    pictures = dict(_replay(GOLDEN / case, painter))
    assert names <= set(pictures)
    for name in sorted(names):
        _compare(f"{case} {name}", name, pictures[name], expected)


def _replay(folder: Path, painter: Painter) -> Iterator[tuple[str, np.ndarray]]:
    """Does what the original did in one room; yields `(STEP.NAME, picture)` as it was before JPEG compression."""
    room: dict[str, np.ndarray] = {}
    for number, step in enumerate(json.loads((folder / "request.json").read_text())["steps"], start=1):
        form = step["form"]
        settings = Settings(zoom=step["zoom"], super_resolution=step["super_resolution"])
        if step["action"] == "upload_sketch":
            original = as_picture(load_image(folder / "sketch.png"))
            made = _prepared(painter, original, form["method"], settings, room)
        else:
            made = _painted(painter, folder, form, settings, room)
        room |= made
        yield from ((f"{number}.{name}", picture) for name, picture in made.items())


def _prepared(painter, original, method, settings, room) -> dict[str, np.ndarray]:
    improved, lines = room.get("sketch.improved"), room.get("sketch.recolorization")
    prepared = painter.prepare(
        original, method=method, settings=settings, improved=None if improved is None else _jpeg(improved),
        extracted=None if lines is None else _jpeg(lines),
    )
    return {"sketch.improved": prepared.improved} | {f"sketch.{name}": i for name, i in prepared.sketches.items()}


def _painted(painter, folder, form, settings, room) -> dict[str, np.ndarray]:
    options, hints, has_reference = options_from_v3(json.loads(form["options"]))
    reference = load_image(folder / "reference.png") if has_reference else None
    de_painting = room.get("sketch.de_painting")
    result = painter.paint(
        _jpeg(room[f"sketch.{options.method}"]), hints=hints, options=options, settings=settings, reference=reference,
        de_painting=None if de_painting is None else _jpeg(de_painting),
    )
    return {"composition": result.composition, "result": result.image}


def _jpeg(image: np.ndarray) -> np.ndarray:
    """What the original read back from its own file."""
    import cv2

    data = cv2.imencode(".jpg", image[..., ::-1] if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2))[1]
    if image.ndim == 2:
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _compare(label: str, name: str, picture: np.ndarray, expected) -> None:
    shape, sums = expected[f"{name}.shape"], expected[f"{name}.sums"]
    assert picture.shape[:2] == tuple(shape), label
    channels = sums.shape[2]
    picture = picture if picture.ndim == 3 else picture[..., None]
    picture = picture if picture.shape[2] == channels else np.repeat(picture, channels, axis=2)
    mean, highest = TOLERANCES[name.split(".")[1]]
    rows, columns = (length // BLOCK for length in picture.shape[:2])
    blocks = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK, channels).astype(np.int64)
    drift = np.abs(blocks.sum(axis=(1, 3)) - sums.astype(np.int64)) / BLOCK**2
    assert drift.mean() <= mean and drift.max() <= highest / 4, f"{label}: block means differ by {drift.max():.3f}"
    top, left = int(shape[0] * 0.4) - EDGE // 2, int(shape[1] * 0.45) - EDGE // 2
    crops = {"corner": picture[-EDGE:, -EDGE:], "middle": picture[top : top + EDGE, left : left + EDGE]}
    for crop, got in crops.items():
        difference = np.abs(got.astype(int) - expected[f"{name}.{crop}"].reshape(got.shape))
        found = f"{label} {crop}: mean {difference.mean():.4f}, highest {difference.max()}"
        assert difference.mean() <= mean and difference.max() <= highest, found
