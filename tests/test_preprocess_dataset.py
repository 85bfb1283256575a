"""Shards to tf.data: every op in graph mode, and that pictures, lines and hints still belong together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from preprocess_art import drawing, fill_folder

tf = pytest.importorskip("tensorflow")

import preprocess  # noqa: E402
from preprocess import hint_ops, ops  # noqa: E402
from preprocess.__main__ import main  # noqa: E402
from preprocess.lines import draw_all  # noqa: E402
from preprocess.plan import Plan  # noqa: E402
from preprocess.run import prepare  # noqa: E402
from s2p.errors import ConfigError, InputError  # noqa: E402
from s2p.tags import vocabulary  # noqa: E402


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("data")
    fill_folder(folder / "art", 8)
    (folder / "tags.txt").write_text(f"1 {vocabulary().cvt[3]} {vocabulary().cit[9]} 5\n")
    prepare(Plan(str(folder / "art"), str(folder / "out"), short_edge=96, min_edge=64, eval_share=0.0, per_shard=3,
                 tags=str(folder / "tags.txt")))  # fmt: skip
    return str(folder / "out")


def example_of(picture: np.ndarray, *, seed: int = 0, flavours=("xdog", "hard"), face=(0.25, 0.25, 0.25, 0.5)) -> dict:
    return {
        "color": picture, "lines": draw_all(picture, flavours), "seed": np.array([seed, 5], np.int64),
        "face": np.array(face, np.float32), "tags": np.array([429], np.int64), "key": "x",
    }  # fmt: skip


_TRACED: dict = {}  # by op, so that ten seeds trace once


def run(op, example: dict) -> dict:
    """Runs an op as tf.data does: traced, with unknown heights and widths."""
    spec = {
        name: tf.TensorSpec([None, None, value.shape[2]] if value.ndim == 3 else value.shape, value.dtype)
        for name, value in ((name, np.asarray(value)) for name, value in example.items() if name != "key")
    }
    key = (op, *(str(value) for value in spec.items()))
    if key not in _TRACED:
        _TRACED[key] = tf.function(op, input_signature=[spec])
    traced = _TRACED[key]
    return {name: value.numpy() for name, value in traced({n: tf.constant(example[n]) for n in spec}).items()}


def test_the_stream_has_the_promised_elements(shards):
    dataset = preprocess.load(shards, "train", size=64, batch=4, repeat=True)
    batch = next(iter(dataset))
    shapes = {name: tuple(value.shape) for name, value in batch.items()}
    assert shapes == {
        "color": (4, 64, 64, 3), "line": (4, 64, 64, 1), "hint": (4, 64, 64, 4), "draft_hint": (4, 64, 64, 4),
        "hint_points": (4, 32, 5), "draft_hint_points": (4, 32, 5), "face": (4, 4), "cit": (4, 370), "cvt": (4, 115),
        "key": (4,), "seed": (4, 2),
    }  # fmt: skip
    assert all(tuple(spec.shape) == shapes[name] for name, spec in dataset.element_spec.items())


def test_the_same_seed_gives_the_same_stream_and_another_does_not(shards):
    first = [e["color"].tobytes() for e in preprocess.load(shards, size=48, seed=3).as_numpy_iterator()]
    again = [e["color"].tobytes() for e in preprocess.load(shards, size=48, seed=3).as_numpy_iterator()]
    other = [e["color"].tobytes() for e in preprocess.load(shards, size=48, seed=4).as_numpy_iterator()]
    assert len(first) == 32 and first == again and first != other


def test_both_formats_and_numpy_give_the_same_pictures(shards):
    streams = [
        {e["key"].decode(): e for e in preprocess.load(shards, augment=(), shuffle=0, format=name).as_numpy_iterator()}
        for name in ("tfrecord", "hdf5")
    ]
    plain = {example["key"]: example for example in preprocess.read_hdf5(shards)}
    assert set(streams[0]) == set(streams[1]) == set(plain) and len(plain) == 8
    for key, expected in plain.items():
        for stream in streams:
            assert np.array_equal(stream[key]["lines"], expected["lines"])
            assert np.abs(stream[key]["color"].astype(int) - expected["color"]).mean() < 1.0
            assert np.array_equal(stream[key]["tags"], expected["tags"])


def test_whole_pictures_come_once_each(shards):
    keys = [e["key"] for e in preprocess.load(shards, augment=()).as_numpy_iterator()]
    assert len(keys) == len(set(keys)) == 8


def test_missing_splits_and_wrong_options_are_refused(shards):
    with pytest.raises(InputError, match="eval"):
        preprocess.load(shards, "eval")
    with pytest.raises(InputError, match="split"):
        preprocess.load(shards, "test")
    with pytest.raises(ConfigError):
        preprocess.load(shards, size=0)


def test_lines_stay_on_their_picture_through_crop_flip_and_rotation():
    picture = drawing(4, height=200, width=260)
    chain = lambda example: ops.rotate(10, probability=1.0)(ops.flip()(ops.random_crop(128)(example)))  # noqa: E731
    for seed in range(6):
        example = example_of(picture, seed=seed)
        example["lines"] = np.concatenate([picture[..., :1], example["lines"][..., :1]], axis=2)
        result = run(chain, example)
        assert result["color"].shape == (128, 128, 3) and result["lines"].shape == (128, 128, 2)
        apart = np.abs(result["color"][..., 0].astype(int) - result["lines"][..., 0])
        assert apart.max() <= 1, "the red channel travels as a line flavour: both must move alike"


def test_a_native_crop_is_a_piece_of_the_picture():
    picture = drawing(4, height=90, width=100)
    example = example_of(picture)
    result = run(ops.random_crop(64, zoom=(1.0, 1.0)), example)["color"]
    places = [(y, x) for y in range(27) for x in range(37) if np.array_equal(picture[y : y + 64, x : x + 64], result)]
    assert places
    assert run(ops.random_crop(128), example)["color"].shape == (128, 128, 3), "small pictures are enlarged"


def test_a_face_follows_crop_flip_and_rotation():
    page = np.full((200, 200, 3), 240, np.uint8)
    page[60:120, 50:90] = (250, 0, 0)
    face = (0.25, 0.3, 0.2, 0.3)
    for op in (ops.random_crop(180, zoom=(1.0, 1.0)), ops.flip(1.0), ops.rotate(10, probability=1.0)):
        for seed in range(4):
            result = run(op, example_of(page, seed=seed, face=face))
            rows, columns = np.nonzero(result["color"][..., 1] < 120)
            side = result["color"].shape[0]
            box = result["face"] * side
            seen = np.array([columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1])
            assert np.abs(box - seen).max() <= 2.5, (box, seen)
    nothing = run(ops.flip(1.0), example_of(page, face=(-1, -1, -1, -1)))["face"]
    assert nothing.tolist() == [-1, -1, -1, -1]


def test_rotation_cuts_what_the_spec_says():
    shares = [float(ops.inner_share(np.float32(np.radians(degrees)))) for degrees in (0, 5, -5, 10)]
    assert np.allclose(shares, [1, 0.9231, 0.9231, 0.8632], atol=5e-5)


def test_color_changes_keep_ink_and_paper_and_change_the_rest():
    picture = drawing(7)
    picture[:20] = 255
    for op in (ops.color_jitter(probability=1.0), ops.recolor_regions(probability=1.0)):
        results = [run(op, example_of(picture, seed=seed))["color"] for seed in range(6)]
        changed = [np.abs(result.astype(int) - picture).mean() for result in results]
        assert np.mean(changed) > 8 and len({result.tobytes() for result in results}) == 6
        ink = picture.max(axis=2) < 30
        assert all(result[ink].mean() < 45 for result in results)
    jitter = ops.color_jitter(probability=1.0)
    assert all((run(jitter, example_of(picture, seed=s))["color"][:20] > 250).all() for s in range(4))
    assert np.array_equal(run(ops.recolor_regions(probability=0.0), example_of(picture))["color"], picture)


def test_recoloring_moves_a_region_as_a_whole():
    page = np.zeros((64, 64, 3), np.uint8)
    page[:, :32], page[:, 32:] = (200, 60, 60), (60, 60, 200)
    moved, op = 0, ops.recolor_regions(probability=1.0)
    for seed in range(8):
        result = run(op, example_of(page, seed=seed))["color"].astype(int)
        assert np.ptp(result[:, :32], axis=(0, 1)).max() == 0 and np.ptp(result[:, 32:], axis=(0, 1)).max() == 0
        moved += int(np.abs(result - page).max() > 40)
    assert moved >= 5


def test_line_mix_shows_one_flavour_or_a_blend():
    picture = drawing(2)
    example = example_of(picture)
    plain_mix, varied_mix = ops.mix_lines(blend=0.0, vary=0.0), ops.mix_lines(vary=1.0)
    plain = [run(plain_mix, {**example, "seed": np.array([s, 1])}) for s in range(12)]
    planes = {result["line"].tobytes() for result in plain}
    assert planes == {example["lines"][..., i].tobytes() for i in range(2)}
    assert "lines" not in plain[0]
    varied = [run(varied_mix, {**example, "seed": np.array([s, 1])})["line"] for s in range(9)]
    assert len({line.tobytes() for line in varied}) == 9
    assert all(np.median(line) > 240 and line.min() < 200 for line in varied)
    faded = run(ops.fade_lines(most=7.0), {**plain[0]})["line"]
    assert (faded >= plain[0]["line"]).all()


def test_hints_tell_the_color_that_is_there():
    picture = drawing(9)
    op = hint_ops.sample_hints(most=12, radius=2, none=0.0)
    counts = set()
    for seed in range(8):
        result = run(op, example_of(picture, seed=seed))
        used = result["hint_points"][result["hint_points"][:, 0] >= 0]
        counts.add(len(used))
        mask = result["hint"][..., 3] == 255
        assert 0 < mask.sum() <= 25 * len(used) and set(np.unique(result["hint"][..., 3])) == {0, 255}
        assert (result["hint"][~mask] == 0).all()
        height, width = mask.shape
        for x, y, *shade in used:
            row, column = int(y * height), int(x * width)
            patch = picture[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].astype(float)
            assert np.abs(patch.mean(axis=(0, 1)) - np.array(shade) * 255).max() < 45
        last = used[-1]
        shown = result["hint"][int(last[1] * height), int(last[0] * width), :3]
        assert np.abs(shown - last[2:] * 255).max() <= 1, "the later point lies on top"
    assert len(counts) > 3
    none = run(hint_ops.sample_hints(none=1.0), example_of(picture))
    assert none["hint"].max() == 0 and (none["hint_points"] == -1).all()


def test_points_avoid_ink():
    picture = drawing(9)
    example = example_of(picture, flavours=("hard",))
    op = hint_ops.sample_hints(most=12, none=0.0)
    points = [run(op, {**example, "seed": np.array([s, 2])}) for s in range(12)]
    line = example["lines"][..., 0]
    values = [line[int(y * line.shape[0]), int(x * line.shape[1])]
              for result in points for x, y, *_ in result["hint_points"] if x >= 0]  # fmt: skip
    assert np.mean(np.array(values) == 255) > 0.98 > np.mean(line == 255)


def test_auto_painter_blocks_lie_on_smooth_color():
    page = np.full((96, 96, 3), 255, np.uint8)
    page[20:80, 20:80] = (200, 80, 40)
    op = hint_ops.color_blocks(count=20, none=0.0)
    mask = np.zeros((96, 96), int)
    for seed in range(5):
        result = run(op, example_of(page, seed=seed))["blocks"]
        mask += result[..., 3] == 255
        inside = result[30:70, 30:70]
        assert (np.abs(inside[inside[..., 3] == 255][:, :3].astype(int) - (200, 80, 40)) <= 24).all()
    assert mask[30:70, 30:70].sum() > 300
    assert mask[:20].sum() == 0 and mask[:, :20].sum() == 0, "walks start off white"
    assert run(hint_ops.color_blocks(none=1.0), example_of(page))["blocks"].max() == 0


def test_tags_become_vectors():
    words = vocabulary()
    result = run(ops.tag_vectors(), {**example_of(drawing(1)), "tags": np.array([words.cit[0], words.cvt[7], 1])})
    assert result["cit"].sum() == 1 and result["cit"][0] == 1 and result["cvt"].sum() == 1 and result["cvt"][7] == 1
    empty = run(ops.tag_vectors(), {**example_of(drawing(1)), "tags": np.zeros(0, np.int64)})
    assert empty["cit"].sum() == empty["cvt"].sum() == 0


@pytest.mark.slow
def test_inspect_says_nothing_of_tensorflow(shards):
    code = "import sys; from preprocess.__main__ import main; sys.exit(main(sys.argv[1:]))"
    asked = ["inspect", shards, "--size", "48", "--seconds", "0.1", "--sheet", f"{shards}/../sheet.png"]
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code, *asked], cwd=root, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_inspect_tells_and_draws(shards, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"
    assert main(["inspect", shards, "--size", "48", "--seconds", "0.2", "--sheet", str(sheet), "--verify"]) == 0
    text = capsys.readouterr().out
    count = len(list(Path(shards).glob("train-*.h5")))  # the bytes of the pictures decide which of the three are empty
    assert f"train: 8 pictures in {count} shards" in text
    assert "color: uint8[8, 48, 48, 3]" in text and "per second" in text
    assert sheet.stat().st_size > 1000
