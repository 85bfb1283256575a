"""The networks of Tag2Pix: parameters of the paper, contracts, sizes, and other runtimes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from runtime_cases import every_runtime, network_of

from s2p.flops import flops
from s2p.models import build, semantic, tag2pix, tag2pix_official
from s2p.parts import NAMES, TOLD_EDGES
from s2p.tags import GARMENTS, THINGS

GENERATORS = {
    15_809_398: {}, 15_749_622: {"norm": False}, 18_660_214: {"image_size": 512},
    18_600_438: {"image_size": 512, "norm": False}, 15_421_235: {"guide": False}, 13_121_398: {"semantics": False},
}  # fmt: skip
KINDS = {"senet": 15_716_278, "resnext": 13_849_974 - 19_904, "catconv": 16_029_046, "catall": 17_365_238,
            "adain": 16_512_630, "seadain": 17_364_342}  # fmt: skip
SHORT = (1, 1, 1, 1)


def learned(model: keras.Model) -> int:
    """Parameters as PyTorch counts them: without the running means and variances."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def shapes(model: keras.Model, *inputs: np.ndarray) -> list[tuple[int, ...]]:
    outputs = model([*inputs] if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert all(np.isfinite(np.asarray(one)).all() for one in outputs)
    return [tuple(one.shape) for one in outputs]


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((1, *shape), dtype=np.float32)


@pytest.mark.parametrize("count", GENERATORS)
def test_the_paper_s_generator_has_its_number_of_parameters(count):
    assert learned(tag2pix_official.generator(**GENERATORS[count])) == count


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_number_of_parameters(kind):
    """The paper's `resnext` also holds a vector of tags, 19,904 parameters, that nothing of it reads; ours does not."""
    assert learned(tag2pix_official.generator(kind=kind)) == KINDS[kind]


def test_the_paper_s_other_networks_have_their_number_of_parameters():
    assert learned(tag2pix_official.discriminator()) == 4_515_558
    assert learned(semantic.classifier()) == 26_262_754
    assert learned(semantic.build()) == 1_564_784


@pytest.mark.parametrize("kind", [*KINDS, "tag2pix"])
def test_the_paper_s_generator_paints_twice_also_without_any_tag(kind):
    model = tag2pix_official.generator(image_size=64, kind=kind, blocks=SHORT)
    assert shapes(model, random(64, 64, 1), random(8, 8, 512), np.zeros((1, 115), np.float32)) == [(1, 64, 64, 3)] * 2
    assert {"adain", "seadain"} & {kind} or any("_norm" in layer.name for layer in model.layers)


def test_without_norm_the_generator_has_none_and_the_discriminator_still_has():
    bare = tag2pix_official.generator(image_size=32, norm=False, blocks=SHORT)
    kinds = {type(layer).__name__ for layer in bare.layers}
    assert "BatchNormalization" not in kinds
    assert any(type(layer).__name__ == "BatchNormalization" for layer in tag2pix_official.discriminator().layers)


def test_discriminators_answer_three_things_at_the_sizes_of_the_paper():
    judge = tag2pix_official.discriminator()
    maps = keras.Model(judge.input, [judge.get_layer(name).output for name in (
        "judge1_down", "judge2_down_relu", "judge3_down_relu", "judge4_down_relu", "judge5_down_relu", "judge8_relu")])
    assert [tuple(shape[1:]) for shape in maps.compute_output_shape((1, 256, 256, 3))] == [
        (127, 127, 32), (64, 64, 64), (32, 32, 128), (16, 16, 256), (8, 8, 512), (8, 8, 512)]
    assert shapes(tag2pix.discriminator(), random(64, 96, 3)) == [(1, 4, 6, 1), (1, 370), (1, 115)]
    assert [one.shape for one in judge.outputs] == [(None, 1), (None, 370), (None, 115)]


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 192)])
def test_the_turbo_painter_takes_every_size_and_answers_half_of_it(height, width):
    painter = build("tag2pix", guide=True)
    half, cells = (1, height // 2, width // 2, 3), (1, height // 4, width // 4)
    told = random(*cells[1:], len(NAMES))
    assert shapes(painter, random(height, width, 1), told, random(115)) == [half, half, (*cells, len(THINGS))]
    assert shapes(build("tag2pix"), random(height, width, 1), told, random(115)) == [half, (*cells, len(THINGS))]


def test_the_turbo_painter_is_cheap_and_small():
    painter, parts = build("tag2pix"), build("parts")
    looks = 2 * sum(flops(parts, [(1, edge, edge, 1)]) for edge in TOLD_EDGES)  # and in the mirror
    assert flops(painter, [(1, 512, 512, 1), (1, 128, 128, len(NAMES)), (1, 115)]) + looks <= 15e9
    assert 2 * painter.count_params() <= 10 * 2**20, "in half precision, as published"


def test_every_place_has_the_colour_of_what_it_shows_and_garments_begin_as_cloth():
    shares, palette = np.zeros((1, 2, 3, 2), np.float32), np.array([[1.0, 0, 0, 0, 1.0, 0]], np.float32)
    shares[..., 0], shares[0, 0, 0] = 1.0, (0.25, 0.75)
    mixed = np.asarray(tag2pix.Mixed()([shares, palette]))
    assert mixed[0, 1, 2].tolist() == [1, 0, 0] and np.allclose(mixed[0, 0, 0], (0.25, 0.75, 0))
    chances = np.zeros((1, 1, 1, len(NAMES)), np.float32)
    chances[..., NAMES.index("cloth")] = 1.0
    said = np.asarray(build("tag2pix").get_layer("likely")(chances))[0, 0, 0]
    assert said.shape == (len(THINGS),)
    assert {THINGS[i] for i in np.flatnonzero(said > 1.0)} == set(GARMENTS)


def test_the_kept_half_of_the_semantic_network_has_the_names_of_the_whole():
    whole = {v.path: v.shape for v in semantic.classifier().variables}
    kept = semantic.build()
    assert all(whole.get(variable.path) == variable.shape for variable in kept.variables)
    assert len(kept.outputs) == 1


@every_runtime
@pytest.mark.parametrize("variant", ["turbo", "official"])
def test_other_runtimes_compute_the_same(backend, variant):
    from s2p import weights
    from s2p.config import Settings

    if variant == "official":
        keras.utils.set_random_seed(2)
        model = build("tag2pix", variant=variant, image_size=32, blocks=SHORT)
        network = network_of(model, backend)
    else:
        found = weights.find("tag2pix")
        model, network = weights.load_model(found), weights.load_network(found, Settings(backend=backend))
    edge = 32 if variant == "official" else 64
    ink, told = random(edge, edge, 1), random(edge // 4, edge // 4, len(NAMES))
    tags = (random(115) > 0.9).astype(np.float32)
    if variant == "official":
        told = np.asarray(build("semantic")(ink, training=False))
    expected = model([ink, told, tags], training=False)
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    found = network(ink, told, tags)
    assert type(network).__name__ != "TensorFlowNetwork", "it was translated"
    assert len(found) == len(expected) == (1 if variant == "official" else 2)
    for one, other in zip(found, expected):
        assert np.abs(one - np.asarray(other)).max() <= np.ptp(np.asarray(other)) / 255
