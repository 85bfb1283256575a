"""`s2p evaluate --lines`: how well lines are drawn from pictures whose true lines are known.

The truth of a picture is the artist's own drawing beside it (`NAME.lines.png` or `lines/NAME.png`); without one, its
own ink, where it has black outlines that can be lifted off exactly (`s2p.ink`); other pictures are left out. Filled
black shapes count as their outlines. XDoG runs beside the network in three styles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from s2p import xdog
from s2p.errors import InputError, S2PError
from s2p.evaluation import pairs, scenes, summary
from s2p.evaluation.similarity import ssim
from s2p.image import flatten_alpha, load_image, save_image, write_whole
from s2p.ink import hollow, separate_ink
from s2p.lineart import channel_minimum
from s2p.progress import NullReporter, Reporter
from s2p.sizes import min_resize, resize_to

Drawer = Callable[[np.ndarray], np.ndarray]

SHORT_EDGE = 512
TOLERANCE = 2  # px
THRESHOLDS = (224, 192, 160, 128, 96, 64)
FIGURES = {
    "ssim": "SSIM", "f_score": "F at half ink", "f_best": "F at best", "precision": "precision", "recall": "recall",
}
BASELINES: Mapping[str, Drawer] = {"xdog": pairs.STYLE, "xdog_soft": xdog.SOFT, "xdog_hard": xdog.HARD}
_SHEET = 16


def evaluate_lines(
    data: Path | None = None,
    *,
    limit: int | None = None,
    drawers: Mapping[str, Drawer] | None = None,
    json: Path | None = None,
    sheet: Path | None = None,
    seed: int = 0,
    report: Reporter | None = None,
) -> dict[str, Any]:
    """Draws the lines of pictures and compares them with the true ones.

    Args:
        data: folder of pictures; None for the scenes drawn by the program.
        limit: int or None. At most so many pictures, spread evenly.
        drawers: name to function from `uint8[H, W, 3]` RGB to `uint8[H, W]` lines; by default `learned` (where it has
            weights) and XDoG.
        json, sheet: files for figures and for a contact sheet (picture, truth, then every drawer).
        seed: of the drawn scenes.
        report: progress and cancelling.

    Returns: `pictures` (per picture: `name`, `truth` own or ink, figures per drawer), `left_out`, and `summary`
        (drawer, figure: mean, 95 % interval, count). `f_best` is taken at the threshold that is best for the whole
        drawer, named in `thresholds`.

    Raises:
        InputError: no picture with known lines.
    """
    report = report or NullReporter()
    report.stage("evaluate")
    drawers = _installed() if drawers is None else drawers
    sources = pairs.find_sources(data, limit=limit)
    found, left_out, rows = [], [], []
    for number, source in enumerate(sources):
        report.check()
        report.update(number / len(sources))
        try:
            image, truth, kind = _load(source, seed)
        except S2PError as error:
            left_out.append({"name": source.name, "reason": str(error)})
            continue
        drawn = {name: drawer(image) for name, drawer in drawers.items()}
        found.append({
            "name": source.name, "truth": kind, "drawers": {n: _figures(lines, truth) for n, lines in drawn.items()},
        })
        if sheet is not None and len(rows) < _SHEET:
            rows.append(_row(image, truth, drawn))
    if not found:
        raise InputError(f"No picture has known lines; the first one: {left_out[0]['reason']}")
    result = _result(found, left_out, list(drawers))
    if json is not None:
        write_whole(json, summary.to_json(result))
    if sheet is not None:
        width = max(row.shape[1] for row in rows)
        save_image(np.concatenate([np.pad(r, ((0, 4), (0, width - r.shape[1]), (0, 0))) for r in rows]), sheet)
    return result


def lines_table(result: Mapping[str, Any]) -> str:
    """The figures for people."""
    kinds = [picture["truth"] for picture in result["pictures"]]
    rows = [f"{'':12}" + "".join(f"{title:>16}" for title in FIGURES.values())]
    for name, figures in result["summary"].items():
        rows.append(f"{name:12}" + "".join(f"{_cell(figures[figure]):>16}" for figure in FIGURES))
    sources = ", ".join(f"{kinds.count(kind)} {words}" for kind, words in _KINDS.items() if kind in kinds)
    rows.append(f"{len(kinds)} pictures ({sources}); {len(result['left_out'])} without known lines.")
    rows += summary.few(len(kinds))
    if "learned" not in result["summary"]:
        rows.append("The line extractor has no weights here; XDoG stands alone.")
    return "\n".join(rows)


_KINDS = {"own": "with the artist's lines", "ink": "with ink that can be lifted off", "drawn": "drawn by the program"}


def ink_f_score(lines: np.ndarray, truth: np.ndarray, *, threshold: int = 128) -> tuple[float, float, float]:
    """F-score, precision and recall of ink within `TOLERANCE` px; ink is darker than `threshold`, true ink than 128.

    Example:
        >>> page = np.full((9, 9), 255, np.uint8); page[4] = 0
        >>> ink_f_score(np.roll(page, 2, axis=0), page)
        (1.0, 1.0, 1.0)
    """
    drawn, true = lines < threshold, truth < 128
    if not drawn.any() or not true.any():
        same = float(drawn.any() == true.any())
        return same, same, same
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE + 1,) * 2)
    precision = float(cv2.dilate(true.astype(np.uint8), disk)[drawn].mean())
    recall = float(cv2.dilate(drawn.astype(np.uint8), disk)[true].mean())
    total = precision + recall
    return (2 * precision * recall / total if total else 0.0), precision, recall


def _installed() -> dict[str, Drawer]:
    from s2p.pipelines.lines import load_extractor

    learned = load_extractor()
    return {**({"learned": learned} if learned is not None else {}), **BASELINES}


def _load(source: pairs.Source, seed: int) -> tuple[np.ndarray, np.ndarray, str]:
    """Picture and true lines at the working size, and where the truth comes from."""
    if source.path is None:
        image, truth = scenes.draw(source.number, seed=seed)
        return image, hollow(truth), "drawn"
    image = flatten_alpha(load_image(source.path))
    if min(image.shape[:2]) < 64:
        raise InputError("It is smaller than 64 pixels.")
    image = min_resize(image, SHORT_EDGE)
    companion = pairs.find_companion(source.path)
    if companion is not None:
        own = channel_minimum(flatten_alpha(load_image(companion)))
        return image, hollow(resize_to(own, image.shape)), "own"
    ink = separate_ink(image)
    if ink is None:
        raise InputError("It has neither a drawing beside it nor ink that can be told from its paint.")
    return image, ink, "ink"


def _figures(lines: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    scores = {str(threshold): ink_f_score(lines, truth, threshold=threshold) for threshold in THRESHOLDS}
    f_score, precision, recall = scores["128"]
    return {
        "ssim": ssim(lines, truth), "f_score": f_score, "precision": precision, "recall": recall,
        "f_at": {threshold: score[0] for threshold, score in scores.items()},
    }


def _result(found: list[dict[str, Any]], left_out: list[dict[str, str]], names: Sequence[str]) -> dict[str, Any]:
    thresholds = {}
    for name in names:
        means = {t: np.mean([picture["drawers"][name]["f_at"][t] for picture in found]) for t in map(str, THRESHOLDS)}
        thresholds[name] = max(means, key=lambda threshold: means[threshold])
        for picture in found:
            figures = picture["drawers"][name]
            figures["f_best"] = figures.pop("f_at")[thresholds[name]]
    summed = {
        name: {figure: summary.mean_interval(one["drawers"][name][figure] for one in found) for figure in FIGURES}
        for name in names
    }
    return {"pictures": found, "left_out": left_out, "thresholds": thresholds, "summary": summed}


def _row(image: np.ndarray, truth: np.ndarray, drawn: Mapping[str, np.ndarray]) -> np.ndarray:
    tiles = [image, *(np.repeat(lines[..., None], 3, -1) for lines in (truth, *drawn.values()))]
    return np.concatenate([np.pad(min_resize(tile, 256), ((0, 0), (0, 4), (0, 0))) for tile in tiles], axis=1)


def _cell(value: Mapping[str, Any]) -> str:
    if value["mean"] is None:
        return "-"
    half = "" if value["low"] is None else f" ±{value['mean'] - value['low']:.3f}"
    return f"{value['mean']:.3f}{half}"
