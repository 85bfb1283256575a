"""The adversarial model: every loss moves the right way, runs resume, the discriminator joins and leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from s2p.nn import adversarial, losses
from s2p.nn.discriminators import patch_discriminator
from s2p.nn.gradients import to_numpy
from s2p.train.gan import GAN, Adversarial, Term
from s2p.train.recipe import Recipe

_SIZE = 32


def _painter(*, dropout: float = 0.0) -> keras.Model:
    sketch = keras.Input((None, None, 1), name="sketch")
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="first")(sketch)
    x = keras.layers.Dropout(dropout, seed=3, name="dropout")(x) if dropout else x
    return keras.Model(sketch, keras.layers.Conv2D(3, 3, padding="same", name="last")(x), name="painter")


def _gan(kind: str, *, terms: bool = True, dropout: float = 0.0, noise: float = 0.0, rate: float = 1e-2) -> GAN:
    keras.utils.set_random_seed(1)
    table = [Term("pixel", 50.0, losses.weighted_l1()), Term("off", 0.0, losses.weighted_l1())] if terms else []
    table += [Term("variation", 1e-3, lambda _, picture: losses.total_variation(picture))] if terms else []
    gan = GAN(
        _painter(dropout=dropout), patch_discriminator(widths=(8, 8, 8)), terms=table,
        adversarial=Adversarial(kind=kind, noise=noise), seen=lambda inputs, pictures: (inputs, pictures[-1]),
    )
    gan.compile(
        optimizer=keras.optimizers.Adam(rate, use_ema=True, ema_momentum=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
    )
    return gan


def _batch(step: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(step)
    sketch = (random.random((4, _SIZE, _SIZE, 1)) < 0.1).astype("float32")
    color = np.tile(random.uniform(-0.8, 0.8, (4, 1, 1, 3)), (1, _SIZE, _SIZE, 1)) * (1.0 - sketch)
    return sketch, color.astype("float32")


def _logs(gan: GAN, *, test: bool = False) -> dict[str, float]:
    for metric in gan.metrics:
        metric.reset_state()
    found = (gan.test_step if test else gan.train_step)(tuple(map(keras.ops.convert_to_tensor, _batch())))
    return {name: float(to_numpy(value)) for name, value in found.items()}


@pytest.mark.parametrize("kind", adversarial.KINDS)
def test_both_sides_move_the_right_way_under_every_loss(kind):
    gan = _gan(kind, terms=False, rate=1e-3)
    first = _logs(gan, test=True)
    assert set(first) == {"loss", "adversarial", "discriminator"}
    painter = [to_numpy(v) for v in gan.generator.trainable_variables]
    for _ in range(2):
        _logs(gan)
    judged = _logs(gan, test=True)
    assert judged["discriminator"] < first["discriminator"]
    assert any(not np.array_equal(a, to_numpy(b)) for a, b in zip(painter, gan.generator.trainable_variables))
    gan.discriminator_optimizer.learning_rate = 0.0  # the discriminator stands still: now the generator alone gains
    for _ in range(4):
        _logs(gan)
    assert _logs(gan, test=True)["adversarial"] < judged["adversarial"]


def test_the_table_is_weighted_and_a_zero_switches_a_term_off():
    found = _logs(_gan("lsgan"), test=True)
    assert set(found) == {"loss", "pixel", "variation", "adversarial", "discriminator"}
    assert np.isclose(found["loss"], 50 * found["pixel"] + 1e-3 * found["variation"] + found["adversarial"], rtol=1e-5)


def test_without_the_judge_nothing_of_it_is_computed_or_moved():
    gan = _gan("hinge")
    gan.use_discriminator(False)
    before = [to_numpy(v) for v in gan.discriminator.variables]
    assert "adversarial" not in _logs(gan)
    assert all(np.array_equal(a, to_numpy(b)) for a, b in zip(before, gan.discriminator.variables))


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="wgan-gp"):
        Adversarial(kind="wgan")


@dataclass
class Tiny(Recipe):
    """A generator with dropout and a discriminator with noise, which joins half-way."""

    batch_size: int = 4
    epoch_steps: int = 4
    epochs: int = 4
    warmup: int = 2
    keep_every: int = 1
    ema: float = 0.5
    name: str = field(default="tiny", init=False)

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        gan = _gan("lsgan", dropout=0.2, noise=0.1)
        gan.compile(optimizer=optimizer, discriminator_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5))
        return gan

    def begin(self, model: keras.Model, epoch: int) -> None:
        model.use_discriminator(epoch >= 2)  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]

    def gather(self, step: int, random: np.random.Generator) -> Any:
        return _batch(step)

    def network_of(self, model: keras.Model) -> keras.Model:
        return model.generator  # pyright: ignore[reportReturnType]

    def publish(self, model: keras.Model, out: Path) -> None:
        self.network_of(model).save_weights(out / "tiny.weights.h5")


def _lines(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def _interrupted(until: int) -> Tiny:
    """A run that somebody ends at once when that epoch begins."""
    recipe = Tiny()
    begin = recipe.begin

    def begin_or_end(model: keras.Model, epoch: int) -> None:
        if epoch == until:
            raise KeyboardInterrupt
        begin(model, epoch)

    recipe.begin = begin_or_end
    return recipe


def test_a_resumed_adversarial_run_equals_an_uninterrupted_one(tmp_path):
    from s2p.train.loop import train

    train(Tiny(), tmp_path / "whole")
    train(Tiny(), tmp_path / "parts", stop_after=0.0)  # after one batch
    for epoch in (1, 2, 3):  # before, at and after the discriminator's coming
        with pytest.raises(KeyboardInterrupt):
            train(_interrupted(epoch), tmp_path / "parts")
    train(Tiny(), tmp_path / "parts")
    whole, parts = _lines(tmp_path / "whole"), _lines(tmp_path / "parts")
    assert [line["epoch"] for line in parts] == [1, 2, 3, 4]
    assert "discriminator" not in whole[1] and "discriminator" in whole[2]
    for one, other in zip(whole, parts, strict=True):
        names = set(one) - {"samples_per_second"}
        assert names == set(other) - {"samples_per_second"}
        assert all(np.isclose(one[name], other[name], rtol=1e-4) for name in names), (one, other)
    with h5py.File(tmp_path / "whole/state-000004.h5") as one, h5py.File(tmp_path / "parts/state-000004.h5") as other:
        assert set(one) == {"model", "optimizer", "discriminator_optimizer"}
        for group in one:
            for name in one[group]:
                assert np.allclose(one[group][name][()], other[group][name][()], atol=1e-5), (group, name)


def test_what_is_published_is_the_average_of_the_painter(tmp_path):
    from s2p.train.checkpoints import averaged

    gan = _gan("lsgan")
    for _ in range(3):
        _logs(gan)
    own = [to_numpy(v) for v in gan.generator.trainable_variables]
    with averaged(gan):
        mean = [to_numpy(v) for v in gan.generator.trainable_variables]
    assert any(not np.allclose(a, b) for a, b in zip(own, mean))
    assert all(np.array_equal(a, to_numpy(b)) for a, b in zip(own, gan.generator.trainable_variables))


@pytest.mark.slow
def test_memory_stays_flat_over_epochs(tmp_path):
    """The re-implementation of Auto-painter ran out of memory after ten epochs in one process."""
    from s2p.evaluation.memory import peak
    from s2p.train.loop import train

    train(Tiny(epochs=8), tmp_path)
    with peak() as early:
        train(Tiny(epochs=10), tmp_path)
    with peak() as late:
        train(Tiny(epochs=40), tmp_path)
    assert early.megabytes is not None and late.megabytes is not None
    assert late.megabytes < early.megabytes + 150
