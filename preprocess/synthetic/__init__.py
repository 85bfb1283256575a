"""Endless drawings of our own: people, creatures, things and places as flat or shaded paint with true line art.

    from . import draw

    picture = draw(7)          # a pure function of its arguments
    picture.painted, picture.lines, picture.regions

Real pictures come without their lines; these are made of lines, so that a network can learn from pairs that are exact.
"""

from __future__ import annotations

from .drawing import KINDS, Drawing, draw

__all__ = ["KINDS", "Drawing", "draw"]
