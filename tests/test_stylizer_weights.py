"""The styles that come with the program: what is there, small enough, told apart, and free of patterns of the graph."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from s2p import samples, style_shelf, weights
from s2p.style_rows import names_in

SHIPPED = [entry for entry in weights.registry() if entry["network"] == style_shelf.NETWORK]
_NYQUIST = 0.02  # of the strength of coarse things, at most, is in a pattern of two pixels


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry["size"])
def test_a_dozen_styles_are_told_apart(entry):
    path, names = weights.folder() / entry["file"], entry["build"]["styles"]
    assert len(names) >= 12 and names_in(path) == names and path.stat().st_size <= 12_000_000
    found = weights.Found("stylizer", "own", path, entry["size"], build=entry["build"], sha256=entry["sha256"])
    with Image.open(style_shelf.strip_of(found)) as strip:  # pyright: ignore[reportArgumentType]
        assert strip.size == (len(names) * style_shelf.TILE, style_shelf.TILE)
    model = weights.load_model(found)
    with Image.open(next(iter(samples.__path__)) + "/landscape.jpg") as opened:
        picture = np.asarray(opened.convert("RGB").resize((96, 96)), np.float32)[None] / 255.0
    painted = [np.asarray(model([picture, style[None]]))[0] for style in np.eye(len(names), dtype=np.float32)]
    for i, one in enumerate(painted):
        assert one.std() > 0.03, f"{names[i]} is even"
        spectrum = np.abs(np.fft.fft2(one.mean(2)))
        assert spectrum[48].max() < _NYQUIST * spectrum[0, 0] and spectrum[:, 48].max() < _NYQUIST * spectrum[0, 0]
        for j in range(i):
            assert np.abs(one - painted[j]).mean() > 0.02, f"{names[i]} and {names[j]} are alike"
