"""Compositions that painters learn on: painted once for the installed networks, taken up again, old ones removed."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import fake_networks

from s2p.train import compositions
from s2p.train.art import Art
from s2p.train.compositions import Compositions
from s2p.train.decoded import Writer

COUNT = 53  # what is painted is noted at every fiftieth picture


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Art:
    """Plain pictures, two of them longer than the others."""
    folder = tmp_path_factory.mktemp("art") / "decoded"
    with Writer(folder) as writer:
        for i in range(COUNT):
            shape = (512, 544 if i in (3, 51) else 512)
            writer.add(f"{i}.png", np.full((*shape, 3), 4 * i, np.uint8), np.full((*shape, 1), 255, np.uint8))
    return Art(folder)


@pytest.fixture
def painted(art: Art, monkeypatch: pytest.MonkeyPatch):
    """The numbers of the pictures that were composed, by quick networks; nothing is left behind."""
    numbers: list[int] = []

    def compose(call, color, flavours, random):
        numbers.append(int(color[0, 0, 0]) // 4)
        call.network("baby")
        return np.full((color.shape[0] // 2, color.shape[1] // 2, 3), random.integers(256, size=3), np.uint8)

    monkeypatch.setattr("s2p.weights.load_networks", lambda settings: fake_networks())
    monkeypatch.setattr(compositions, "_compose", compose)
    yield numbers
    for left in art.folder.glob("compositions-*"):
        left.unlink()


def test_an_interrupted_run_goes_on_and_ends_the_same(art, painted, monkeypatch):
    monkeypatch.setattr(compositions, "_identity", lambda: "one")
    whole = [Compositions(art)[i].copy() for i in range(COUNT)]
    Compositions.file(art).unlink()
    assert painted == list(range(COUNT)) and whole[3].shape == (256, 272, 3)

    compose, left = compositions._compose, 51

    def stopped(*arguments):
        if len(painted) >= COUNT + left:
            raise KeyboardInterrupt
        return compose(*arguments)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(compositions, "_compose", stopped)
        Compositions(art)
    assert not Compositions.file(art).exists()
    again = Compositions(art)
    assert painted[COUNT + left :] == list(range(50, COUNT)), "only the rest"
    assert all((again[i] == whole[i]).all() for i in range(COUNT))
    assert painted[COUNT + left + 3 :] == [], "read, not painted"
    Compositions(art)
    assert len(painted) == COUNT + left + 3


def test_other_networks_paint_anew_and_the_old_pictures_go(art, painted, monkeypatch):
    for name in ("old", "new"):
        monkeypatch.setattr(compositions, "_identity", lambda name=name: name)
        Compositions(art)
    Compositions(art, seed=1)
    assert sorted(path.name for path in art.folder.glob("compositions-*")) == [
        "compositions-new-0.raw", "compositions-new-1.raw",
    ]
    assert len(painted) == 3 * COUNT
