"""Our own painters with the weights that come with the program: small golden pictures of what they paint today.

Whoever changes painting or weights on purpose looks at the new pictures and keeps them:
`python tests/test_golden_own.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2p import samples
from s2p.config import Settings
from s2p.image import load_image, min_resize, save_image
from s2p.schema import Hints

FOLDER = Path(__file__).parent / "golden" / "own"
REFERENCE = FOLDER / "reference.jpg"  # a painting that stays as it is when the samples are painted again
EDGE = 200  # px, the short edge of a golden picture
CASES = ("filled", "chosen", "auto_painter", "shaded", "followed")
# Of the mean and of the largest twentieth of all differences: runtimes differ in their last bits, which may turn the
# colour of a place that lies between two hints.
TOLERANCE = (1.5, 12.0)


def painted(case: str) -> np.ndarray:
    """The picture of a case, `uint8[h, w, 3]` RGB."""
    from s2p.pipelines import auto_painter, style2paints

    settings = Settings(zoom=0.5)
    if case == "auto_painter":
        result = auto_painter.load(settings).colorize(samples.sketch_path("dragon"), hints=_hints("dragon"))
    elif case == "chosen":
        result = style2paints.colorize(samples.sketch_path("cat"), settings=settings)
    elif case == "shaded":
        result = style2paints.colorize(
            samples.sketch_path("girl"), hints=_hints("girl"), method="rendering", settings=settings
        )
    elif case == "followed":
        result = style2paints.colorize(
            samples.sketch_path("fashion"), reference=REFERENCE, settings=settings
        )
    else:
        result = style2paints.colorize(samples.sketch_path("girl"), hints=_hints("girl"), settings=settings)
    return min_resize(result.image, EDGE)


def _hints(name: str) -> Hints:
    return Hints.loads(samples.hints_path(name).read_bytes())


@pytest.mark.parametrize("case", CASES)
def test_our_own_painters_paint_what_they_painted(case, tmp_path):
    expected, found = load_image(FOLDER / f"{case}.png"), painted(case)
    assert found.shape == expected.shape
    apart = np.abs(found.astype(np.int16) - expected).max(axis=2)
    worst = float(np.percentile(apart, 95))
    if apart.mean() > TOLERANCE[0] or worst > TOLERANCE[1]:
        save_image(found, tmp_path / "found.png")
        save_image(np.repeat(apart.astype(np.uint8)[..., None], 3, -1), tmp_path / "difference.png")
    assert apart.mean() <= TOLERANCE[0] and worst <= TOLERANCE[1], f"see {tmp_path}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        save_image(painted(name), FOLDER / f"{name}.png")
