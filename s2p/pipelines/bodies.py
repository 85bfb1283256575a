"""Bodies that are drawn apart from their heads: a chin that floats above a collar, arms that end before the sleeves.

Regions that hang together are one figure, and a figure has one skin. A body without a face belongs to the one above.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.pipelines.looking import Page

_STEP = 4  # px of the page in a pixel here
_FACE = 2.0  # faces are so much higher and wider than eyes and mouth in them
_GAP = 0.5  # faces: how far from somebody the rest of them may lie
_LEAST, _MOST = 0.0003, 0.3  # shares of the page that such a rest has
_FIGURES, _ROUNDS = 12, 2  # figures with a face that are looked at, and how often


def with_their_heads(page: Page, shown: np.ndarray, figures: np.ndarray, is_scenery: np.ndarray) -> np.ndarray:
    """The numbers of figures, where bodies have those of their heads.

    A figure without a face, but with skin or cloth, is the rest of the nearest one with a face if it lies below that
    face and less than half a face from it.

    Args:
        page: the drawing.
        shown, figures, is_scenery: of the regions, as of `s2p.pipelines.scene.Scene`.

    Returns: `int[R]`.
    """
    number = {name: NAMES.index(name) for name in ("eye white", "iris", "mouth", "skin", "cloth")}
    is_feature = np.isin(shown, [number[name] for name in ("eye white", "iris", "mouth")]) & ~is_scenery
    count = int(figures.max(initial=0)) + 1
    areas = np.bincount(figures, page.regions.areas * ~is_scenery, minlength=count)
    times, skin = _FACE, np.bincount(figures, page.regions.areas * (shown == number["skin"]), minlength=count)
    if not is_feature.any() and skin.any():  # a face without any is the most skin in one place
        is_feature, times = (figures == skin.argmax()) & (shown == number["skin"]), 1.0
    has_face = np.bincount(figures, is_feature, minlength=count) > 0
    is_dressed = np.isin(shown, [number["skin"], number["cloth"]]) & ~is_scenery
    is_rest = (np.bincount(figures, is_dressed, minlength=count) > 0) & ~has_face & (areas > _LEAST) & (areas < _MOST)
    if not (has_face.any() and is_rest.any()):
        return figures
    height, width = page.inner
    labels = page.regions.labels[:height:_STEP, :width:_STEP]
    where = np.where(is_scenery[labels], -1, figures[labels])
    faces = np.flatnonzero(has_face)[np.argsort(-areas[has_face])][:_FIGURES]
    for _ in range(_ROUNDS):  # legs hang on a coat that hangs on nothing
        nearest, owner = np.full(count, np.inf), np.arange(count)
        for face in faces:
            rows, columns = np.nonzero(is_feature[labels] & (where == face))
            if not len(rows):
                continue
            most = _GAP * times * (max(np.ptp(rows), np.ptp(columns)) + 1.0)
            far = cv2.distanceTransform((where != face).astype(np.uint8), cv2.DIST_L2, 3)
            for rest in np.flatnonzero(is_rest):
                own = where == rest
                gap = float(far[own].min(initial=np.inf))
                if gap < min(most, nearest[rest]) and np.nonzero(own)[0].mean() > rows.mean():
                    nearest[rest], owner[rest] = gap, face
        figures, where = owner[figures], np.where(where < 0, -1, owner[where])
    return figures
