"""Finds faces for close-up crops, lets a person throw the wrong ones out, and believes that person.

The rules are Tag2Pix's `face_extractor` (spec section 1.4). Its defect, that a deleted crop survived in the sketch
folders and in the tag lines, cannot happen here: everything later asks `survivors`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from s2p.errors import DependencyMissingError, InputError
from s2p.image import encode_image

from . import storage

MIN_SIDE = 128
POSITIONS = "positions.jsonl"


@dataclass(frozen=True)
class Face:
    """A face in a picture, as fractions of its width and height from the top-left corner.

    Attributes:
        key: of the picture.
        sha256: of the picture's file, so that a crop never lands on another picture of the same name.
        x, y, width, height: floats in [0, 1].
        crop: file name of the crop in the review folder.
    """

    key: str
    sha256: str
    x: float
    y: float
    width: float
    height: float
    crop: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.width, self.height


class Detector:
    """A cascade of OpenCV, loaded once per process.

    Args:
        cascade: path or URL of an LBP or Haar cascade (such as `lbpcascade_animeface.xml`, which is not shipped here);
            None for OpenCV's own frontal face, trained on photographs: it finds some drawn faces and misses most.

    Raises:
        InputError: the file is not a cascade.
    """

    def __init__(self, cascade: str | None = None) -> None:
        if not hasattr(cv2, "CascadeClassifier"):
            raise DependencyMissingError(
                "Faces need OpenCV's cascades. Install them: pip install 'opencv-python-headless<5'"
            )
        if cascade is None:
            from cv2.data import haarcascades

            text = Path(haarcascades, "haarcascade_frontalface_default.xml").read_text(encoding="utf-8")
        else:
            text = storage.read_bytes(cascade).decode("utf-8", "replace")
        self._cascade = cv2.CascadeClassifier()
        try:
            store = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
            is_loaded = self._cascade.read(store.getFirstTopLevelNode())
        except (cv2.error, SystemError):  # OpenCV's binding wraps a parser error in a SystemError
            is_loaded = False
        if not is_loaded:
            raise InputError(f"{cascade} is no face cascade that OpenCV can read; an LBP or Haar XML file is needed.")

    def detect(self, image: np.ndarray) -> np.ndarray:
        """Returns `int[N, 4]`: x, y, width, height of the faces of `uint8[H, W, 3]` RGB, at least 48 px wide."""
        gray = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
        found = self._cascade.detectMultiScale(gray, scaleFactor=1.2, minNeighbors=5, minSize=(48, 48))
        return np.asarray(found, np.int64).reshape(-1, 4)


def face_box(found: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Grows the only detection of a picture to a square with hair and chin.

    Args:
        found: `int[N, 4]` of `Detector.detect`.
        shape: of the picture, height first.

    Returns:
        `(x, y, width, height)` in pixels, cut at the picture's border, or None when there is not exactly one face or
        its square is smaller than 128 px.

    Example:
        >>> face_box(np.array([[100, 100, 120, 110]]), (512, 512))
        (88, 88, 144, 144)
    """
    if len(found) != 1:
        return None
    x, y, width, height = (int(v) for v in found[0])
    side = max(width, height)
    x, y = max(0, int(x - 0.1 * side)), max(0, int(y - 0.1 * side))
    side = int(1.2 * side)
    if side < MIN_SIDE:
        return None
    return x, y, min(side, shape[1] - x), min(side, shape[0] - y)


def fractions(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    """A box in pixels as fractions of a picture of `shape` (height first)."""
    x, y, width, height = box
    return x / shape[1], y / shape[0], width / shape[1], height / shape[0]


def pixels(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a box in fractions, for a picture of `shape` (height first); never empty."""
    height, width = shape[:2]
    x, y = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    right, bottom = min(round((box[0] + box[2]) * width), width), min(round((box[1] + box[3]) * height), height)
    return slice(y, max(bottom, y + 1)), slice(x, max(right, x + 1))


def write_review(review: str | Path, key: str, sha256: str, image: np.ndarray, detector: Detector) -> Face | None:
    """Detects the face of a picture and puts its crop into the review folder.

    Args:
        review: folder or URL for the crops.
        key, sha256: name and content hash of the picture.
        image: `uint8[H, W, 3]` RGB.

    Returns:
        The face, or None when there is not exactly one large enough.
    """
    box = face_box(detector.detect(image), image.shape)
    if box is None:
        return None
    stem = key.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    face = Face(key, sha256, *fractions(box, image.shape), crop=f"-{stem}-{sha256[:8]}.png")
    rows, columns = pixels(face.box, image.shape)
    storage.write_bytes(storage.join(review, face.crop), encode_image(image[rows, columns], "png"))
    return face


def write_positions(review: str | Path, faces: list[Face]) -> None:
    """Writes where the crops of a review folder come from, one JSON line a face."""
    lines = [json.dumps(asdict(face), sort_keys=True) for face in sorted(faces, key=lambda face: face.crop)]
    storage.write_bytes(storage.join(review, POSITIONS), "".join(line + "\n" for line in lines).encode())


def survivors(review: str | Path) -> dict[str, Face]:
    """The faces whose crop a person left in the review folder, by content hash of the picture.

    Raises:
        InputError: the folder has no readable position file.
    """
    text = storage.read_bytes(storage.join(review, POSITIONS)).decode("utf-8", "replace")
    present = {key.rsplit("/", 1)[-1] for key in storage.list_files(review)}
    faces: dict[str, Face] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            face = Face(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise InputError(f"{POSITIONS}, line {number} is not a face position: {error}.") from None
        if face.crop in present:
            faces[face.sha256] = face
    return faces
