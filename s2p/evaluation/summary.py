"""Means with their intervals over pictures, and what a painter gains over the fill that needs no network."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from s2p.evaluation.figures import FIGURES, FIRST

CLASSES = {"all": "all pictures", "paper": "pictures on white paper", "full": "full pictures"}
FILL, BARE = "geodesic", "sketch"  # what a painter has to beat; a page that it floods is worse than no colour at all
FEW = 8  # pictures, below which it is chance which ones are among them


def mean_interval(values: Iterable[float | None]) -> dict[str, Any]:
    """`mean`, `low`, `high` (95 %, Student's t over pictures) and `count` of the values that are not None."""
    numbers = np.array([value for value in values if value is not None], np.float64)
    if numbers.size == 0:
        return {"mean": None, "low": None, "high": None, "count": 0}
    mean = float(numbers.mean())
    if numbers.size == 1:
        return {"mean": mean, "low": None, "high": None, "count": 1}
    from scipy.special import stdtrit

    half = float(stdtrit(numbers.size - 1, 0.975)) * float(numbers.std(ddof=1)) / math.sqrt(numbers.size)
    return {"mean": mean, "low": mean - half, "high": mean + half, "count": int(numbers.size)}


def few(pictures: int) -> list[str]:
    """A warning where figures are of too few pictures to be told from chance; nothing else."""
    if pictures >= FEW:
        return []
    are = "picture is" if pictures == 1 else "pictures are"
    return [f"{pictures} {are} few: another choice of pictures may turn these figures round. Take {FEW} at least."]


def is_chance(value: Mapping[str, Any]) -> bool:
    """Whether a difference cannot be told from chance: its interval holds 0, or there is none."""
    return value["low"] is None or value["low"] <= 0.0 <= value["high"]


def summarize(pictures: Sequence[Mapping[str, Any]], model: str | None) -> dict[str, Any]:
    """Sums up the pictures of a run.

    Args:
        pictures: of `s2p.evaluation.run.Run`.
        model: the judged system among theirs, or None.

    Returns: flavour, artist, class (`all`, and `paper` and `full` where both occur) to `pictures` (their number),
        `systems` (system, number of hints, figure; `hint_auc`), `gain` of the model over the geodesic fill and
        `gain_over_sketch` (number of hints: `color_off_lines` in percent, `psnr` in dB), and `cost`.
    """
    found: dict[str, Any] = {}
    for flavour, artist in dict.fromkeys((picture["flavour"], picture["artist"]) for picture in pictures):
        own = [picture for picture in pictures if (picture["flavour"], picture["artist"]) == (flavour, artist)]
        parts = {kind: [picture for picture in own if kind in ("all", picture["kind"])] for kind in CLASSES}
        if not parts["paper"] or not parts["full"]:
            parts = {"all": own} | {kind: own for kind in ("paper", "full") if parts[kind]}
        found.setdefault(flavour, {})[artist] = {kind: _class(part, model) for kind, part in parts.items()}
    return found


def gain(pictures: Sequence[Mapping[str, Any]], model: str, count: str, *, over: str = FILL) -> dict[str, Any]:
    """What a system gains over a baseline, picture by picture; more is better.

    Returns: `color_off_lines`: mean decrease in percent of the baseline's mean error (not a mean of percents, which one
        picture without any error would decide); `psnr`: mean increase in dB. Each with its 95 % interval.
    """
    found = {}
    for name in (FIRST, "psnr"):
        ours, theirs = ([item["systems"][one]["hints"][count][name] for item in pictures] for one in (model, over))
        pairs = [(new, old) for new, old in zip(ours, theirs) if new is not None and old is not None]
        if name == FIRST:
            error = float(np.mean([old for _, old in pairs])) if pairs else 0.0
            found[name] = mean_interval((old - new) / error * 100.0 if error else 0.0 for new, old in pairs)
        else:
            found[name] = mean_interval(new - old for new, old in pairs)
    return found


def _class(pictures: Sequence[Mapping[str, Any]], model: str | None) -> dict[str, Any]:
    systems = list(pictures[0]["systems"])
    counts = list(pictures[0]["points"])
    summed: dict[str, Any] = {"pictures": len(pictures), "systems": {}}
    for system in systems:
        found = [picture["systems"][system] for picture in pictures]
        summed["systems"][system] = {
            count: {name: mean_interval(item["hints"][count].get(name) for item in found) for name in FIGURES}
            for count in counts
        } | {"hint_auc": mean_interval(item["hint_auc"] for item in found)}
    summed["points"] = {count: mean_interval(picture["points"][count] for picture in pictures) for count in counts}
    if model is None:
        return summed
    if FILL in systems:
        summed["gain"] = {count: gain(pictures, model, count) for count in counts}
        summed["gain_over_sketch"] = {count: gain(pictures, model, count, over=BARE) for count in counts}
    summed["cost"] = _cost(pictures)
    return summed


def _cost(pictures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    timed = pictures[1:] or pictures  # the first picture pays for the warm-up
    first = [picture["seconds_first"] for picture in timed if picture["seconds_first"] is not None]
    again = [value for picture in timed for value in picture["seconds_again"]]
    peaks = [picture["peak_megabytes"] for picture in pictures if picture["peak_megabytes"] is not None]
    return {
        "seconds_first": float(np.median(first)) if first else None,
        "seconds_again": float(np.median(again)) if again else None,
        "peak_megabytes": mean_interval(peaks), "peak_megabytes_max": max(peaks, default=None),
    }


def to_json(result: Mapping[str, Any]) -> bytes:
    """The JSON file's content."""
    return (json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
