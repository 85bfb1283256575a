"""Pictures in the bytes of a file format, between OpenCV and training."""

from __future__ import annotations

from itertools import pairwise

import cv2
import h5py
import numpy as np

from s2p.errors import InputError


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """What JPEG leaves of a picture, `uint8[H, W, 3]` in and out, red and blue as in OpenCV or not."""
    return decode(cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], cv2.IMREAD_COLOR)


def decode(data: np.ndarray, flags: int) -> np.ndarray:
    """Pixels of the bytes of a PNG, JPEG or WebP file, as `cv2.imdecode` gives them (colours as BGR).

    Raises:
        InputError: they are no picture.
    """
    found = cv2.imdecode(data, flags)
    if found is None:
        raise InputError("A training picture is damaged. Prepare the folder again.")
    return found


def decode_color(data: np.ndarray) -> np.ndarray:
    """`uint8[H, W, 3]`, RGB, as `decode`."""
    return np.ascontiguousarray(decode(data, cv2.IMREAD_COLOR)[..., ::-1])


def column(file: h5py.File, field: str, keys: np.ndarray) -> list[np.ndarray]:
    """A column of a shard (`preprocess/records.py`); as many empty cells as there are keys where it has none."""
    if field not in file:
        return [np.zeros(0, np.uint8)] * (len(keys) - 1)
    data, offsets = np.asarray(file[f"{field}/data"]), np.asarray(file[f"{field}/offsets"])
    return [data[a:b] for a, b in pairwise(offsets)]
