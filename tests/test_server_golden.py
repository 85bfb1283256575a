"""Recorded conversations with the original server, repeated over HTTP with its networks (see `golden/README.md`).

The pipeline is compared level by level in `test_golden.py`. Here the server has to do the same through forms, rooms and
JPEG files, so averages over blocks are compared, which compression leaves alone.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from server_cases import data_url, finished, new_room, pixels, post_v3, running, start_job, wait_for_status

GOLDEN = Path(__file__).parent / "golden"
BLOCK = 16


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    nets = tmp_path_factory.mktemp("nets")
    with zipfile.ZipFile(GOLDEN / "nets.zip") as archive:
        archive.extractall(nets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2P_WEIGHTS", str(nets))
        patch.setenv("XDG_DATA_HOME", str(nets / "data"))
        with running(tmp_path_factory.mktemp("golden"), painter=None) as pair:
            yield pair


@pytest.mark.parametrize("case", ["hints", "reference", "painting"])
def test_the_server_answers_as_the_original_did(server, case):
    service, app = server
    folder = GOLDEN / case
    expected = np.load(folder / "expected.npz")
    room = step = "new"
    compared = 0
    for number, recorded in enumerate(json.loads((folder / "request.json").read_text())["steps"], start=1):
        service.configuration.ini.write_text(
            f"[general]\nsketch_zoom_factor = {recorded['zoom']}\n"
            f"enable_super_resolution = {recorded['super_resolution']}\n"
        )
        fields = {name: _value(folder, text) for name, text in recorded["form"].items()}
        if room != "new" and "sketch" in fields:
            fields["sketch"] = "none"
        reply = post_v3(app, f"/{recorded['action']}", {"room": room, "step": step, **fields}).text
        assert re.fullmatch(r"[A-Z][a-z]{2}\d\dH\d\dM\d\dS\d\dR\d{18}_H\d\dM\d\dS\d\d", reply)
        room, step = reply.split("_")
        for name in ("sketch.improved", "sketch.colorization", "sketch.rendering", "sketch.recolorization",
                     "sketch.de_painting", "composition", "result"):
            if f"{number}.{name}.sums" in expected:
                file = f"{name}.jpg" if name.startswith("sketch.") else f"{name}.{step}.jpg"
                picture = pixels(app.get(f"/rooms/{room}/{file}").body)
                _compare(f"{case} {number}.{name}", picture, expected, f"{number}.{name}")
                compared += 1
    assert compared >= 4


def _value(folder: Path, text: str) -> str:
    return data_url((folder / text[1:]).read_bytes()) if text.startswith("@") else text


def _compare(title: str, picture: np.ndarray, expected, key: str) -> None:
    assert picture.shape[:2] == tuple(expected[f"{key}.shape"]), title
    sums = expected[f"{key}.sums"].astype(np.float64) / BLOCK**2
    rows, columns = sums.shape[:2]
    whole = picture[: rows * BLOCK, : columns * BLOCK].astype(np.float64)
    means = whole.reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3))
    difference = np.abs(means - sums.reshape(rows, columns, -1))
    assert difference.mean() < 0.4, f"{title}: blocks differ by {difference.mean():.3f} on average"
    assert np.quantile(difference, 0.999) < 4, f"{title}: a block differs by {difference.max():.1f}"


def test_the_own_interface_paints_with_the_same_networks(server):
    service, app = server
    service.configuration.ini.write_text("[general]\nsketch_zoom_factor = 0.25\n")
    status = wait_for_status(app, ready=True)
    assert {network["name"] for network in status["networks"]} == {"baby", "girder", "reader", "head", "neck", "tail"}
    assert all(network["origin"] == "user" and network["trained"] for network in status["networks"])
    room = new_room(app, (GOLDEN / "hints" / "sketch.png").read_bytes())
    hints = [{"x": 0.5, "y": 0.5, "color": "#ff0000"}, {"x": 0.2, "y": 0.2, "color": "#00ff00", "kind": "draft"}]
    job = finished(app, start_job(app, room, hints=hints, output_size="original")["job"])
    assert job["state"] == "done", job["error"]
    result = job["result"]
    original = pixels(app.get(f"/rooms/{room}/sketch.original.jpg").body)
    assert pixels(app.get(result["image"]).body).shape == original.shape
    assert result["draft"] and result["composition"]
    assert app.get(result["exports"]["psd"]).body[:4] == b"8BPS"
    other = finished(app, start_job(app, room, hints=[])["job"])["result"]
    assert not np.array_equal(pixels(app.get(other["composition"]).body), pixels(app.get(result["composition"]).body))
