"""Draws the sample pictures and their hints again: `python -m s2p.samples.draw [FOLDER]`.

The drawings are our own, made of the curves in the neighbouring files; the same code and library versions give the
same files. Each drawing is a module with `TITLE`, `HINTS` (pixels, colour, kind) and `draw()`.
"""

from __future__ import annotations

import io
import json
import sys
from importlib import import_module
from pathlib import Path

from s2p.image import write_whole
from s2p.samples import NAMES
from s2p.schema import Hint, Hints

_GRAYS = 16  # enough for smooth edges, a third of the file size


def make(name: str) -> tuple[bytes, str]:
    """The PNG file (gray line art) and the JSON text (title and hints) of one sample."""
    import numpy as np
    from PIL import Image

    module = import_module(f"s2p.samples.{name}")
    lines = module.draw().finished()
    height, width = lines.shape
    hints = Hints(
        Hint(x=round((x + 0.5) / width, 4), y=round((y + 0.5) / height, 4), color=color, kind=(*kind, "exact")[0])
        for x, y, color, *kind in module.HINTS
    )
    step = 255 / (_GRAYS - 1)
    quantised = np.rint(np.rint(lines / step) * step).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(quantised).save(buffer, "PNG", optimize=True)
    return buffer.getvalue(), json.dumps({"title": module.TITLE, **hints.to_data()}, indent=1) + "\n"


def main(folder: Path) -> None:
    for name in NAMES:
        picture, hints = make(name)
        write_whole(folder / f"{name}.png", picture)
        write_whole(folder / f"{name}.json", hints.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
