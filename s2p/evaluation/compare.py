"""Whether one run is clearly better than another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError
from s2p.evaluation.figures import COLORS, FIGURES, Figure
from s2p.evaluation.judge import FORMAT, VERSION
from s2p.evaluation.summary import FILL, is_chance, mean_interval
from s2p.evaluation.table import cell

_CLEARLY = "clearly"
Key = tuple[str, str, str, str]  # picture, flavour, artist, number of hints


def compare(first: Path | Mapping[str, Any], second: Path | Mapping[str, Any]) -> str:
    """Says where the second run differs from the first: clearly where 0 lies outside the 95 % interval.

    Only pictures, flavours, artists and numbers of hints that both runs have are compared, picture by picture.

    Args:
        first, second: JSON files or results of `evaluate`, of any two models.

    Returns: lines of text: figure, hints, both means, mean difference with its interval, and a verdict. Figures of
        hints and lines are named only where they clearly differ.

    Raises:
        InputError: not an evaluation, one of an earlier version, or nothing in common.
    """
    before, after = (_painted(_read(run)) for run in (first, second))
    shared = [key for key in before if key in after]
    if not shared:
        raise InputError("The two evaluations have no picture, flavour, artist and number of hints in common.")
    lines = ["artist hints figure          first  second  difference"]
    for artist, count in sorted({key[2:] for key in shared}, key=lambda pair: (pair[0] != "worst", int(pair[1]))):
        keys = [key for key in shared if key[2:] == (artist, count)]
        for name, figure in FIGURES.items():
            pairs = [(before[key].get(name), after[key].get(name)) for key in keys]
            pairs = [(old, new) for old, new in pairs if old is not None and new is not None]
            difference = _difference(pairs, figure) if pairs else ""
            if pairs and (name in COLORS or _CLEARLY in difference):
                lines.append(f"{artist:6} {count:>5} {figure.heading:13}{difference}")
    return "\n".join(lines)


def _difference(pairs: Sequence[tuple[float, float]], figure: Figure) -> str:
    old, new = (float(np.mean([pair[side] for pair in pairs])) for side in (0, 1))
    if figure.better == 0:  # the ratio that should be 1
        change = mean_interval(abs(after - 1.0) - abs(before - 1.0) for before, after in pairs)
        direction, note = -1, " (distance to 1)"
    else:
        change, direction, note = mean_interval(after - before for before, after in pairs), figure.better, ""
    if direction is not None and not is_chance(change):
        note += f"  {_CLEARLY} {'better' if change['mean'] * direction > 0.0 else 'worse'}"
    return f"{old:8.{figure.digits}f}{new:8.{figure.digits}f}  {cell(change, figure.digits, sign=True)}{note}"


def _read(run: Path | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(run, Mapping):
        return run
    name = Path(run).name
    try:
        result = json.loads(Path(run).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{name} cannot be read as an evaluation: {error}.") from None
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise InputError(f"{name} is not a file that s2p evaluate has written.")
    if result.get("version") != VERSION:
        raise InputError(
            f"{name} comes from another version of s2p evaluate, which measured at another size "
            f"({result.get('version')!r}; this one writes {VERSION}). Run that painter again with this version."
        )
    return result


def _painted(result: Mapping[str, Any]) -> dict[Key, Mapping[str, float | None]]:
    """Figures of the judged model by picture, flavour, artist, hints; of the geodesic fill in runs without one."""
    model = result["settings"]["model"]
    model = FILL if model == "none" else model
    return {
        (picture["name"], picture["flavour"], picture["artist"], count): figures
        for picture in result["pictures"]
        for count, figures in picture["systems"].get(model, {"hints": {}})["hints"].items()
    }
