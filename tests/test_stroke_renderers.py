"""Networks that draw strokes: their sizes, their enlargements, what they learn from, and a search that follows one."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from keras import layers, ops

from s2p import weights
from s2p.errors import ConfigError, InputError, WeightsMissingError
from s2p.models import build, stroke_renderers
from s2p.networks import spec_of
from s2p.nn.gradients import compiled_slope
from s2p.nn.plain_conv import PlainConv2D
from s2p.strokes import backends, neural, raster, search
from s2p.strokes.layouts import LAYOUTS, layout_of
from s2p.strokes.maps import drawn
from s2p.strokes.painting import paint
from s2p.train import recipes, release
from s2p.train.recipes.stroke_renderer import likeness
from s2p.train.thinning import share_at, shorten, thin
from tests.stroke_cases import ALL, picture

FULL, LIGHT = "zou-fusion-net", "zou-fusion-net-light"
PARAMETERS = {  # those that learn, as the paper's program counts them
    (FULL, "oilpaintbrush"): 18_093_044, (FULL, "watercolor"): 18_119_156, (FULL, "markerpen"): 18_094_580,
    (FULL, "rectangle"): 18_068_468, (LIGHT, "oilpaintbrush"): 5_373_004, (LIGHT, "watercolor"): 5_399_116,
    (LIGHT, "markerpen"): 5_374_540, (LIGHT, "rectangle"): 5_348_428, ("plain-dcgan", "oilpaintbrush"): 7_054_208,
    ("huang-net", "oilpaintbrush"): 11_043_296, ("plain-unet", "oilpaintbrush"): 41_844_358,
}  # fmt: skip


@pytest.mark.parametrize(("name", "renderer"), PARAMETERS)
def test_networks_have_the_published_number_of_parameters(name, renderer):
    model = build(name, variant=renderer)
    learned = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert learned == PARAMETERS[name, renderer]
    side = stroke_renderers.SIDES[name]
    assert model.output_shape == [(None, side, side, 3)] * 2 and model.input_shape == (None, LAYOUTS[renderer].size)


def test_the_numbers_of_a_stroke_are_those_of_the_layouts():
    assert {name: (len(one.shape), one.size) for name, one in LAYOUTS.items()} == stroke_renderers.COLUMNS
    assert neural.NETWORKS[0] == LIGHT and set(neural.NETWORKS) == set(stroke_renderers.SIDES)
    assert all(tuple(spec_of(name).variants) == ALL for name in neural.NETWORKS)


def test_an_enlargement_is_the_transposed_convolution_value_and_gradient():
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 5, 7, 3)).astype(np.float32)
    upstream = random.normal(size=(2, 10, 14, 4)).astype(np.float32)
    transposed = layers.Conv2DTranspose(4, 4, strides=2, padding="same", use_bias=False)
    wanted = np.asarray(transposed(x))
    given = keras.Input((None, None, 3))
    enlarged = keras.Model(given, stroke_renderers.enlarged(given, 4, name="up"))
    enlarged.get_layer("up").set_weights([stroke_renderers.enlarging_kernel(transposed.get_weights()[0])])
    np.testing.assert_allclose(np.asarray(enlarged(x)), wanted, atol=1e-5)
    slopes = [
        compiled_slope(lambda x, up, one=one: ops.sum(one(x) * up, axis=(1, 2, 3)), [x.shape, upstream.shape])(
            x, upstream
        )[1] for one in (transposed, enlarged)
    ]
    np.testing.assert_allclose(slopes[0], slopes[1], atol=1e-5)


@pytest.mark.parametrize(("kernel", "padding"), [(2, "valid"), (3, "valid"), (3, "same")])
def test_a_plain_convolution_has_the_gradients_of_any_other(kernel, padding):
    from s2p.nn.gradients import value_and_gradients

    x = keras.Variable(np.random.default_rng(1).normal(size=(2, 6, 5, 3)).astype(np.float32))
    usual, plain = (kind(4, kernel, padding=padding) for kind in (layers.Conv2D, PlainConv2D))
    for one in (usual, plain):
        one.build((None, None, None, 3))
    plain.set_weights(usual.get_weights())
    found = [
        value_and_gradients(lambda one=one: (ops.sum(one(x) ** 3), None), [x, one.kernel, one.bias])
        for one in (usual, plain)
    ]
    for a, b in zip(found[0][2], found[1][2]):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_the_maps_of_a_stroke_laid_on_a_canvas_are_what_the_engine_draws(name, seed):
    row = np.random.default_rng(seed).random(layout_of(name).size, np.float32)
    foreground, alpha = drawn(row, layout_of(name), 64)
    assert alpha.min() >= 0 and alpha.max() <= 1 and foreground[alpha == 0].max(initial=0) == 0
    canvas = raster.Canvas(search.Strokes(name, row[None], 1.0, "#8090a0"), 64)
    strength = 1.0 if name == "oilpaintbrush" else row[-1]
    wanted = foreground * strength + canvas.planes.transpose(1, 2, 0) * (1 - alpha[..., None])
    canvas.lay(row)
    np.testing.assert_allclose(canvas.planes.transpose(1, 2, 0), wanted, atol=1e-4)


# The recipe -----------------------------------------------------------------------------------------------------------


def small(**changes: object) -> recipes.Recipe:
    values = {"batch_size": 6, "colored": 2, "epochs": 1, "epoch_steps": 2, "warmup": 1, **changes}
    return recipes.configure("stroke_renderer", data=".", changes=[f"{key}={value}" for key, value in values.items()])


@pytest.mark.parametrize("name", ALL)
def test_a_batch_is_a_function_of_seed_and_number_and_holds_what_is_drawn(name):
    recipe = small(renderer=name)
    one, other, third = (recipe.batch(step, np.random.default_rng([1, step])) for step in (4, 4, 5))
    for a, b in zip(keras.tree.flatten(one), keras.tree.flatten(other)):
        np.testing.assert_array_equal(a, b)
    (whole, more), (foreground, alpha, alphas) = one
    assert len(whole) == len(foreground) == len(alpha) == 2 and len(more) == len(alphas) == 4
    assert np.abs(whole - third[0][0]).max() > 0.1
    colors, cover = drawn(whole[1], layout_of(name), 32)
    np.testing.assert_allclose(foreground[1], colors, atol=0.51 / 255)
    np.testing.assert_allclose(alpha[1, ..., 2], cover, atol=0.51 / 255)


def test_a_recipe_of_what_does_not_exist_is_refused():
    for wrong in ({"renderer": "chalk"}, {"network": "zou"}, {"colored": 6}, {"sparsity": 1.0}):
        with pytest.raises(ConfigError, match="Received"):
            small(**wrong)


def test_thin_weights_are_mostly_zero_short_and_nearly_the_same():
    layer = layers.Dense(700)
    model = keras.Sequential([keras.Input((700,)), layer, layers.Dense(3)])
    before, last = layer.get_weights()[0], model.get_weights()[-2]
    thin(model, 0.75)
    shorten(model)
    after = layer.get_weights()[0]
    assert (after == 0).mean() == pytest.approx(0.75, abs=0.01) and np.array_equal(model.get_weights()[-2], last)
    kept = after != 0
    assert np.abs(before[~kept]).max() <= np.abs(before[kept]).min()
    np.testing.assert_allclose(after[kept], before[kept], rtol=1 / 7)
    assert len(np.unique(np.abs(np.frexp(after[kept])[0]))) <= 5
    assert [share_at(progress, 0.8) for progress in (0.0, 0.3, 1.0)] == [0.0, 0.0, 0.8]


def test_a_run_without_pictures_becomes_weights_of_its_kind_of_stroke(tmp_path, monkeypatch):
    from s2p import cli

    out, about = tmp_path / "run", tmp_path / "about.txt"
    monkeypatch.setattr(weights, "folder", lambda: tmp_path / "weights")
    about.write_text("Random strokes.")
    changes = ["renderer=rectangle", "batch_size=6", "colored=2", "epochs=1", "epoch_steps=2"]
    words = [word for change in changes for word in ("--set", change)]
    assert cli.main(["train", "stroke_renderer", "--out", str(out), *words]) == 0
    assert json.loads((out / "metrics.jsonl").read_text())["loss"] > 0 and list((out / "samples").glob("*.png"))
    made = release.candidate(out, LIGHT, about=about.read_text())
    monkeypatch.setattr("s2p.train.recipes.stroke_renderer.COUNT", 64)
    tables, figures = release.judged(made)
    release.publish(made, figures=figures)
    assert "PSNR" in tables and "PSNR" in (tmp_path / "weights" / f"{LIGHT}-rectangle.md").read_text()
    found = weights.find(LIGHT, variant="rectangle")
    assert found.trained and found.variant == "rectangle" and not weights.find(LIGHT, variant="watercolor").trained
    assert [one.variant for one in weights.find_all() if one.name == LIGHT] == ["oilpaintbrush", "rectangle"]
    size = Path(found.path or "").stat().st_size
    assert size < 2e6, "most of the large kernels is zero"
    kernels = [value for value in weights.load_model(found).get_weights() if value.size > 200_000]
    assert all((kernel == 0).mean() == pytest.approx(0.85, abs=0.01) for kernel in kernels)


# Searching with a network ---------------------------------------------------------------------------------------------


class Boxes(layers.Layer):
    """What a perfect network for `rectangle` would answer."""

    def call(self, inputs):
        side = 32.0
        x = ops.arange(0.5, side)[None, None, :] - inputs[:, 0, None, None] * side
        y = ops.arange(0.5, side)[None, :, None] - inputs[:, 1, None, None] * side
        angle = inputs[:, 4, None, None] * np.pi
        along = x * ops.cos(angle) + y * ops.sin(angle)
        across = y * ops.cos(angle) - x * ops.sin(angle)
        half = [inputs[:, column, None, None] * side / 4 for column in (2, 3)]
        mask = ops.sigmoid((half[0] - ops.abs(along)) / 0.67) * ops.sigmoid((half[1] - ops.abs(across)) / 0.67)
        mask = ops.repeat(mask[..., None], 3, axis=-1)
        return mask * inputs[:, None, None, 5:8], mask * inputs[:, None, None, 8:9]


@pytest.fixture
def perfect(monkeypatch):
    """`--backend neural` with a network that knows rectangles."""
    given = keras.Input((9,))
    drawing = neural.Drawing(keras.Model(given, list(Boxes()(given))), layout_of("rectangle"))
    monkeypatch.setattr(neural, "load", lambda renderer, network: drawing)
    return drawing


def test_a_search_by_a_network_paints_about_as_well_as_the_formulas(perfect):
    about = {"renderer": "rectangle", "max_strokes": 45, "max_divide": 3, "canvas_size": 128, "candidates": 16}
    analytic = paint(picture(), iters=4, **about)
    by_network, guessed = (paint(picture(), iters=steps, backend="neural", **about) for steps in (4, 0))
    assert by_network.likeness is not None and analytic.likeness is not None and guessed.likeness is not None
    # The formulas solve colours in every step, a network goes down the gradient with them.
    assert by_network.likeness > analytic.likeness - 3 and by_network.likeness > guessed.likeness
    again = paint(picture(), iters=4, backend="neural", **about)
    np.testing.assert_array_equal(by_network.strokes.values, again.strokes.values)


def test_a_search_by_a_network_keeps_lines_sizes_and_opacity(perfect):
    drawing = np.full((96, 128), 255, np.uint8)
    cv2.rectangle(drawing, (32, 24), (95, 71), 0, 2)
    image = np.full((96, 128, 3), 255, np.uint8)
    image[24:72, 32:96] = (200, 30, 30)
    painting = paint(image, renderer="rectangle", max_strokes=30, max_divide=3, canvas_size=256, lines=drawing,
                     backend="neural", opaque=True, single_color=True)
    assert np.abs(painting.image[:40].astype(int) - 255).mean() < 8 and (painting.strokes.values[:, -1] == 1).all()
    assert np.abs(painting.image[100:140, 80:180].astype(int) - (200, 30, 30)).mean() < 15


def test_the_cover_of_a_network_is_that_of_the_formulas(perfect):
    shape = np.random.default_rng(3).uniform(0.4, 1.2, (5, 5)).astype(np.float32)
    wanted = backends.Backend().cover(shape, layout_of("rectangle"), side=16, window=(32, 32), origin=(0.0, 0.0))
    found = perfect.cover(shape, layout_of("rectangle"), side=16, window=(32, 32))
    assert np.abs(found - wanted).mean() < 0.02


@pytest.mark.parametrize("name", [ALL[0], *(pytest.param(name, marks=pytest.mark.slow) for name in ALL[1:])])
def test_the_shipped_networks_draw_about_what_the_engine_does_and_a_search_follows_them(name):
    found = weights.find(LIGHT, variant=name)
    assert found.trained and found.variant == name
    assert min(likeness(weights.load_model(found), name, count=64)) > 17
    about = {"renderer": name, "max_strokes": 15, "max_divide": 2, "canvas_size": 128, "candidates": 8}
    bare = 10 * np.log10(255.0**2 / ((255.0 - picture()) ** 2).mean())
    assert (paint(picture(), backend="neural", iters=2, **about).likeness or 0) > bare + 4


def test_a_network_without_weights_or_that_nobody_knows_is_refused():
    with pytest.raises(WeightsMissingError, match="s2p train stroke_renderer"):
        paint(picture(), backend="neural", network="plain-unet")
    with pytest.raises(InputError, match="must be one of zou-fusion-net-light"):
        paint(picture(), backend="neural", network="unet")
    with pytest.raises(InputError, match="analytic or neural"):
        paint(picture(), backend="magic")
