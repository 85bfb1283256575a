"""Means with their intervals, the table, and whether one run is clearly better than another."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError
from s2p.evaluation.metrics import FIGURES

_ALL = (*FIGURES, "leak", "leak_inside")
# figure: heading, digits, +1 if more is better, -1 if less is, 0 if 1 is right
_COLUMNS: dict[str, tuple[str, int, int]] = {
    "psnr": ("PSNR dB", 2, 1), "ssim": ("SSIM", 3, 1), "delta_e": ("dE00", 2, -1),
    "delta_e_paper": ("dE off line", 2, -1), "obedience_median": ("obey 50%", 2, -1),
    "obedience_p90": ("obey 90%", 2, -1), "leak": ("leak", 3, -1), "ink": ("ink dL", 2, -1),
    "colorfulness": ("colour", 2, 0),
}
_WIDTH = 12


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


def summarize(pictures: Sequence[Mapping[str, Any]], model: str | None) -> dict[str, Any]:
    """Per flavour and system: figures by number of hints, `hint_auc`; `gain` of the model over the geodesic fill."""
    flavours = list(dict.fromkeys(picture["flavour"] for picture in pictures))
    return {
        flavour: _flavour([picture for picture in pictures if picture["flavour"] == flavour], model)
        for flavour in flavours
    }


def _flavour(pictures: Sequence[Mapping[str, Any]], model: str | None) -> dict[str, Any]:
    systems = list(pictures[0]["systems"])
    counts = list(next(iter(pictures[0]["systems"].values()))["hints"]) if systems else []
    summed: dict[str, Any] = {"pictures": len(pictures)}
    for system in systems:
        found = [picture["systems"][system] for picture in pictures]
        summed[system] = {
            count: {name: mean_interval(item["hints"][count].get(name) for item in found) for name in _ALL}
            for count in counts
        }
        summed[system]["hint_auc"] = mean_interval(item["hint_auc"] for item in found)
    if model is None:
        return summed
    if "geodesic" in systems:
        summed["gain"] = {count: mean_interval(_paired(pictures, model, count)) for count in counts}
    # The first picture pays for the warm-up; the first painting of each for cleaning its sketch.
    timed = pictures[1:] or pictures
    again = [value for picture in timed for value in picture["seconds"][1:]]
    peaks = [picture["peak_megabytes"] for picture in pictures if picture["peak_megabytes"] is not None]
    summed["cost"] = {
        "seconds_first": float(np.median([picture["seconds"][0] for picture in timed])),
        "seconds_again": float(np.median(again)) if again else None,
        "peak_megabytes": mean_interval(peaks),
        "peak_megabytes_max": max(peaks, default=None),
    }
    return summed


def _paired(pictures: Sequence[Mapping[str, Any]], model: str, count: str) -> list[float]:
    psnr = [[item["systems"][name]["hints"][count]["psnr"] for item in pictures] for name in (model, "geodesic")]
    return [ours - fill for ours, fill in zip(*psnr)]


def to_json(result: Mapping[str, Any]) -> bytes:
    """The JSON file's content."""
    return (json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def table(result: Mapping[str, Any]) -> str:
    """The figures as aligned text; mean and, after ±, half of the 95 % interval over pictures."""
    settings = result["settings"]
    lines = []
    if result["untrained"]:
        lines.append(f"UNTRAINED: {', '.join(result['untrained'])} have random weights.")
    for flavour, summed in result["summary"].items():
        lines.append(
            f"{summed['pictures']} pictures, {flavour} lines, zoom {settings['zoom']:g}, seed {settings['seed']}"
        )
        lines.append("system".ljust(13) + "hints" + "".join(head.rjust(_WIDTH) for head, _, _ in _COLUMNS.values()))
        lines.extend(_rows(summed))
        lines.extend(_notes(summed))
        lines.append("")
    lines.extend(f"skipped {item['name']}: {item['reason']}" for item in result["skipped"])
    return "\n".join(lines).rstrip("\n")


def _rows(summed: Mapping[str, Any]) -> list[str]:
    lines = []
    for system, value in summed.items():
        if not isinstance(value, Mapping) or "hint_auc" not in value:
            continue
        for count, figures in value.items():
            if count == "hint_auc" or (system == "sketch" and len(lines) and lines[-1].startswith("sketch")):
                continue  # the bare sketch is the same for any number of hints
            cells = "".join(_cell(figures[name], digits).rjust(_WIDTH) for name, (_, digits, _) in _COLUMNS.items())
            lines.append(f"{system:13}{'any' if system == 'sketch' else count:>5}{cells}")
    return lines


def _notes(summed: Mapping[str, Any]) -> list[str]:
    areas = [
        f"{system} {_cell(value['hint_auc'], 2)}"
        for system, value in summed.items()
        if isinstance(value, Mapping) and value.get("hint_auc", {}).get("mean") is not None
    ]
    notes = [f"Hint-AUC, dB: {', '.join(areas)}"] if areas else []
    if "gain" in summed:
        gains = [f"{_cell(value, 2, sign=True)} at {count}" for count, value in summed["gain"].items()]
        notes.append(f"PSNR above the geodesic fill, paired, dB: {', '.join(gains)}")
    if "cost" in summed:
        cost = summed["cost"]
        again = "" if cost["seconds_again"] is None else f", {cost['seconds_again']:.2f} s with other hints"
        top = "" if cost["peak_megabytes_max"] is None else f"; peak memory {cost['peak_megabytes_max']:.0f} MB"
        notes.append(f"Median time: {cost['seconds_first']:.2f} s for the first painting{again}{top}")
    return notes


def _cell(value: Mapping[str, Any], digits: int, *, sign: bool = False) -> str:
    if value["mean"] is None:
        return "-"
    text = f"{value['mean']:{'+' if sign else ''}.{digits}f}"
    return text if value["low"] is None else f"{text}±{value['mean'] - value['low']:.{digits}f}"


def compare(first: Path | Mapping[str, Any], second: Path | Mapping[str, Any]) -> str:
    """Says where the second run differs from the first: clearly where 0 lies outside the 95 % interval.

    Only pictures, flavours and numbers of hints that both runs have are compared, picture by picture.

    Args:
        first, second: JSON files or results of `evaluate`, of any two models.

    Returns: lines of text: figure, hints, both means, mean difference with its interval, and a verdict.

    Raises:
        InputError: not an evaluation, or nothing in common.
    """
    before, after = (_painted(_read(run)) for run in (first, second))
    shared = [key for key in before if key in after]
    if not shared:
        raise InputError("The two evaluations have no picture, flavour and number of hints in common.")
    lines = ["hints figure          first  second  difference"]
    for count in sorted({key[2] for key in shared}, key=int):
        keys = [key for key in shared if key[2] == count]
        for name, (heading, digits, better) in _COLUMNS.items():
            pairs = [(before[key].get(name), after[key].get(name)) for key in keys]
            pairs = [(old, new) for old, new in pairs if old is not None and new is not None]
            if pairs:
                lines.append(f"{count:>5} {heading:13}{_difference(pairs, digits, better)}")
    return "\n".join(lines)


def _difference(pairs: Sequence[tuple[float, float]], digits: int, better: int) -> str:
    old, new = (float(np.mean([pair[side] for pair in pairs])) for side in (0, 1))
    if better:
        change = mean_interval(after - before for before, after in pairs)
        direction = better
    else:  # the ratio that should be 1
        change = mean_interval(abs(after - 1.0) - abs(before - 1.0) for before, after in pairs)
        direction = -1
    verdict = ""
    if change["low"] is not None and (change["low"] > 0.0 or change["high"] < 0.0):
        verdict = "  clearly better" if change["mean"] * direction > 0.0 else "  clearly worse"
    note = "" if better else " (distance to 1)"
    return f"{old:8.{digits}f}{new:8.{digits}f}  {_cell(change, digits, sign=True)}{note}{verdict}"


def _read(run: Path | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(run, Mapping):
        return run
    try:
        result = json.loads(Path(run).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{Path(run).name} cannot be read as an evaluation: {error}.") from None
    if not isinstance(result, dict) or result.get("format") != "s2p-evaluation" or result.get("version") != 1:
        raise InputError(f"{Path(run).name} is not a file that s2p evaluate has written.")
    return result


def _painted(result: Mapping[str, Any]) -> dict[tuple[str, str, str], Mapping[str, float | None]]:
    """Figures of the judged model by picture, flavour and number of hints; of the geodesic fill in runs without one."""
    model = result["settings"]["model"]
    model = "geodesic" if model == "none" else model
    return {
        (picture["name"], picture["flavour"], count): figures
        for picture in result["pictures"]
        for count, figures in picture["systems"].get(model, {"hints": {}})["hints"].items()
    }
