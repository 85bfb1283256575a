"""The six networks' tensor contracts: what each is given, and how its answer is read."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import FakeNetwork, fake_networks
from painter_cases import SMALL, drawing

from s2p.errors import WeightsError
from s2p.hintmap import draft_tensor
from s2p.pipelines import glue
from s2p.pipelines.style2paints import Painter, contracts
from s2p.schema import Hint, Hints


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 2), (7, 8), (20, 30)])
def test_tail_doubles_any_picture_even_one_smaller_than_its_padding(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    doubled = glue.run_tail(FakeNetwork("tail", []), image)
    assert np.abs(doubled.astype(int) - image.repeat(2, axis=0).repeat(2, axis=1)).max() <= 1


def test_tail_sees_seven_reflected_pixels_on_every_side():
    seen = []

    class Spy(FakeNetwork):
        def __call__(self, *inputs):
            seen.append(inputs[0])
            return super().__call__(*inputs)

    image = np.arange(10, dtype=np.uint8)[None, :, None].repeat(12, axis=0).repeat(3, axis=2)
    glue.run_tail(Spy("tail", []), image)
    columns = (seen[0][0, 9, :, 0] * 255).round().astype(int).tolist()
    assert columns == [7, 6, 5, 4, 3, 2, 1, *range(10), 8, 7, 6, 5, 4, 3, 2]


def test_legacy_bilinear_starts_at_the_corner_and_clamps_at_the_end():
    row = np.float32([[0, 10, 20]])
    assert contracts.legacy_bilinear(row, (1, 6))[0].tolist() == [0, 5, 10, 15, 20, 20]
    assert contracts.legacy_bilinear(row.T, (6, 1))[:, 0].tolist() == [0, 5, 10, 15, 20, 20]
    assert contracts.legacy_bilinear(row, (1, 3))[0].tolist() == [0, 10, 20]
    assert contracts.legacy_bilinear(row, (2, 2))[0].tolist() == [0, 15]


def test_baby_colours_come_back_through_yuv():
    hints = Hints([Hint(x=0.25, y=0.75, color="#ff8020", kind="draft")])
    page = np.full((16, 16), 255, np.uint8)
    draft = contracts.run_baby(FakeNetwork("baby", []), draft_tensor("points", page, hints))
    assert np.abs(draft[12, 4].astype(int) - (255, 128, 32)).max() <= 2


def test_a_network_with_the_wrong_output_is_named():
    class Broken(FakeNetwork):
        def __call__(self, *inputs):
            return [inputs[0]]

    networks = fake_networks() | {"tail": Broken("tail", [])}
    with pytest.raises(WeightsError, match="'tail' must answer"):
        Painter(networks, settings=SMALL).prepare(drawing())


def test_mixed_styles_are_plainly_linear():
    ours, theirs = [np.float32([[1, 2]])], [np.float32([[3, 6]])]
    assert contracts.mix_styles(ours, theirs, 0.25)[0].tolist() == [[1.5, 3.0]]
    assert contracts.mix_styles(ours, None, 0.25)[0].tolist() == [[1, 2]]
