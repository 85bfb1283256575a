"""From a folder of art to training data.

    python -m preprocess ART OUT           # shards, report, contact sheet
    python -m preprocess inspect OUT       # what is in them, how fast they read

    import preprocess
    dataset = preprocess.load("OUT", "train", size=256, batch=8)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preprocess.dataset import load as load
    from preprocess.plan import Plan as Plan
    from preprocess.records import read_hdf5 as read_hdf5
    from preprocess.run import prepare as prepare

_HOMES = {
    "Plan": "preprocess.plan",
    "load": "preprocess.dataset",
    "prepare": "preprocess.run",
    "read_hdf5": "preprocess.records",
}

__all__ = ["Plan", "load", "prepare", "read_hdf5"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'preprocess' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
