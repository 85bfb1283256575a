"""Whether a network does what its place in the pipeline asks for."""

from __future__ import annotations

import keras
import pytest

from s2p import legacy
from s2p.errors import LegacyModelError, NotFoundError


def _net(name: str, *, factor: int = 2, outputs: int = 3, vectors: tuple[int, ...] = (5, 7)) -> keras.Model:
    layers = keras.layers
    channels = {"baby": (4,), "girder": (1, 4, 3), "reader": (3,), "head": (1, 3), "neck": (1, 3), "tail": (3,)}[name]
    pictures = [keras.Input((None, None, c)) for c in channels]
    x = layers.Concatenate()(pictures) if len(pictures) > 1 else pictures[0]
    if name == "reader":
        return keras.Model(pictures, [layers.Conv2D(c, 3, strides=2, padding="same")(x) for c in vectors])
    if name == "tail":
        return keras.Model(pictures, layers.Conv2DTranspose(3, 4, strides=factor, padding="same")(x))
    if name in ("head", "neck"):
        styles = [keras.Input((c,)) for c in vectors]
        for style in styles:
            x = layers.Add()([x, layers.Reshape((1, 1, x.shape[-1]))(layers.Dense(x.shape[-1])(style))])
        half = layers.Conv2D(3, 3, strides=factor, padding="same")
        return keras.Model(pictures + styles, [half(x) for _ in range(outputs)])
    return keras.Model(pictures, layers.Conv2D(3, 3, padding="same")(x))


@pytest.mark.parametrize("name", ["baby", "girder", "reader", "head", "neck", "tail"])
def test_right_networks_fit_their_slot(name: str) -> None:
    legacy.check_slot(_net(name), name)


@pytest.mark.parametrize(
    ("model", "slot", "words"),
    [
        (lambda: _net("tail", factor=3), "tail", "twice the size"),
        (lambda: _net("tail", factor=1), "tail", "twice the size"),
        (lambda: _net("baby"), "tail", "3 channels"),
        (lambda: _net("head", outputs=1), "head", "3 outputs"),
        (lambda: _net("head", factor=4), "neck", "half the size"),
        (lambda: _net("head", vectors=()), "head", "style vectors"),
        (lambda: _net("girder"), "head", "1 channel"),
        (lambda: _net("girder"), "baby", "4 channels"),
        (lambda: _net("tail"), "reader", "larger"),
    ],
)
def test_wrong_networks_are_refused_with_what_was_expected(model, slot: str, words: str) -> None:
    with pytest.raises(LegacyModelError, match=words):
        legacy.check_slot(model(), slot)


def test_unknown_slot_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="baby"):
        legacy.check_slot(_net("tail"), "nose")


def test_reader_and_head_must_agree_on_the_style_vectors() -> None:
    legacy.check_pair(_net("reader"), _net("head"))
    with pytest.raises(LegacyModelError, match=r"\[5, 8\].*\[5, 7\]"):
        legacy.check_pair(_net("reader", vectors=(5, 8)), _net("head"))
