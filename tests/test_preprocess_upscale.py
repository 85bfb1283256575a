"""Small pictures enlarged by the 2x network, whatever computes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from preprocess_art import drawing

from preprocess.upscale import enlarge, load_doubler
from s2p import weights
from s2p.config import Settings
from s2p.pipelines.glue import run_tail


@pytest.fixture(autouse=True)
def _not_loaded_before() -> Iterator[None]:
    load_doubler.cache_clear()
    yield
    load_doubler.cache_clear()


def test_every_runtime_doubles_as_tensorflow_does():
    picture = drawing(3, height=70, width=90)
    network = weights.load_network(weights.find("tail"), Settings(backend="tensorflow"))
    doubler = load_doubler()
    assert doubler is not None
    expected, found = run_tail(network, picture), doubler(picture)
    assert found.shape == (140, 180, 3) and found.dtype == np.uint8
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert enlarge(picture, 300, doubler=doubler).shape == (300, 386, 3)


def test_the_network_is_opened_where_the_settings_say(monkeypatch):
    opened = []

    def load_network(found: weights.Found, settings: Settings) -> object:
        opened.append((found.name, settings.backend))
        return lambda tensor: [np.repeat(np.repeat(tensor, 2, axis=1), 2, axis=2)]

    monkeypatch.setattr(weights, "load_network", load_network)
    doubler = load_doubler()
    assert doubler is load_doubler() and opened == [("tail", "auto")]


def test_without_trained_weights_there_is_no_doubler(monkeypatch):
    monkeypatch.setattr(weights, "registry", lambda place=None: [])
    assert load_doubler() is None
