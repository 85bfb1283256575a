"""V3's command line: `python cmdline.py IN OUT [method] [x y rrggbb]...`

Points are draft hints; x counts from the left and y from the bottom, 0 to 1. As in V3 the picture is painted at full
size with the last network, goes through a room under `game/rooms`, and OUT is always a JPEG, whatever it is called.
`s2p colorize` can do more.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

if not __package__:  # started by its path; see server.py
    _HERE = Path(__file__).resolve().parent
    _IS_INSTALLED = (_HERE.parent / "__init__.py").is_file()
    sys.path[:] = [str(_HERE.parents[_IS_INSTALLED]), *(one for one in sys.path if Path(one or ".").resolve() != _HERE)]
    __package__ = "s2p.server" if _IS_INSTALLED else _HERE.name

from s2p.config import load_settings
from s2p.errors import InputError, OutputError, S2PError
from s2p.files import write_whole
from s2p.progress import NullReporter
from s2p.schema import METHODS, Hint, Hints

from .folders import INI, data_folder, make_data_folder
from .rooms import UPLOAD
from .store import Store

HERE = Path(__file__).resolve().parent
USAGE = "Use: cmdline.py IN OUT [method] [x y rrggbb]...   methods: " + ", ".join(METHODS)


def parse(arguments: Sequence[str]) -> tuple[Path, Path, str, Hints]:
    """IN, OUT, method and hints of the arguments; raises `InputError`."""
    if len(arguments) < 2:
        raise InputError(USAGE)
    source, target, *rest = arguments
    method = "colorization"
    if rest and rest[0] in METHODS:
        method, *rest = rest
    if len(rest) % 3:
        raise InputError(f"Points are given as x y rrggbb. {USAGE}")
    hints = []
    for x, y, color in zip(rest[::3], rest[1::3], rest[2::3]):
        try:
            hints.append(Hint(x=float(x), y=1.0 - float(y), color=color, kind="draft"))
        except ValueError:
            raise InputError(f"A point must be x y rrggbb, x and y from 0 to 1. Received: {x} {y} {color}.") from None
    return Path(source), Path(target), method, Hints(hints)


def colorize(
    source: Path, target: Path, method: str, hints: Hints, *, painter: Any, settings: Any, base: Path = HERE
) -> Path:
    """Paints one file through a room; returns the room's result. Raises `S2PError`."""
    from .sketch_tasks import prepare
    from .tasks import paint

    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    store = Store(base)
    store.create_folders()
    room, step = store.new_room()
    write_whole(room.file(UPLOAD), data)
    task = {"folder": str(room.folder), "room": room.id, "step": step, "settings": asdict(settings), "v3": True,
            "results": str(store.results_folder), "max_pixels": 40_000_000}
    try:
        prepare(painter, {**task, "method": method}, NullReporter())
    except S2PError:
        store.discard(room)
        raise
    points = {"alpha": 0, "points": hints.to_v3(), "method": method, "lineColor": [0, 0, 0], "line": False,
              "hasReference": False}
    write_whole(room.file(f"options.{step}.json"), json.dumps(points).encode())
    options = {"method": method, "mix": 0.0, "line_color": None}
    paint(painter, {**task, "options": options, "hints": hints.packed().to_text()}, NullReporter())
    if not target.parent.is_dir():
        raise OutputError(f"The folder of {target} does not exist.")
    write_whole(target, room.file(f"result.{step}.jpg").read_bytes())
    return room.file(f"result.{step}.jpg")


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        source, target, method, hints = parse(sys.argv[1:] if arguments is None else arguments)
        base = make_data_folder(data_folder())
        settings = load_settings(base / INI).merged(
            zoom=float(os.environ.get("S2P_ZOOM") or 1.0),
            super_resolution=None if os.environ.get("S2P_SUPER_RESOLUTION") else True,
        )
        import s2p

        painter = s2p.load(settings)
        untrained = [name for name, network in painter.networks.items() if not network.trained]
        if untrained:
            print(f"Untrained networks (random weights): {', '.join(untrained)}.", file=sys.stderr)
        colorize(source, target, method, hints, painter=painter, settings=settings, base=base)
    except (S2PError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
