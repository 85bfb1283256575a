"""The six networks: parameters, contracts, free sizes."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.colors import WEAK_SHIFT
from s2p.errors import WeightsError
from s2p.models import build
from s2p.models import style2paints as models
from s2p.networks import NETWORKS, SIX, NetworkSpec, checked

OFFICIAL_PARAMETERS = {"baby": 18_646_403, "reader": 10_185_536, "tail": 552_483}


def _inputs(name: str, height: int, width: int, *, taps: tuple[int, ...]) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    channels = {"baby": (4,), "girder": (1, 4, 3), "reader": (3,), "tail": (3,), "head": (1, 3), "neck": (1, 3)}[name]
    arrays = [random.random((1, height, width, c)).astype("float32") for c in channels]
    vectors = taps if name in ("head", "neck") else ()
    return arrays + [random.random((1, c)).astype("float32") for c in vectors]


def _run(name: str, height: int, width: int, *, variant: str = "turbo") -> list[np.ndarray]:
    model = build(name, variant=variant)
    inputs = _inputs(name, height, width, taps=models.READER_TAPS[variant])
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    return [np.asarray(o) for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


@pytest.mark.parametrize("name", OFFICIAL_PARAMETERS)
def test_official_networks_have_the_measured_number_of_parameters(name):
    assert build(name, variant="official").count_params() == OFFICIAL_PARAMETERS[name]


@pytest.mark.parametrize("name", SIX)
@pytest.mark.parametrize("shape", [(64, 64), (64, 128)])
def test_turbo_networks_keep_the_contract_at_free_sizes(name, shape):
    outputs = _run(name, *shape)
    height, width = shape
    expected = {"baby": (height, width), "girder": (height, width), "tail": (2 * height, 2 * width),
                "head": (height // 2, width // 2), "neck": (height // 2, width // 2)}
    if name == "reader":
        assert tuple(o.shape[-1] for o in outputs) == models.READER_TAPS["turbo"]
    else:
        assert outputs[-1].shape == (1, *expected[name], 3)
    assert len(outputs) == {"head": 3, "neck": 3, "reader": len(models.READER_TAPS["turbo"])}.get(name, 1)
    assert all(np.isfinite(o).all() for o in outputs)


@pytest.mark.parametrize("name", ["baby", "tail"])
def test_official_networks_keep_the_contract(name):
    output = _run(name, 32, 48, variant="official")[-1]
    assert output.shape == ((1, 32, 48, 3) if name == "baby" else (1, 64, 96, 3))


def test_turbo_files_stay_under_twelve_megabytes_in_half_precision():
    for name in SIX:
        assert build(name).count_params() * 2 < 12e6, name


def test_baby_copies_the_hint_when_it_chooses_to():
    mixture = models.baby_mixture()
    layer = mixture.get_layer("logits")
    kernel, bias = layer.get_weights()
    bias[:], kernel[:] = -50.0, 0.0
    bias[-1] = 50.0
    layer.set_weights([kernel, bias])
    tensor = np.zeros((1, 32, 32, 4), "float32")
    tensor[..., 0] = 255
    certain, guess = (90.0, 140.0, 77.0), (200.0, 20.0, 230.0)
    tensor[:, :, :16, 1:] = certain
    tensor[:, :, 16:, 1:] = guess
    tensor[:, :, 16:, 1] += WEAK_SHIFT
    color = np.asarray(mixture(tensor)[1])[0]
    assert np.allclose(color[:, :16], certain, atol=0.1)
    assert np.allclose(color[:, 16:], guess, atol=0.1)


def test_an_untrained_painter_mixes_fill_and_composition_evenly():
    head = models.head()
    hint = np.zeros((1, 64, 64, 3), "float32")
    hint[:, ::2, ::2], hint[:, ::2, 1::2] = 0.6, -0.2
    vectors = [np.zeros((1, c), "float32") for c in models.READER_TAPS["turbo"]]
    painting = np.asarray(head([np.zeros((1, 64, 64, 1), "float32"), hint, *vectors])[2])
    assert np.allclose(painting + np.array([103.939, 116.779, 123.68]), 1.2 * 127.5, atol=0.1)


def test_a_painter_takes_the_fill_where_it_is_told_to():
    head = models.head()
    share = head.get_layer("share")
    kernel, bias = share.get_weights()
    bias[:] = -50.0
    kernel[1, 1, -4] = 100.0  # the flag of a certain colour
    share.set_weights([kernel, bias])
    hint = np.zeros((1, 64, 64, 3), "float32")
    hint[:, ::2, ::2], hint[:, ::2, 1::2] = 0.6, -0.2
    hint[:, 1::2, :32:2, 0] = 1.0
    vectors = [np.zeros((1, c), "float32") for c in models.READER_TAPS["turbo"]]
    painting = np.asarray(head([np.zeros((1, 64, 64, 1), "float32"), hint, *vectors])[2])
    painting = painting + np.array([103.939, 116.779, 123.68])
    assert np.allclose(painting[:, :, :16], 1.6 * 127.5, atol=0.1)
    assert np.allclose(painting[:, :, 16:], 0.8 * 127.5, atol=0.1)


@pytest.mark.parametrize("name", ["head", "neck"])
def test_an_untrained_painter_of_points_returns_the_colours_that_it_was_given(name):
    painter = build(name, encoding="points")
    hint = np.full((1, 64, 64, 3), 0.5, "float32")
    hint[:, :, 32:] = (0.25, -0.75, -1.0)  # B, G, R
    vectors = [np.zeros((1, c), "float32") for c in models.READER_TAPS["turbo"]]
    painting = np.asarray(painter([np.zeros((1, 64, 64, 1), "float32"), hint, *vectors])[2])
    painting = painting + np.array([103.939, 116.779, 123.68])
    assert np.allclose(painting[:, :, :16], 1.5 * 127.5, atol=0.1)
    assert np.allclose(painting[:, :, 16:], np.array([0.0, 0.25, 1.25]) * 127.5, atol=0.1)  # R, G, B


@pytest.mark.parametrize("variant", ["turbo", "official"])
def test_a_painter_of_another_encoding_is_refused_with_a_sentence(variant):
    with pytest.raises(WeightsError, match=r"encoding of neck must be layered or points\. Received: 'propagated'"):
        models.neck(variant=variant, encoding="propagated")


# The table of networks ------------------------------------------------------------------------------------------------


def test_two_networks_of_one_name_are_refused():
    with pytest.raises(WeightsError, match="twice: tail"):
        checked([*NETWORKS, NetworkSpec("tail", "another", "nowhere:nothing")])


def test_a_variant_that_nobody_knows_is_refused():
    from s2p.errors import NotFoundError
    from s2p.models import build

    with pytest.raises(NotFoundError, match="The variant of tail must be one of turbo, official"):
        build("tail", variant="big")
