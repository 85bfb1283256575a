"""Sums up how paintings by words were judged, and shows it to people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from s2p.evaluation.agreement import GROUPS, agrees
from s2p.evaluation.summary import few, mean_interval
from s2p.evaluation.table import cell
from s2p.evaluation.word_run import OTHER, OWN
from s2p.tags import choices

_WISHES = {OWN: "its own colours", OTHER: "other colours"}
_WIDTH = 24
_FIGURES = {
    "color_off_lines": ("off lines", 2), "elsewhere": ("dE elsewhere", 2), "inside": ("dE inside", 2),
    "seconds": ("seconds", 2), "first": ("first", 2),
}  # fmt: skip


def share_interval(values: Iterable[bool | None]) -> dict[str, Any]:
    """`mean`, `low`, `high` (95 %, Wilson's score) and `count` of a yes or no, where it is one.

    Example:
        >>> share_interval([True] * 10)["low"] > 0.7
        True
    """
    found = [bool(value) for value in values if value is not None]
    count = len(found)
    if not count:
        return {"mean": None, "low": None, "high": None, "count": 0}
    share, z = sum(found) / count, 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return {"mean": share, "low": max(middle - half, 0.0), "high": min(middle + half, 1.0), "count": count}


def summarize(pictures: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """Sums up the pictures of a run.

    Args:
        pictures: of `s2p.evaluation.word_run.Sitting.judged`.
        names: of the systems, that which is judged first.

    Returns: `pictures`, their number; and by system, and `original`: `own` and `other`, the two wishes, with `agree`
        and `chance` by group (share, 95 % interval, number; chance is how often its colours agree with the words of
        other pictures), `things` by what garments are called, `color_off_lines`, `unfound` (share of what is there and
        was named as not to be seen); `changed` with `agree`, `elsewhere`, `inside` (CIEDE2000); `seconds`, their
        median, and `first`, that of first paintings.
    """
    found: dict[str, Any] = {"pictures": len(pictures), "systems": {}}
    for name in (*names, "original"):
        judged = [picture["systems"][name] for picture in pictures]
        summed: dict[str, Any] = {
            wish: _wish([item[wish] for item in judged]) for wish in _WISHES if judged[0][wish] is not None
        }
        changed = [item["changed"] for item in judged if item["changed"] is not None]
        if changed:
            summed["changed"] = {
                "agree": share_interval(item["agrees"] for item in changed),
                **{key: mean_interval(item[key] for item in changed) for key in ("elsewhere", "inside")},
            }
        if name in names:
            timed = judged[1:] or judged  # the first picture pays for the warm-up
            summed["first"] = float(np.median([item[OWN]["seconds"] for item in timed]))
            summed["seconds"] = float(np.median([item[wish]["seconds"] for item in timed for wish in _WISHES]))
        found["systems"][name] = summed
    return found


def word_table(result: Mapping[str, Any]) -> str:
    """The figures as aligned text; shares in percent with their 95 % intervals and numbers."""
    summed, model = result["summary"], result["settings"]["model"]
    lines = []
    if result["untrained"]:
        lines.append(f"UNTRAINED: {', '.join(result['untrained'])} have random weights.")
    are_read = any(picture["are_read"] for picture in result["pictures"])
    told = ", which were read off them" if are_read else ""
    lines.append(f"{summed['pictures']} pictures with words{told}, seed {result['settings']['seed']}.")
    lines += [*few(summed["pictures"]), "", "Share of things that have the colour asked for, in percent:"]
    lines.append("system".ljust(14) + "asked for".ljust(17) + "".join(group.ljust(_WIDTH) for group in GROUPS))
    for name, figures in summed["systems"].items():
        for wish, words in _WISHES.items():
            if wish not in figures:
                continue
            cells = (_share(figures[wish]["agree"][group]) for group in GROUPS)
            lines.append(f"{name:14}{words:17}" + "".join(text.ljust(_WIDTH) for text in cells))
            cells = (_share(figures[wish]["chance"][group], is_short=True) for group in GROUPS)
            lines.append(f"{'':14}{'  by chance':17}" + "".join(text.ljust(_WIDTH) for text in cells))
    lines += ["", "system".ljust(14) + "".join(heading.rjust(14) for heading, _ in _FIGURES.values())
              + "changed agrees".rjust(22) + "unfound".rjust(20)]
    lines += [_row(name, figures) for name, figures in summed["systems"].items() if "first" in figures]
    lines += ["", _things(model, summed["systems"][model])]
    lines += [f"skipped {item['name']}: {item['reason']}" for item in result["skipped"]]
    return "\n".join(line.rstrip() for line in lines)


def _wish(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    parts = [part for item in items for part in item["parts"]]
    groups = {group: [part for part in parts if part["group"] == group] for group in GROUPS}
    things = sorted({choices()[part["asked"]].group for part in groups["garments"]})
    return {
        "agree": {group: share_interval(part["agrees"] for part in own) for group, own in groups.items()},
        "chance": {group: _chance(own) for group, own in groups.items()},
        "things": {
            thing: share_interval(p["agrees"] for p in groups["garments"] if choices()[p["asked"]].group == thing)
            for thing in things
        },
        "color_off_lines": mean_interval(item["color_off_lines"] for item in items),
        "unfound": share_interval(
            part in item["unfound"] for item in items if "unfound" in item for part in _asked(item)
        ),
    }  # fmt: skip


def _asked(item: Mapping[str, Any]) -> list[str]:
    return [part["asked"] for part in item["parts"]]


def _chance(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How often a part's colour agrees with what was asked of another picture's."""
    told = [(_rgb(part["color"]), part["asked"]) for part in parts if part["color"] is not None]
    agreed = [
        np.mean([agrees(color, tag) for other, (_, tag) in enumerate(told) if other != place])
        for place, (color, _) in enumerate(told) if len(told) > 1
    ]
    return mean_interval(float(value) for value in agreed)


def _rgb(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


def _share(value: Mapping[str, Any], *, is_short: bool = False) -> str:
    if value["mean"] is None:
        return "-"
    if is_short:
        return f"{100 * value['mean']:.0f}"
    return f"{100 * value['mean']:.0f} ({100 * value['low']:.0f}-{100 * value['high']:.0f}, n {value['count']})"


def _row(name: str, figures: Mapping[str, Any]) -> str:
    changed = figures.get("changed", {})
    none = {"mean": None}
    cells = [
        cell(figures[OWN]["color_off_lines"], 2), cell(changed.get("elsewhere", none), 2),
        cell(changed.get("inside", none), 2), f"{figures['seconds']:.2f}", f"{figures['first']:.2f}",
    ]
    return (f"{name:14}" + "".join(text.rjust(14) for text in cells)
            + _share(changed.get("agree", none)).rjust(22) + _share(figures[OTHER]["unfound"]).rjust(20))  # fmt: skip


def _things(model: str, figures: Mapping[str, Any]) -> str:
    told = (f"{thing} {_share(value)}" for thing, value in figures[OTHER]["things"].items())
    return f"Garments of {model} in other colours: {', '.join(told) or 'none'}."
