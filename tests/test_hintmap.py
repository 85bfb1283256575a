"""Hints as tensors: squares where V3 puts them, and what each kind of network reads."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.errors import S2PError
from s2p.hintmap import DRAFT_RADIUS, EXACT_RADIUS, draft_tensor, hint_map, painter_tensor, points_hint
from s2p.schema import Hint, Hints


def page_with_line(height: int = 32, width: int = 32) -> np.ndarray:
    page = np.full((height, width), 255, np.uint8)
    page[:, width // 2] = 0
    return page


def test_hint_squares_lie_where_v3_puts_them():
    # (0.5, 0.25 from the bottom) on a picture 1024 wide and 1472 high: column 512, row 1104
    hint = Hint.from_v3([0.5, 0.25, 10, 20, 30, 2])
    assert hint is not None
    drawn = hint_map((1472, 1024), [hint], radius=EXACT_RADIUS)
    rows, columns = np.nonzero(drawn[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1102, 1106, 510, 514)
    assert drawn[1104, 512].tolist() == [30, 20, 10, 255]


@pytest.mark.parametrize(("x", "y", "count"), [(0, 0, 9), (1, 1, 4), (0, 1, 6), (0.5, 0.5, 25)])
def test_hints_on_edges_are_cut_off_and_never_wrap_around(x, y, count):
    drawn = hint_map((40, 60), [Hint(x=x, y=y, color="#fff")], radius=EXACT_RADIUS)
    assert int((drawn[..., 3] > 0).sum()) == count


def test_later_hints_lie_over_earlier_ones():
    hints = [Hint(x=0.5, y=0.5, color="#f00"), Hint(x=0.5, y=0.5, color="#00f")]
    assert hint_map((9, 9), hints, radius=1)[4, 4].tolist() == [255, 0, 0, 255]


def test_draft_tensor_holds_the_drawing_and_yuv_of_draft_hints_only():
    drawing = page_with_line(16, 16)
    hints = Hints([Hint(x=0.25, y=0.5, color="#0000ff", kind="draft"), Hint(x=0.75, y=0.5, color="#ff0000")])
    tensor = draft_tensor("points", drawing, hints)
    assert tensor.shape == (1, 16, 16, 4) and tensor.dtype == np.float32
    assert (tensor[0, ..., 0] == drawing).all()
    assert tensor[0, 8, 4, 1:].tolist() == pytest.approx([76.245, 90.48746, 284.768], abs=0.01)
    assert tensor[0, 8, 12, 1:].tolist() == [-512, 128, 128]
    assert int((tensor[0, ..., 1] > -512).sum()) == (2 * DRAFT_RADIUS + 1) ** 2


def test_painter_tensor_is_signed_bgr_of_exact_hints_only():
    hints = Hints([Hint(x=0.25, y=0.5, color="#00f", kind="draft"), Hint(x=0.75, y=0.5, color="#ff0000")])
    tensor = painter_tensor("points", page_with_line(32, 32), hints, np.zeros((8, 8, 3), np.uint8))
    assert tensor.shape == (1, 32, 32, 3) and tensor.dtype == np.float32
    assert tensor[0, 16, 24].tolist() == [-1, -1, 1]
    assert int(np.abs(tensor).sum()) == 3 * (2 * EXACT_RADIUS + 1) ** 2


def test_points_are_drawn_on_any_shape_whatever_their_kind_and_the_later_wins():
    hints = [Hint(x=0.5, y=0.5, color="#ff8000", kind=kind) for kind in ("draft", "exact")]
    hints.append(Hint(x=0.5, y=0.25, color="#808080"))
    points = points_hint((64, 48, 3), hints)
    assert points.shape == (64, 48, 3) and points.dtype == np.float32
    assert np.allclose(points[32, 24], np.array([0, 128, 255]) / 127.5 - 1, atol=1e-6)  # B, G, R
    assert np.allclose(points[16, 24], 128 / 127.5 - 1, atol=1e-6)
    assert int((points != 0).any(-1).sum()) == 2 * (2 * EXACT_RADIUS + 1) ** 2
    points = points_hint((64, 48), [hints[0], Hint(x=0.5, y=0.5, color="#00f")])
    assert points[32, 24].tolist() == [1, -1, -1] and not points_hint((64, 48), []).any()


def test_layered_painter_tensor_spreads_exact_hints_to_the_lines():
    page = page_with_line(128, 128)
    hints = Hints([Hint(x=0.25, y=0.5, color="#f00"), Hint(x=0.75, y=0.5, color="#00f", kind="draft")])
    tensor = painter_tensor("layered", page, hints, np.full((8, 8, 3), (40, 200, 90), np.uint8))
    assert tensor.shape == (1, 128, 128, 3) and tensor.dtype == np.float32
    filled, composed, certainty = tensor[0, ::2, ::2], tensor[0, ::2, 1::2], tensor[0, 1::2, ::2]
    assert np.allclose(filled, (-1, -1, 1)) and np.allclose(composed, np.array([90, 200, 40]) / 127.5 - 1)  # B, G, R
    assert (certainty[:, :30, 0] == 1).all() and (certainty[:, 34:, 0] == 0).all()


def test_unknown_hint_encodings_are_refused_with_a_sentence():
    page = page_with_line()
    with pytest.raises(S2PError, match="encoding of baby"):
        draft_tensor("telepathy", page, Hints())
    with pytest.raises(S2PError, match="encoding of head/neck"):
        painter_tensor("telepathy", page, Hints(), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(S2PError, match=r"must be points or layered\. Received: 'propagated'"):
        painter_tensor("propagated", page, Hints(), np.zeros((8, 8, 3), np.uint8))
