"""Faces: the box rule of the spec, the review folder, and that a deleted crop is gone."""

from __future__ import annotations

import numpy as np
import pytest
from preprocess_art import drawing

from preprocess import faces
from s2p.errors import InputError


class OneFace:
    """Stands for a cascade that finds one face at a known place."""

    def detect(self, image):
        return np.array([[40, 30, 120, 110]])


def test_the_box_grows_by_the_rule_of_the_spec():
    assert faces.face_box(np.array([[100, 100, 120, 110]]), (512, 512)) == (88, 88, 144, 144)
    assert faces.face_box(np.array([[5, 3, 120, 120]]), (512, 512)) == (0, 0, 144, 144), "clamped at the corner"
    assert faces.face_box(np.array([[400, 400, 120, 120]]), (512, 512)) == (388, 388, 124, 124), "cut at the border"
    assert faces.face_box(np.array([[100, 100, 106, 106]]), (512, 512)) is None, "127 px are too few"
    assert faces.face_box(np.array([[100, 100, 107, 107]]), (512, 512)) == (89, 89, 128, 128)
    assert faces.face_box(np.zeros((0, 4), int), (512, 512)) is None
    assert faces.face_box(np.array([[9, 9, 150, 150], [200, 9, 150, 150]]), (512, 512)) is None, "two faces"


def test_a_deleted_crop_is_gone_everywhere(tmp_path):
    picture = drawing(1, height=300, width=260)
    review = tmp_path / "review"
    found = [faces.write_review(review, f"a/{n}.png", f"{n}" * 64, picture, OneFace()) for n in (1, 2)]
    assert all(face is not None for face in found)
    faces.write_positions(review, [face for face in found if face is not None])
    assert set(faces.survivors(review)) == {"1" * 64, "2" * 64}
    (review / found[0].crop).unlink()
    left = faces.survivors(review)
    assert set(left) == {"2" * 64}
    rows, columns = faces.pixels(left["2" * 64].box, picture.shape)
    assert (rows, columns) == (slice(18, 162), slice(28, 172))


def test_a_review_folder_without_positions_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"positions\.jsonl"):
        faces.survivors(tmp_path)
    (tmp_path / faces.POSITIONS).write_text("{}\n")
    with pytest.raises(InputError, match="line 1"):
        faces.survivors(tmp_path)


def test_the_built_in_cascade_loads_and_a_wrong_file_is_refused(tmp_path):
    assert faces.Detector().detect(np.full((200, 200, 3), 255, np.uint8)).shape == (0, 4)
    for text in ("<opencv_storage></opencv_storage>", "not xml", ""):
        (tmp_path / "cascade.xml").write_text(text)
        with pytest.raises(InputError, match="cascade"):
            faces.Detector(str(tmp_path / "cascade.xml"))
