"""Every network of the table, every painter around small networks, every operation: the checks that all share."""

from __future__ import annotations

import numpy as np
import painter_cases
import pytest
import test_auto_painter
import test_filling
import test_tag2pix_system
from checks import check_network, check_op, check_pipeline

from s2p.networks import NETWORKS
from s2p.pipelines.request import Request
from s2p.schema import Hint, Hints
from tests import flat_cases

ONE, OTHER = (Hints([Hint(x=0.25, y=0.6, color=color)]) for color in ("#d02020", "#2040d0"))


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_every_network_keeps_its_word(spec, tmp_path):
    check_network(spec, tmp_path)


@pytest.mark.parametrize(("system", "make"), [
    ("style2paints", painter_cases.painter), ("style2paints", test_filling.painter),
    ("auto-painter", lambda: test_auto_painter.AutoPainter({"auto_painter": test_auto_painter.Echo()})),
    ("tag2pix", test_tag2pix_system.painter),
], ids=["six", "filling", "auto-painter", "tag2pix"])  # fmt: skip
def test_every_painter_shows_its_way_stops_and_remembers_rightly(system, make):
    page = np.repeat(flat_cases.drawing(300)[..., None], 3, -1)
    check_pipeline(system, make, Request(page, hints=ONE), Request(page, hints=OTHER))


def _ops() -> dict[str, tuple]:
    from preprocess import hint_ops, ops

    both = {"color", "lines"}
    return {
        "random_crop": (ops.random_crop(32), {*both, "face"}), "flip": (ops.flip(1.0), {*both, "face"}),
        "rotate": (ops.rotate(probability=1.0), {*both, "face"}),
        "color_jitter": (ops.color_jitter(probability=1.0), {"color"}),
        "recolor_regions": (ops.recolor_regions(probability=1.0), {"color"}),
        "mix_lines": (ops.mix_lines(), {"lines", "line"}), "tag_vectors": (ops.tag_vectors(), {"tags", "cit", "cvt"}),
        "fade_lines": (ops.fade_lines(), {"line"}), "without": (ops.without("tags"), {"tags"}),
        "sample_hints": (hint_ops.sample_hints(none=0.0), {"hint", "hint_points"}),
        "color_blocks": (hint_ops.color_blocks(none=0.0), {"blocks"}),
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "random_crop", "flip", "rotate", "color_jitter", "recolor_regions", "mix_lines", "tag_vectors", "fade_lines",
    "without", "sample_hints", "color_blocks",
])  # fmt: skip
def test_every_operation_is_one_of_graphs_and_of_its_seed(name):
    pytest.importorskip("tensorflow")
    random = np.random.default_rng(0)
    flat = np.kron(random.integers(0, 256, (4, 4, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    lines = np.where(random.random((64, 64, 2)) < 0.1, 60, 255).astype(np.uint8)
    example = {
        "color": flat, "lines": lines, "line": lines[..., :1], "seed": np.array([1, 5], np.int64),
        "face": np.array([0.25, 0.25, 0.5, 0.5], np.float32), "tags": np.array([429], np.int64),
    }
    op, changes = _ops()[name]
    if name != "fade_lines":
        del example["line"]
    found = check_op(op, example, changes=changes)
    assert any(one not in example or not np.array_equal(found.get(one), example[one]) for one in changes)
