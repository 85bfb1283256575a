"""What a run's folder says of it (`s2p.train.loop` writes it)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py


def newest(run: Path) -> Path | None:
    """The newest checkpoint of a run that can be read."""
    for path in sorted(run.glob("state-*.h5"), reverse=True):
        if h5py.is_hdf5(path):
            return path
    return None


def done_epochs(run: Path) -> int:
    """How many epochs of a run are kept in its newest checkpoint."""
    path = newest(run)
    return 0 if path is None else int(path.stem[6:])


def configuration(run: Path) -> dict[str, Any]:
    """The resolved recipe of a run; raises `OSError` or `ValueError` where it holds none."""
    found = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    if "size" in found:  # a variant's name in runs of before, where those of the paper's Tag2Pix were called so
        found |= {"kind": found["variant"]} if "variant" in found else {}
        found["variant"] = found.pop("size")
    return found
