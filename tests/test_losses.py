"""Losses against values that can be worked out by hand, and feature networks."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from s2p.errors import WeightsError
from s2p.models import style2paints
from s2p.nn import adversarial, features, losses
from s2p.nn.blocks import Double
from s2p.nn.discriminators import official_discriminator, patch_discriminator
from s2p.nn.gradients import input_gradients, to_numpy, value_and_gradients


def _pictures(seed: int = 0, shape: tuple[int, ...] = (2, 8, 8, 3)) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def test_total_variation_of_known_pictures():
    flat = np.full((1, 6, 6, 3), 0.3, "float32")
    ramp = np.broadcast_to(np.arange(6, dtype="float32")[None, :, None, None] * 0.5, (1, 6, 6, 3))
    checks = np.indices((6, 6)).sum(0)[None, ..., None].repeat(3, -1) % 2 * 1.0
    values = [float(to_numpy(losses.total_variation(one.astype("float32")))[0]) for one in (flat, ramp, checks)]
    assert np.allclose(values, [0.0, 0.25, 2.0])
    larger = checks.repeat(1, 0)[:, :4, :4].astype("float32")
    assert np.allclose(to_numpy(losses.total_variation(larger)), 2.0)  # a mean: the size does not matter


def test_total_variation_moves_the_painting():
    variable = keras.Variable(_pictures())
    _, _, (gradient,) = value_and_gradients(
        lambda: (keras.ops.sum(losses.total_variation(variable.value)), None), [variable]
    )
    assert np.abs(to_numpy(gradient)).max() > 1e-3


def test_pixel_losses_equal_their_numpy_references():
    truth, guess = _pictures(1), _pictures(2)
    assert np.allclose(to_numpy(losses.weighted_l1()(truth, guess)), np.abs(truth - guess).mean((1, 2, 3)), atol=1e-6)
    difference = guess - truth
    half = difference.reshape(2, 4, 2, 4, 2, 3).mean((2, 4))
    expected = (np.abs(difference).mean((1, 2, 3)) + np.abs(half).mean((1, 2, 3))) / 2
    assert np.allclose(to_numpy(losses.multi_scale_l1(2)(truth, guess)), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 5, 3, 2), (2, 1, 4, 3)])
def test_doubling_is_bilinear_at_pixel_centres(shape):
    picture = _pictures(6, shape)
    expected = keras.layers.UpSampling2D(2, interpolation="bilinear")(picture)
    assert np.allclose(to_numpy(Double()(picture)), to_numpy(expected), atol=1e-6)


def test_colour_aware_loss_minds_hue_more_than_brightness():
    gray = np.zeros((1, 4, 4, 3), "float32")
    brighter = gray + 0.2
    redder = gray + np.array([0.2, 0.0, 0.0], "float32")
    loss = losses.color_aware(chroma=2.0)
    lighter, tinted = (float(to_numpy(loss(gray, one))[0]) for one in (brighter, redder))
    assert np.isclose(lighter, 0.2) and np.isclose(tinted, 0.2 * 0.299 + 0.2 + 0.1)


@pytest.mark.parametrize(
    ("kind", "judge", "painter"),
    [
        ("vanilla", np.log1p(np.exp(-2.0)) + np.log1p(np.exp(1.0)), np.log1p(np.exp(-1.0))),
        ("lsgan", 0.5 * (1.0 + 1.0), 0.0),
        ("hinge", 0.0 + 2.0, -1.0),
        ("wgan-gp", 1.0 - 2.0, -1.0),
    ],
)
def test_adversarial_losses_of_known_answers(kind, judge, painter):
    real, fake = np.full((3, 2, 2, 1), 2.0, "float32"), np.ones((3, 2, 2, 1), "float32")
    assert np.allclose(to_numpy(adversarial.discriminator_loss(kind, real, fake)), [judge] * 3, atol=1e-6)
    assert np.allclose(to_numpy(adversarial.generator_loss(kind, fake)), [painter] * 3, atol=1e-6)


def test_smoothing_asks_less_of_true_pictures_only():
    real, fake = np.full((1, 1), 0.9, "float32"), np.zeros((1, 1), "float32")
    assert np.allclose(to_numpy(adversarial.discriminator_loss("lsgan", real, fake, smooth=0.1)), 0.0, atol=1e-12)


@pytest.mark.parametrize("length", [0.5, 1.0, 3.0])
def test_gradient_penalty_of_a_linear_judge(length):
    weight = np.random.default_rng(3).normal(size=(1, 5, 4, 3)).astype("float32")
    weight *= length / np.linalg.norm(weight)
    weight, pictures = keras.ops.convert_to_tensor(weight), keras.ops.convert_to_tensor(_pictures(4, (2, 5, 4, 3)))
    gradients = input_gradients(lambda x: keras.ops.sum(x * weight, axis=(1, 2, 3)), pictures)
    penalty = to_numpy(adversarial.gradient_penalty(gradients))
    assert np.allclose(penalty, (length - 1.0) ** 2, atol=1e-5)


def test_a_gradient_penalty_can_be_differentiated_by_the_judge():
    weight = keras.Variable(np.full((3,), 1.0, "float32"))
    pictures = keras.ops.convert_to_tensor(np.ones((1, 3), "float32"))

    def loss():
        gradients = input_gradients(lambda x: keras.ops.sum(x * weight.value, axis=-1), pictures)
        return keras.ops.sum(adversarial.gradient_penalty(gradients)), None

    value, _, (gradient,) = value_and_gradients(loss, [weight])
    root = np.sqrt(3.0)
    assert np.isclose(float(to_numpy(value)), (root - 1) ** 2, atol=1e-5)
    assert np.allclose(to_numpy(gradient), 2 * (root - 1) / root, atol=1e-5)


def test_official_discriminator_has_the_published_size_and_patches():
    judge = official_discriminator()
    assert judge.count_params() == 6_966_789
    assert official_discriminator(answer_norm=False).count_params() == 6_966_789 - 4
    pictures = np.zeros((1, 512, 512, 3), "float32")
    assert judge.compute_output_shape([pictures.shape] * 2) == (1, 30, 30, 1)
    small = official_discriminator(receptive_field=70)
    assert small.compute_output_shape([(1, 256, 256, 3)] * 2) == (1, 30, 30, 1)


@pytest.mark.parametrize(("model", "field"), [
    (lambda: patch_discriminator(widths=(4, 4, 4, 4)), 70),
    (lambda: official_discriminator(receptive_field=70), 70),
])
def test_an_answer_sees_a_patch_of_the_promised_width(model, field):
    judge = model()
    channels = judge.inputs[0].shape[-1]
    condition = keras.ops.zeros((1, 256, 256, channels))

    def middle(picture):
        logits = judge([condition, picture], training=False)
        return keras.ops.sum(logits[:, 15, 15])

    seen = to_numpy(input_gradients(middle, keras.ops.convert_to_tensor(_pictures(5, (1, 256, 256, 3)))))
    rows = np.nonzero(np.abs(seen).sum((0, 2, 3)))[0]
    assert 0.9 * field <= rows.max() - rows.min() + 1 <= field


def test_reader_features_tell_pictures_apart_and_do_not_learn():
    network = features.of_reader(style2paints.reader())
    loss = features.feature_loss(network)
    same, other = _pictures(1, (1, 64, 64, 3)), _pictures(2, (1, 64, 64, 3))
    assert np.allclose(to_numpy(loss(same, same)), 0.0, atol=1e-6)
    assert to_numpy(loss(same, other))[0] > 1e-3
    assert not network.trainable_variables


@pytest.fixture
def vgg_file(tmp_path: Path) -> Path:
    """A file laid out like Keras's notop weights of VGG16, its numbers random and small."""
    random, path = np.random.default_rng(0), tmp_path / "vgg16_notop.h5"
    before = 3
    with h5py.File(path, "w") as file:
        for block, (count, width) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
            for i in range(1, count + 1):
                group = file.create_group(f"block{block}_conv{i}")
                # Only the blocks that are read need numbers; the others may be as small as HDF5 stores zeros.
                kernel = np.zeros((3, 3, before, width), "float16")
                if block < 3:
                    kernel = random.normal(0, (2 / (9 * before)) ** 0.5, kernel.shape).astype("float16")
                group.create_dataset(f"block{block}_conv{i}_W_1:0", data=kernel, compression="gzip")
                group.create_dataset(f"block{block}_conv{i}_b_1:0", data=np.zeros(width, "float16"))
                before = width
    return path


def test_a_local_vgg_file_is_read_as_arrays_and_gets_the_range_it_expects(vgg_file):
    network = features.vgg(vgg_file, layer="block1_conv1")
    picture = _pictures(1, (1, 4, 4, 3))
    caffe = (picture[..., ::-1] + 1.0) * 127.5 - np.array([103.939, 116.779, 123.68], "float32")
    with h5py.File(vgg_file) as file:
        kernel = np.asarray(file["block1_conv1/block1_conv1_W_1:0"]).astype("float32")
    padded = np.pad(caffe, ((0, 0), (1, 1), (1, 1), (0, 0)))
    expected = sum(
        padded[:, y : y + 4, x : x + 4] @ kernel[y, x] for y in range(3) for x in range(3)
    )
    assert np.allclose(to_numpy(network(picture)), np.maximum(expected, 0.0), rtol=1e-4, atol=1e-2)
    assert features.vgg(vgg_file, layer="block2_conv2").output_shape[-1] == 128


def test_a_file_that_is_no_vgg_is_refused_in_a_sentence(vgg_file, tmp_path):
    with pytest.raises(WeightsError, match="block7_conv1"):
        features.vgg(vgg_file, layer="block7_conv1")
    (tmp_path / "torn.h5").write_bytes(b"torn")
    with pytest.raises(WeightsError, match="HDF5"):
        features.vgg(tmp_path / "torn.h5")
    with h5py.File(vgg_file, "r+") as file:
        del file["block1_conv1/block1_conv1_b_1:0"]
        file["block1_conv1/block1_conv1_b_1:0"] = np.zeros(3, "float32")
    with pytest.raises(WeightsError, match="block1_conv1"):
        features.vgg(vgg_file, layer="block2_conv1")
