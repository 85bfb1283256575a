"""Every figure of a painting: its heading, how it is printed, and which way is better."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """How a figure is shown.

    Attributes:
        heading: at most 11 letters.
        digits: after the point.
        better: 1 if more is, -1 if less is, 0 if 1 is right, None if neither (compare it with the original's row).
    """

    heading: str
    digits: int
    better: int | None


FIRST = "color_off_lines"
COLORS = {
    FIRST: Figure("off lines", 2, -1),
    "delta_e": Figure("dE all", 2, -1),
    "psnr": Figure("PSNR dB", 2, 1),
    "ssim": Figure("SSIM", 3, 1),
    "white_kept": Figure("white kept", 2, 1),
    "white_invented": Figure("white new", 3, -1),
    "beige": Figure("beige", 3, None),
    "colorfulness": Figure("colour", 2, 0),
    "colorfulness_figure": Figure("in figure", 2, 0),
    "shading": Figure("shading", 2, 0),
}
HINTS = {
    "purity": Figure("purity", 3, 1),
    "stains": Figure("stained", 2, -1),
    "lost": Figure("lost", 3, -1),
    "lost_0": Figure("lost 0px", 2, -1),
    "lost_1": Figure("1px", 2, -1),
    "lost_2": Figure("2px", 2, -1),
    "lost_6": Figure("6px", 2, -1),
    "leak": Figure("leak", 3, -1),
    "obedience_median": Figure("obey 50%", 2, -1),
    "obedience_p90": Figure("obey 90%", 2, -1),
}
LINES = {
    "line_l": Figure("line L", 1, None),
    "line_chroma": Figure("line chroma", 1, None),
    "ink_mean": Figure("ink dL", 1, -1),
    "ink_p99": Figure("ink dL 99%", 1, -1),
}
_RARE = {
    "leak_inside": Figure("leak inside", 2, None),
    "zooms_differ": Figure("zooms", 3, -1),
    "best_choice": Figure("best choice", 2, -1),
    "choices_spread": Figure("choices", 2, None),
}
FIGURES = COLORS | HINTS | LINES | _RARE
