"""Drawings of our own: the same for the same number, never degenerate, and their lines lie where their shapes end."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from preprocess import records
from preprocess.__main__ import main
from preprocess.pairs import import_pairs
from preprocess.plan import Plan
from preprocess.run import prepare
from preprocess.synthetic import KINDS, draw
from preprocess.synthetic.canvas import Canvas
from preprocess.synthetic.curves import ellipse, limb, smooth
from preprocess.synthetic.paints import TONES, paint, pick
from preprocess.synthetic.style import Style
from s2p.errors import ConfigError, InputError


def borders(regions: np.ndarray) -> np.ndarray:
    """`bool[H, W]`: where two regions touch."""
    edges = np.zeros(regions.shape, bool)
    edges[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    edges[1:] |= regions[1:] != regions[:-1]
    return edges


def test_the_same_number_gives_the_same_drawing():
    for seed in (3, 77, 12_345_678_901):
        first, again = draw(seed, (96, 128)), draw(seed, (96, 128))
        for name in ("color", "painted", "lines", "flat", "regions", "parts"):
            assert np.array_equal(getattr(first, name), getattr(again, name))
        assert first.tags == again.tags
    assert not np.array_equal(draw(3, (96, 128)).painted, draw(4, (96, 128)).painted)


@pytest.mark.parametrize("size", [(64, 64), (97, 131), (200, 90), (65, 400)])
def test_every_kind_fits_every_size(size):
    for kind in KINDS:
        picture = draw(5, size, kind)
        assert picture.kind == kind
        assert picture.color.shape == picture.painted.shape == picture.flat.shape == (*size, 3)
        assert picture.lines.shape == picture.regions.shape == size
        assert picture.painted.dtype == picture.lines.dtype == np.uint8 and picture.regions.dtype == np.int32


def test_no_drawing_of_two_hundred_is_degenerate():
    kinds, looks = set(), set()
    for seed in range(200):
        picture = draw(seed, (96, 96))
        kinds.add(picture.kind)
        looks.add(cv2.resize(picture.painted, (8, 8), interpolation=cv2.INTER_AREA).tobytes())
        ink = (picture.lines < 240).mean()
        assert 0.002 < ink < 0.6, (seed, ink)
        assert picture.painted.std() > 6 and picture.color.std() > 4, seed
        numbers = np.unique(picture.regions)
        assert len(numbers) >= 3 and numbers[-1] == len(numbers) - (numbers[0] == 0), seed
    assert kinds == set(KINDS) and len(looks) == 200


def test_lines_lie_on_the_borders_of_shapes():
    near, inked = [], []
    for seed in range(12):
        picture = draw(seed, (256, 256), "objects")
        edges, ink = borders(picture.regions), picture.lines < 128
        around = cv2.dilate(edges.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        near.append(around[ink].mean())
        reached = cv2.dilate((picture.lines < 200).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        inked.append(reached[edges].mean())
    # inner lines (folds, guitar strings) are no borders; gaps and lines that were left out on purpose are no ink
    assert np.mean(near) > 0.7 and np.mean(inked) > 0.8, (near, inked)


def test_painted_is_color_where_there_is_no_ink():
    picture = draw(8, (160, 160))
    clean = picture.lines == 255
    assert clean.mean() > 0.4
    assert np.array_equal(picture.painted[clean], picture.color[clean])
    solid = picture.lines < 20
    assert np.abs(picture.painted[solid].astype(int) - picture.color[solid]).mean() > 20


def test_a_later_shape_covers_paint_and_ink_of_an_earlier_one():
    canvas = Canvas(100, 100, style=Style(shading="flat", wobble=0, width=8), generator=np.random.default_rng(0))
    canvas.fill(ellipse(0.4, 0.5, 0.2), "#ff0000")
    over = canvas.fill(ellipse(0.6, 0.5, 0.2), "#0000ff")
    color, _, lines, flat, regions, _ = canvas.finish()
    assert color[50, 55].tolist() == [0, 0, 255] == flat[50, 55].tolist() and regions[50, 55] == 2 == over.number
    assert lines[47:53, 57:62].min() == 255, "the red circle's edge lies under the blue one"
    assert lines[50, 38:42].min() < 60, "the blue circle's edge lies on the red one"
    assert regions[50, 30] == 1 and regions[5, 5] == 0


def test_line_width_follows_the_style_and_thins_out():
    ink = []
    for width in (1.0, 4.0):
        canvas = Canvas(128, 128, style=Style(width=width * 4, taper=0.0, wobble=0), generator=np.random.default_rng(0))
        canvas.stroke(np.array([(0.1, 0.5), (0.9, 0.5)]))
        ink.append((255 - canvas.finish()[2][:, 64].astype(int)).sum() / 255)
    assert 3 < ink[1] / ink[0] < 5
    canvas = Canvas(128, 128, style=Style(width=24, taper=1.0, wobble=0), generator=np.random.default_rng(0))
    canvas.stroke(np.stack([np.linspace(0.1, 0.9, 40), np.full(40, 0.5)], 1))
    across = (255 - canvas.finish()[2].astype(int)).sum(axis=0) / 255
    assert across[64] > 4 and across[15] < 0.5 * across[64] and across[112] < 0.5 * across[64]


def test_shadows_stay_on_their_shape():
    canvas = Canvas(100, 100, style=Style(shading="cel", wobble=0), generator=np.random.default_rng(0))
    page = canvas.fill(ellipse(0.5, 0.5, 0.2), "#80c080", is_shaded=False, line=0)
    canvas.shadow(ellipse(0.5, 0.5, 0.4), page, by=(0.3, 0.0))
    color = canvas.finish()[0]
    assert color[50, 60].tolist() != [128, 192, 128] == color[50, 32].tolist()
    assert color[50, 90].tolist() == [255, 255, 255]


def test_curves_pass_through_their_points():
    points = np.array([(0, 0), (2, 1), (3, 4), (-1, 2)], float)
    curve = smooth(points, corners=(1,), detail=6)
    assert len(curve) == 24 and np.allclose(curve[::6], points)
    straight = smooth([(0, 0), (1, 0), (2, 0)], closed=False)
    assert np.allclose(straight[:, 1], 0) and np.allclose(straight[-1], (2, 0))
    arm = limb([(0, 0), (0, 1)], [0.2, 0.2])
    assert np.isclose(arm[:, 0].max(), 0.1) and np.isclose(arm[:, 0].min(), -0.1) and arm[:, 1].max() > 1.05


def test_paints_have_darker_shades_and_lines():
    random = np.random.default_rng(1)
    for kind in TONES:
        for _ in range(20):
            color = pick(kind, random)
            assert sum(color.shade) < sum(color.base) + 20 and sum(color.line) <= sum(color.shade)
    assert sum(paint("#c04040").light) > sum(paint("#c04040").base)


def test_wrong_arguments_are_refused():
    for arguments in ((-1, (64, 64), None), (0, (63, 64), None), (0, (64, 5000), None), (0, (64, 64), "ship")):
        with pytest.raises(ConfigError, match="seed from 0"):
            draw(*arguments)


def test_shards_of_drawings_are_read_like_any_others(tmp_path, capsys):
    out = str(tmp_path / "out")
    command = ["synthetic", "6", out, "--size", "64", "--per-shard", "2", "--eval-share", "0.4", "--executor", "local"]
    assert main(command) == 0
    examples = [e for split in ("train", "eval") for e in records.read_hdf5(out, split)]
    assert len(examples) == 6 and {e["key"] for e in examples} == {f"synthetic/{n}.png" for n in range(6)}
    index = records.read_index(out)
    assert index["flavours"] == ["drawn", "xdog", "hard"] and index["counts"]["eval"] > 0
    for example in examples:
        seed = int(example["key"][10:-4])
        again = draw(seed, example["lines"].shape[:2])
        assert np.array_equal(example["lines"][..., 0], again.lines)
        assert np.array_equal(example["regions"], again.regions) and np.array_equal(example["parts"], again.parts)
        assert tuple(example["tags"]) == again.tag_ids
        assert np.abs(example["color"].astype(int) - again.painted).mean() < 4
    shards = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*-of-*")}
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*-of-*")}
    first, *_, last = sorted(name for name in shards if name.startswith("train") and name.endswith(".h5"))
    (tmp_path / "out" / last).unlink()
    assert main(command) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*-of-*")} == shards
    again = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*-of-*")}
    assert again[first] == stamps[first], "finished shards are kept"
    assert main(["synthetic", "0", out]) != 0


def test_trainings_read_drawings(tmp_path):
    from s2p.train.art import Art

    out = tmp_path / "out"
    assert main(["synthetic", "3", str(out), "--size", "64", "--eval-share", "0", "--executor", "local"]) == 0
    art = Art(out)
    assert len(art) == 3 and art.lines(0).shape == (*art.color(0).shape[:2], 3)


def test_folders_of_pictures_and_pairs(tmp_path):
    pictures, pairs = tmp_path / "pictures", tmp_path / "pairs"
    assert main(["synthetic", "4", str(pictures), "--size", "128", "--layout", "pictures", "--executor", "local"]) == 0
    page = np.asarray(Image.open(pictures / "lines" / "2.png"))
    assert page.shape[:2] == np.asarray(Image.open(pictures / "pictures" / "2.png")).shape[:2]
    summary = prepare(Plan(str(pictures / "pictures"), str(tmp_path / "out"), short_edge=96, min_edge=64))
    assert summary.files == 4
    assert main(["synthetic", "3", str(pairs), "--size", "128", "--layout", "pairs", "--executor", "local"]) == 0
    (pairs / "contact.png").unlink()
    count, failures = import_pairs(str(pairs), str(tmp_path / "shards"), position="right")
    assert count == 3 and not failures


def test_regions_survive_their_file_and_old_shards_have_none():
    regions = np.arange(12, dtype=np.int32).reshape(3, 4) * 300
    record = records.Record("a", "0" * 64, b"", b"", 3, 4, regions=records.encode_regions(regions))
    (read,) = records.decode_hdf5(records.encode_hdf5([record], ("drawn",)))
    assert np.array_equal(np.asarray(Image.open(__import__("io").BytesIO(read.regions))), regions)
    with pytest.raises(InputError, match="65536"):
        records.encode_regions(np.full((2, 2), 70_000))
