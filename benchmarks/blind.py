"""Paintings of the same hints side by side, without names, for somebody to choose from who has seen neither.

    python benchmarks/blind.py paint EVAL MORE --to NOW           # twelve drawings of every folder, with twelve hints
    python benchmarks/blind.py paint EVAL MORE --to BEFORE --six  # the same by the six networks, or by another version
    python benchmarks/blind.py pair BEFORE NOW --to PAIRS         # PAIRS/01.png, ...: painting A, painting B, hints
    python benchmarks/blind.py count PAIRS ANSWERS.txt            # lines such as "01: A"

Which side is whose, is drawn by chance and stands beside the folder of pairs, in PAIRS.json: whoever chooses is not to
read it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zlib
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's, whichever is installed

from s2p.config import Settings
from s2p.errors import InputError, S2PError
from s2p.evaluation.artists import ARTISTS
from s2p.evaluation.fills import Point
from s2p.evaluation.pairs import Pair, find_sources, load_pairs
from s2p.evaluation.sheet import with_dots
from s2p.evaluation.target import Target
from s2p.files import write_whole
from s2p.image import load_image, save_image
from s2p.pipelines.request import Request
from s2p.pipelines.style2paints import Painter, load

HINTS, EACH, HEIGHT, GAP = 12, 12, 720, 8  # hints of a drawing; drawings of a folder; px of a row, and between pictures
PERSON = ARTISTS["person"]
_ANSWER = re.compile(r"^\W*(\d\d)\W+([AB])\b", re.MULTILINE | re.IGNORECASE)


def hinted(pair: Pair, seed: int) -> list[Point]:
    """What a person hints at on a drawing, as `s2p evaluate --artist person` does."""
    generator = np.random.default_rng([seed, zlib.crc32(pair.name.encode()), 1])
    return PERSON.place(Target(pair.image, pair.lines), HINTS, generator)


def paint(folders: list[Path], to: Path, painter: Painter, *, each: int = EACH, seed: int = 0) -> int:
    """Paints drawings into a folder, `NN.png`, and their hints, `NN-hints.png`; returns how many.

    Args:
        folders: of coloured pictures, of which some, evenly spread, are drawn by XDoG.
        to: the folder.
        painter: who paints.
        each: pictures of a folder, at most.
        seed: of the person's hand.
    """
    to.mkdir(parents=True, exist_ok=True)
    done = 0
    for folder in folders:
        for pair in load_pairs(find_sources(folder, limit=each), flavour="xdog"):
            if not isinstance(pair, Pair):
                print(*pair, sep=": ", file=sys.stderr)
                continue
            points, done = hinted(pair, seed), done + 1
            painting = painter.run(Request(pair.lines, hints=PERSON.hints(points), settings=painter.settings))
            save_image(painting.image, to / f"{done:02}.png")
            dots = with_dots(np.dstack([pair.lines] * 3), points, radius=max(min(pair.lines.shape) // 80, 4))
            save_image(dots, to / f"{done:02}-hints.png")
            print(f"{done:02} {pair.name}", file=sys.stderr)
    return done


def pair_up(before: Path, now: Path, to: Path, *, seed: int | None = None) -> dict[str, str]:
    """Lays the paintings of two folders side by side; returns which side is `now`'s: by chance, the left (A) in half.

    Args:
        before, now: of `paint`.
        to: folder of the pairs; beside it stands what is returned.
        seed: of the sides; other ones every time by default.
    """
    names = sorted(path.stem for path in now.glob("[0-9][0-9].png") if (before / path.name).exists())
    if not names:
        raise InputError(f"{before} and {now} hold no paintings of the same names. Make them by `paint` first.")
    if before.samefile(now):
        raise InputError(f"{now} beside itself leaves nothing to choose. Give two folders.")
    order = np.random.default_rng(seed).permutation(len(names))
    sides = {name: "AB"[int(place) % 2] for name, place in zip(names, order)}
    to.mkdir(parents=True, exist_ok=True)
    for name in names:
        both = [now, before] if sides[name] == "A" else [before, now]
        rows = [
            _of_height(load_image(path)[..., :3])
            for path in (*(side / f"{name}.png" for side in both), now / f"{name}-hints.png")
        ]
        gap = np.full((HEIGHT, GAP, 3), 128, np.uint8)
        save_image(np.concatenate([rows[0], gap, rows[1], gap, rows[2]], axis=1), to / f"{name}.png")
    write_whole(to.with_suffix(".json"), json.dumps(sides).encode())
    return sides


def count(sides: dict[str, str], answers: str) -> tuple[int, list[str]]:
    """How often the side of `now` was chosen, and where it was not.

    Raises:
        InputError: a pair has no answer, or two.
    """
    chosen = [(name, side.upper()) for name, side in _ANSWER.findall(answers)]
    times = Counter(name for name, _ in chosen)
    if odd := [name for name in sorted({*sides, *times}) if times[name] != (name in sides)]:
        raise InputError(f"Every pair wants a line such as '01: A'. It is missing, or too much, for {', '.join(odd)}.")
    lost = [name for name, side in chosen if side != sides[name]]
    return len(sides) - len(lost), lost


def _of_height(picture: np.ndarray) -> np.ndarray:
    width = max(round(picture.shape[1] * HEIGHT / picture.shape[0]), 1)
    return cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("paint", "pair", "count"))
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--six", action="store_true", help="by the six networks, which painted line art before")
    parser.add_argument("--seed", type=int, help="of the person's hand, 0 by default, or of the sides, by chance")
    asked = parser.parse_args()
    if asked.what == "count" and len(asked.paths) == 2:
        sides = json.loads(asked.paths[0].with_suffix(".json").read_text())
        times, lost = count(sides, asked.paths[1].read_text())
        print(f"The second folder was chosen at {times} of {len(sides)}; not at: {', '.join(lost) or 'any'}")
    elif asked.what == "pair" and len(asked.paths) == 2 and asked.to:
        pair_up(asked.paths[0], asked.paths[1], asked.to, seed=asked.seed)
    elif asked.what == "paint" and asked.to:
        painter = load(Settings(zoom=0.5))
        if asked.six:
            painter = Painter(painter.networks, settings=painter.settings)
        paint(asked.paths, asked.to, painter, seed=asked.seed or 0)
    else:
        parser.error("paint takes folders and --to, pair two folders and --to, count a folder of pairs and a file")


if __name__ == "__main__":
    try:
        main()
    except S2PError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"{error.filename} cannot be used: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SystemExit("The answers are no text. Give a file with a line such as '01: A' for every pair.") from None
