"""Training: losses fall on a handful of pictures, and a resumed run equals an uninterrupted one."""

from __future__ import annotations

import json
import os
import shutil
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from s2p.errors import InputError, S2PError
from s2p.train import simulate
from s2p.train.art import Art
from s2p.train.decoded import Writer
from s2p.xdog import xdog


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight flat drawings with outlines, 512 px, in the training format."""
    folder = tmp_path_factory.mktemp("art") / "decoded"
    with Writer(folder) as writer:
        for i in range(8):
            random = np.random.default_rng(i)
            color = np.full((512, 512, 3), random.integers(120, 256, 3), np.uint8)
            for _ in range(6):
                centre, radius = random.integers(60, 452, 2).tolist(), int(random.integers(40, 130))
                cv2.circle(color, centre, radius, random.integers(0, 256, 3).tolist(), -1)
                cv2.circle(color, centre, radius, (10, 10, 10), 4)
            writer.add(f"{i}.png", color, np.stack([xdog(color, sigma=s) for s in (0.5, 0.7, 1.0, 1.4)], -1))
    return folder


def _recipe(name: str, art: Path, **changes: object):
    from s2p.train.recipes import get

    small = {"epoch_steps": 6, "epochs": 4, "batch_size": 2, "warmup": 2, "keep_every": 1, "ema": 0.5}
    return get(name)(data=str(art), **{**small, **changes})


def _losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_a_resumed_run_equals_an_uninterrupted_one(art, tmp_path):
    from s2p.train.loop import train

    whole = train(_recipe("tail", art), tmp_path / "whole")
    for _ in range(2):
        train(_recipe("tail", art), tmp_path / "parts", stop_after=0.0)  # stops after one batch of six
    assert not (tmp_path / "parts" / "metrics.jsonl").exists()
    parts = train(_recipe("tail", art), tmp_path / "parts")
    assert np.allclose(_losses(tmp_path / "whole"), _losses(tmp_path / "parts"), rtol=1e-4)
    import h5py

    def weights(path: Path) -> list[np.ndarray]:
        found: list[np.ndarray] = []
        with h5py.File(path) as file:
            file.visititems(lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
        return found

    for one, other in zip(weights(whole), weights(parts), strict=True):
        assert np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("name", ["auto_painter", "baby", "girder", "head", "line_extractor", "parts", "reach", "tail"])
def test_tensorflow_is_fed_the_same_batches_as_pytorch(name, art):
    """By `tf.data`, from any step, and as many as the run has left; the other way is NumPy alone."""
    import keras

    from s2p.train.batches import Batches, Stream

    alone = {"degraded": 1.0} if name == "head" else {}  # no compositions by other networks
    recipe = _recipe(name, art, epoch_steps=2, epochs=3, **alone)
    fed = list(Stream(Batches(recipe, first=2)).dataset)
    plain = Batches(recipe, first=2)
    assert len(fed) == 4 and len(plain) == 2
    for step, batch in enumerate(fed):
        if step == 2:
            plain.on_epoch_end()
        ours, theirs = keras.tree.flatten(batch), keras.tree.flatten(plain[step % 2])
        for one, other in zip(ours, theirs, strict=True):
            assert one.dtype.name == other.dtype.name and np.array_equal(one.numpy(), other)


@pytest.mark.parametrize("name", ["auto_painter", "baby", "girder", "head", "line_extractor", "parts", "reach", "tail"])
def test_one_recipe_begins_from_what_another_published_now_or_before(name, art, tmp_path):
    """Runs used to write what Keras calls the variables; now all write the names that `s2p.weights` goes by."""
    from s2p.weights import read_weights

    first = _recipe(name, art)
    first.run = tmp_path
    model = first.model()
    network = first.network_of(model)
    learned = [np.full_like(one, 0.25) for one in network.get_weights()]
    network.set_weights(learned)
    first.publish(model, tmp_path)
    published, older = tmp_path / f"{name}.weights.h5", tmp_path / "older.weights.h5"
    network.save_weights(older)
    for file in (published, older):
        then = _recipe(name, art, start=str(file))
        model = then.model()
        if name != "auto_painter" or file == published:  # it always named them, and by these names it is recognised
            then.load_start(model)
            for one, other in zip(then.network_of(model).get_weights(), learned, strict=True):
                assert np.array_equal(one, other)
    network.set_weights([0 * one for one in learned])
    read_weights(network, published)
    assert all(np.array_equal(one, other) for one, other in zip(network.get_weights(), learned, strict=True))
    if name == "head":
        assert (tmp_path / "reader.weights.h5").is_file(), "which learned beside it"


def test_an_error_in_a_batch_keeps_its_sentence(art, tmp_path, monkeypatch):
    """TensorFlow would tell it as an error of its own, with a traceback in its words."""
    from s2p.train.loop import train

    recipe = _recipe("tail", art)
    whole = type(recipe).gather

    def torn(self, step, random):
        if step == 9:
            raise InputError("The picture of batch nine is damaged.")
        return whole(self, step, random)

    monkeypatch.setattr(type(recipe), "gather", torn)
    with pytest.raises(InputError, match=r"^The picture of batch nine is damaged\.$"):
        train(recipe, tmp_path)
    assert len(_losses(tmp_path)) == 1


@pytest.fixture(scope="module")
def run(art, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five epochs with a checkpoint of each; who changes it takes a copy."""
    from s2p.train.loop import train

    return train(_recipe("tail", art, epoch_steps=1, epochs=5), tmp_path_factory.mktemp("runs") / "tail").parent


def test_only_the_last_three_checkpoints_stay_and_samples_are_drawn(run):
    assert [p.name for p in sorted(run.glob("state-*.h5"))] == [f"state-{i:06d}.h5" for i in (3, 4, 5)]
    assert len(list((run / "samples").glob("*.png"))) == 5
    assert not list(run.glob(".s2p-*"))


def test_checkpoints_of_another_graph_are_refused_in_a_sentence(art, run, tmp_path):
    from s2p.train.loop import train

    shutil.copytree(run, tmp_path, dirs_exist_ok=True)
    with pytest.raises(InputError, match="another graph"):
        train(_recipe("girder", art, epoch_steps=1, epochs=6), tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_in_a_sentence(art, tmp_path):
    from s2p.train.loop import train

    with pytest.raises(S2PError, match="lower rate"):
        train(_recipe("tail", art, epoch_steps=3, epochs=3, rate=float("nan")), tmp_path)


def test_a_torn_checkpoint_is_skipped(art, run, tmp_path):
    from s2p.train.loop import train

    shutil.copytree(run, tmp_path, dirs_exist_ok=True)
    (tmp_path / "state-000005.h5").write_bytes(b"half of a file")
    train(_recipe("tail", art, epoch_steps=1, epochs=6), tmp_path)
    epochs = [json.loads(line)["epoch"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert epochs == [1, 2, 3, 4, 5, 5, 6]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["auto_painter", "baby", "girder", "head", "neck", "tail"])
def test_every_recipe_learns_on_eight_pictures(name, art, tmp_path):
    from s2p.train.loop import train

    train(_recipe(name, art, epoch_steps=10, epochs=6, batch_size=4, rate=2e-3), tmp_path)
    losses = _losses(tmp_path)
    assert min(losses[-2:]) < 0.9 * losses[0], losses


@pytest.mark.parametrize("name", ["auto_painter", "baby", "girder", "head", "neck", "tail"])
def test_batches_depend_on_the_seed_and_the_step_alone(name, art):
    def arrays(step: int) -> list[np.ndarray]:
        recipe = _recipe(name, art)
        inputs, targets = recipe.batch(step, np.random.default_rng([3, step]))
        flat = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
        return flat + ([targets] if isinstance(targets, np.ndarray) else list(targets))

    first, again, other = arrays(4), arrays(4), arrays(7)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert any(a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert all(np.isfinite(a).all() for a in first)


@pytest.mark.parametrize("name", ["auto_painter", "baby", "girder"])
def test_a_run_with_several_shapes_can_be_continued_at_any_step(name, art):
    recipe = _recipe(name, art, batch_size=1)
    whole = -2 if name == "auto_painter" else -1  # the input that is not a window

    def shape(step: int) -> tuple[int, ...]:
        inputs, _ = recipe.batch(step, np.random.default_rng(step))
        return (inputs if isinstance(inputs, np.ndarray) else inputs[whole]).shape[1:3]

    shapes = [shape(step) for step in range(6)]
    for one, other in pairwise(shapes):
        assert one[0] != other[0] and one[1] != other[1], shapes


def test_a_recoloured_region_gets_its_hint():
    color = np.full((64, 64, 3), 200, np.uint8)
    cv2.circle(color, (30, 30), 18, (30, 120, 60), -1)
    for seed in range(40):
        changed, needed = simulate.recolor(color, np.random.default_rng(seed))
        if needed is None:
            assert np.array_equal(changed, color)
            continue
        x, y = int(needed[0] * 64), int(needed[1] * 64)
        assert np.abs(changed.astype(int) - color).sum(-1)[y, x] > 0
        paper = np.full((64, 64), 255, np.uint8)
        points = simulate.place_hints(changed, paper, 3, np.random.default_rng(1), needed=needed)
        assert points[0][:2] == needed
        return
    pytest.fail("no region was ever recoloured")


def test_a_release_reads_back_as_it_was_trained(art, tmp_path, monkeypatch):
    from s2p import weights
    from s2p.models import style2paints
    from s2p.train.loop import train
    from s2p.train.release import candidate, publish

    train(_recipe("tail", art, epoch_steps=2, epochs=1), tmp_path / "run")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "registry.json").write_text('{"version": 1, "weights": []}')
    monkeypatch.setattr(weights, "folder", lambda: tmp_path / "weights")
    made = candidate(tmp_path / "run", "tail", about="Pictures of circles, CC0.")
    assert weights.find("tail").origin == "none", "a candidate is not in use"
    publish(made)
    assert weights.verify() == []
    found = weights.find("tail")
    assert found.origin == "own" and found.trained
    trained = style2paints.tail()
    trained.load_weights(tmp_path / "run" / "tail.weights.h5")
    for one, other in zip(trained.get_weights(), weights.load_model(found).get_weights(), strict=True):
        assert (np.abs(one - other) <= np.abs(one) / 120 + 1e-6).all(), "float16, then six bits behind the point"
    recipe = _recipe("tail", art, epoch_steps=1, epochs=1, rate=0.0, warmup=1, start=str(found.path))
    again = train(recipe, tmp_path / "on")
    continued = style2paints.tail()
    continued.load_weights(again)
    for one, other in zip(weights.load_model(found).get_weights(), continued.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-6)
    card = (tmp_path / "weights" / "tail-turbo.md").read_text()
    assert "Pictures of circles, CC0." in card and "It began from random numbers." in card
    publish(candidate(tmp_path / "on", "tail", about="Squares."))
    card = (tmp_path / "weights" / "tail-turbo.md").read_text()
    assert f"It began from `tail-turbo.weights.h5` (SHA-256 `{found.sha256}`)." in card and "random" not in card


def test_an_auto_painter_run_publishes_the_draft_network_inside_it(tmp_path, monkeypatch):
    from s2p import weights
    from s2p.models import auto_painter
    from s2p.train.release import candidate, publish

    run, place = tmp_path / "run", tmp_path / "weights"
    run.mkdir()
    place.mkdir()
    painter = auto_painter.turbo()
    weights.write_weights(painter, run / "auto_painter.weights.h5", dtype="float32")
    drawings = tmp_path / "drawings"
    drawings.mkdir()
    (drawings / "index.json").write_text('{"format": "s2p-shards", "settings": {"synthetic": {"seed": 3}}}')
    settings = {"recipe": "auto_painter", "epoch_steps": 3, "batch_size": 4, "start": "mine/baby.weights.h5",
                "more": str(drawings), "more_share": 0.4}
    (run / "recipe.json").write_text(json.dumps(settings))
    (run / "metrics.jsonl").write_text('{"epoch": 2, "loss": 1.5}\n')
    (place / "registry.json").write_text('{"version": 1, "weights": []}')
    monkeypatch.setattr(weights, "folder", lambda: place)
    publish(candidate(run, "baby", about="Nothing.", temperature=0.5))
    assert weights.find("baby").build == {"temperature": 0.5}
    inside = {variable.path: np.array(variable) for variable in painter.variables}
    for variable in weights.load_model(weights.find("baby")).variables:
        assert np.allclose(np.array(variable), inside[variable.path], atol=2e-3), variable.path
    card = (place / "baby-turbo.md").read_text()
    assert "24 samples" in card and "It began from `baby.weights.h5`." in card and "random" not in card
    assert "40% of the samples were drawings made by program" in card and str(drawings) not in card
    with pytest.raises(InputError, match="no weights of 'head'"):
        candidate(run, "head", about="Nothing.")


def test_training_on_keeps_the_palette_that_the_weights_know(art):
    """Another seed would find other colours, and the likelihood would train against the graph's own palette."""
    from s2p.models.style2paints import baby
    from s2p.weights import find, read_weights

    source = find("baby").path
    network = baby()
    read_weights(network, source)
    own = np.asarray(network.get_layer("palette").get_weights()[0])[0, 0, :-1]
    for name in ("baby", "auto_painter"):
        recipe = _recipe(name, art, start=str(source), seed=5)
        assert np.allclose(recipe.palette, own) and recipe._rarity.shape == (len(own),)


def test_pictures_come_back_as_they_went_in(tmp_path):
    color = np.random.default_rng(0).integers(0, 256, (512, 600, 3)).astype(np.uint8)
    with Writer(tmp_path / "art") as writer:
        writer.add("wide", color, color[..., :2])
        writer.add("tall", color[:, :100].transpose(1, 0, 2), color[:, :100, :2].transpose(1, 0, 2))
    art = Art(tmp_path / "art")
    assert np.array_equal(art.color(0), color) and np.array_equal(art.lines(0), color[..., :2])
    assert art.color(1).shape == (512, 832, 3)


def _plain(folder: Path, values: range, *, flavours: int) -> Path:
    """Pictures of one gray each."""
    with Writer(folder) as writer:
        for value in values:
            lines = np.full((512, 512, flavours), 255, np.uint8)
            writer.add(f"{value}.png", np.full((512, 512, 3), value, np.uint8), lines)
    return folder


def test_a_second_folder_gives_its_share_of_the_samples(tmp_path, monkeypatch):
    few, many = _plain(tmp_path / "few", range(2), flavours=4), _plain(tmp_path / "many", range(100, 106), flavours=1)
    art = _recipe("head", many, more=str(few), more_share=0.2).art
    random = np.random.default_rng(0)
    values = [int(art.color(art.pick(random))[0, 0, 0]) for _ in range(2000)]
    assert set(values) == {0, 1, *range(100, 106)}
    assert abs(np.mean(np.array(values) < 50) - 0.2) < 0.04, "however many pictures it holds"
    assert [art.lines(i).shape[-1] for i in (5, 6)] == [1, 4] and len(art) == 8
    third = _plain(tmp_path / "third", range(200, 203), flavours=4)
    art = _recipe("head", many, more=os.pathsep.join([str(few), str(third)]), more_share=0.6).art
    values = np.array([int(art.color(art.pick(random))[0, 0, 0]) for _ in range(2000)])
    for some in (values < 50, (values >= 100) & (values < 150), values >= 200):
        assert some.mean() == pytest.approx(0.35, abs=0.1), "what comes from more is shared out evenly"
    assert int(art.color(8)[0, 0, 0]) == 200 and art.source(7)[1] == 1 and len(art) == 11
    with pytest.raises(InputError, match="between 0 and 1"):
        _ = _recipe("baby", many, more=str(few), more_share=1.5).art

    from s2p.train.recipes import painter

    monkeypatch.setattr(painter, "Compositions", lambda art: [f"{art.folder.name} {i}" for i in range(len(art))])
    recipe = _recipe("head", many, more=str(few))
    assert [recipe.composed(i) for i in (0, 5, 6, 7)] == ["many 0", "many 5", "few 0", "few 1"]


@pytest.mark.parametrize("name", ["auto_painter", "baby", "head", "neck"])
def test_a_share_of_the_samples_has_bare_hints(name, art):
    def coverage(bare: float, hints: int) -> float:
        """How much of the picture has a hint, as the network sees it."""
        recipe, random = _recipe(name, art, bare=bare), np.random.default_rng(3)
        if name == "auto_painter":
            (_, hint, draft), *_ = recipe.paint(0, (128, 160), random, hints=hints)
            assert abs((hint[..., -1] > 0).mean() - (draft[..., 1] > -400).mean()) < 0.02
            return float((hint[..., -1] > 0).mean())
        sample = recipe.sample(0, *([(128, 160)] if name == "baby" else []), random, hints=hints)
        return float((sample[0][..., 1] > -400).mean() if name == "baby" else (sample[1] != 0).any(-1).mean())

    assert coverage(1.0, 0) == 0, "no hints, and no composition either"
    assert 0 < coverage(1.0, 4) < 0.05
    assert coverage(0.0, 4) > 0.9


def test_an_interrupted_decoding_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), Writer(tmp_path / "art"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="s2p prepare"):
        Art(tmp_path / "art")
