"""The figures of a run as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s2p.evaluation.figures import COLORS, FIRST, HINTS, LINES, Figure
from s2p.evaluation.run import TOLD
from s2p.evaluation.summary import CLASSES, FILL, few, is_chance

_WIDTH = 12
_ARTISTS = {"worst": "hints where a fill is most wrong", "person": "hints as a person places them"}

_GAINS = (
    ("gain", FIRST, 0, "Colour off the lines, % nearer than the geodesic fill"),
    ("gain", "psnr", 2, "PSNR, dB more than the geodesic fill"),
    ("gain_over_sketch", FIRST, 0, "Colour off the lines, % nearer than the bare sketch"),
)


def table(result: Mapping[str, Any]) -> str:
    """The figures as aligned text; mean and, after ±, half of the 95 % interval over pictures.

    All figures of all pictures, then the colours of pictures on white paper and of full pictures apart. The row
    `original` is the original measured like a painting: what a perfect one would reach; `closed` is the best that
    filling the drawing's closed regions reaches (`s2p.evaluation.fills.closed_fill`).
    """
    settings = result["settings"]
    lines = []
    if result["untrained"]:
        lines.append(f"UNTRAINED: {', '.join(result['untrained'])} have random weights.")
    for flavour, artists in result["summary"].items():
        for artist, classes in artists.items():
            for kind, summed in classes.items():
                if kind != "all" and len(classes) == 2:
                    continue  # only one class there: it is all
                named = next(iter(set(classes) - {"all"})) if len(classes) == 2 else kind
                lines.append(
                    f"{summed['pictures']} {CLASSES[named].removeprefix('all ')}, {flavour} lines, {_ARTISTS[artist]}, "
                    f"zoom {settings['zoom']:g}, seed {settings['seed']}"
                )
                lines.extend(few(summed["pictures"]))
                lines.extend(_blocks(summed, settings["model"], is_short=kind != "all"))
                lines.append("")
    lines.extend(f"skipped {item['name']}: {item['reason']}" for item in result["skipped"])
    return "\n".join(lines).rstrip("\n")


def cell(value: Mapping[str, Any], digits: int, *, sign: bool = False) -> str:
    """`mean±half`, or `-` where there is no value."""
    if value["mean"] is None:
        return "-"
    text = f"{value['mean']:{'+' if sign else ''}.{digits}f}"
    return text if value["low"] is None else f"{text}±{value['mean'] - value['low']:.{digits}f}"


def verdict(value: Mapping[str, Any], digits: int) -> str:
    """A difference, with a word where it cannot be told from chance."""
    return cell(value, digits, sign=True) + (" (chance)" if is_chance(value) else "")


def _blocks(summed: Mapping[str, Any], model: str, *, is_short: bool) -> list[str]:
    systems = summed["systems"]
    if is_short:
        systems = {name: value for name, value in systems.items() if name in (model, FILL, *TOLD)}
    lines = _rows(systems, COLORS)
    if not is_short:
        hinted = {name: {n: f for n, f in value.items() if n != "0"} for name, value in systems.items()}
        if any(set(value) - {"hint_auc"} for value in hinted.values()):
            lines += ["", *_rows(hinted, HINTS)]
        lines += ["", *_rows(systems, LINES)]
    return lines + _notes(summed, model)


def _rows(systems: Mapping[str, Any], columns: Mapping[str, Figure]) -> list[str]:
    lines = ["system".ljust(13) + "hints" + "".join(figure.heading.rjust(_WIDTH) for figure in columns.values())]
    for system, value in systems.items():
        rows: dict[str, str] = {}
        for count, figures in value.items():
            if count != "hint_auc":
                cells = (cell(figures[name], figure.digits) for name, figure in columns.items())
                rows[count] = "".join(f" {text:>{_WIDTH - 1}}" for text in cells)
        if system in ("sketch", *TOLD) and len(set(rows.values())) == 1:  # the same picture for any number of hints
            rows = {"any": next(iter(rows.values()))}
        lines.extend(f"{system:13}{count:>5}{cells}" for count, cells in rows.items())
    return lines


def _notes(summed: Mapping[str, Any], model: str) -> list[str]:
    notes = []
    if any(value["mean"] < int(count) for count, value in summed["points"].items()):
        placed = [f"{value['mean']:.1f} of {count}" for count, value in summed["points"].items() if count != "0"]
        notes.append(f"Points that there was use for, mean: {', '.join(placed)}")
    if "gain" in summed:
        for key, name, digits, words in _GAINS:
            gains = [f"{verdict(value[name], digits)} at {count}" for count, value in summed[key].items()]
            notes.append(f"{words}, paired: {', '.join(gains)}")
    areas = [
        f"{system} {cell(value['hint_auc'], 2)}"
        for system, value in summed["systems"].items()
        if system not in TOLD and value["hint_auc"]["mean"] is not None
    ]
    notes += [f"Hint-AUC, dB: {', '.join(areas)}"] if areas else []
    notes += [_extra(figures, count) for count, figures in summed["systems"].get(model, {}).items()]
    if "cost" in summed:
        notes.append(_cost(summed["cost"]))
    return [note for note in notes if note]


def _extra(figures: Mapping[str, Any], count: str) -> str:
    if count == "hint_auc":
        return ""
    if figures["zooms_differ"]["mean"] is not None:
        return f"Zoom 0.5 and 1 differ on {cell(figures['zooms_differ'], 3)} of the picture with {count} hints"
    if figures["best_choice"]["mean"] is not None:
        best, spread = cell(figures["best_choice"], 2), cell(figures["choices_spread"], 2)
        return f"Without hints: the best choice is {best} off, the choices are {spread} apart"
    return ""


def _cost(cost: Mapping[str, Any]) -> str:
    parts = []
    if cost["seconds_first"] is not None:
        parts.append(f"{cost['seconds_first']:.2f} s for the first painting")
    if cost["seconds_again"] is not None:
        parts.append(f"{cost['seconds_again']:.2f} s with other hints")
    if cost["peak_megabytes_max"] is not None:
        parts.append(f"peak memory {cost['peak_megabytes_max']:.0f} MB")
    return f"Cost (median, after warm-up): {', '.join(parts)}" if parts else ""
