"""The count of arithmetic, against counts by hand and the promises of the turbo networks; the report for people."""

from __future__ import annotations

import json

import keras
import pytest
from fake_networks import fake_networks

from s2p import cli, doctor
from s2p.config import Settings
from s2p.flops import by_layer, flops
from s2p.models import build, style2paints
from s2p.pipelines.style2paints import Painter


def test_layers_count_as_by_hand():
    picture = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", name="conv")(picture)
    x = keras.layers.ReLU(name="relu")(x)
    y = keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same", use_bias=False, name="up")(x)
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(y)
    code = keras.layers.Dense(5, name="dense")(mean)
    both = keras.layers.Concatenate(name="both")([code, mean])
    counts = by_layer(keras.Model(picture, both), [(1, 20, 12, 3)])
    assert {name: counts[name] for name in ("conv", "relu", "up", "mean", "dense", "both")} == {
        "conv": 2 * 9 * 3 * 8 * 10 * 6 + 8 * 10 * 6,
        "relu": 8 * 10 * 6,
        "up": 2 * 16 * 8 * 4 * 10 * 6,
        "mean": 20 * 12 * 4,
        "dense": 2 * 4 * 5 + 5,
        "both": 0,
    }


def test_nested_and_shared_models_count_every_call():
    picture = keras.Input((None, None, 3))
    inner = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(3, 1, use_bias=False)])
    outer = keras.Model(picture, inner(inner(picture)))
    assert flops(inner, [(1, 10, 10, 3)]) == 2 * 9 * 100
    assert flops(outer, [(1, 10, 10, 3)]) == 2 * flops(inner, [(1, 10, 10, 3)])


def test_upconv_7_costs_what_was_measured():
    """289 GFLOP of convolutions for 512 to 1024, of which the issue's 293 is the figure with activations."""
    assert flops(build("tail", variant="official"), [(1, 512, 512, 3)]) / 1e9 == pytest.approx(290, rel=0.02)


def test_turbo_keeps_its_budget():
    """At zoom 0.5: at most 40 GFLOP for a first painting, 15 for a repaint with an unchanged draft."""
    totals = {
        row["when"]: row["gflop"] for row in doctor.count_painting("turbo", 0.5) if row["network"] == "total"
    }
    assert 1 < totals["repaint"] <= 15 < totals["first"] <= 40


def test_the_counted_calls_are_those_of_the_pipeline():
    first, repaint = doctor.record_calls(style2paints, "turbo", 0.5)
    assert [name for name, _ in repaint] == ["head", "neck"]
    assert {name: sum(n for (other, _), n in first.items() if other == name) for name, _ in first} == {
        "tail": 3, "baby": 1, "girder": 1, "reader": 1, "head": 1, "neck": 1,
    }
    styles = tuple((1, width) for width in style2paints.READER_TAPS["turbo"])
    assert first["head", ((1, 704, 512, 1), (1, 704, 512, 3), *styles)] == 1


def test_the_report_names_versions_weights_and_the_timed_run(monkeypatch, capsys):
    from s2p.pipelines import style2paints as pipeline

    networks = fake_networks()
    monkeypatch.setattr(pipeline, "load", lambda settings: Painter(networks, settings=settings))
    report = doctor.examine(Settings(zoom=0.25, denoise="off"))
    assert json.loads(json.dumps(report)) == report
    text = "\n".join(doctor.describe(report))
    for word in ("keras", "cores", "baby", "tail", "zoom 0.25", "one more exact hint", "Runtime   T", "chosen"):
        assert word in text
    assert report["run"]["repaint"]["prepare"] < 10 and report["cores"] >= 1
    assert cli.main(["doctor", "--no-run"]) == 0
    assert "Versions" in capsys.readouterr().out
