"""Painting by strokes: a picture becomes some hundred brush strokes in seconds, as vectors.

The package is also its own way in: `s2p.strokes("photo.jpg")` is `s2p.strokes.painting.paint("photo.jpg")`.

`layouts` says what a stroke is, `brushes`, `curves` and `raster` draw it, `soft` is the same with gradients,
`candidates`, `climb`, `search` and `recolor` find the strokes of a picture, `files`, `svg` and `video` write them.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Strokes(ModuleType):
    """A package that can be called, because it and its function have one name."""

    def __call__(self, source: Any, **options: Any) -> Any:
        """`s2p.strokes.painting.paint`."""
        from s2p.strokes.painting import paint

        return paint(source, **options)


sys.modules[__name__].__class__ = _Strokes
