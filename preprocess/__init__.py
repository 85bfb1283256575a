"""From a folder of art to training data; this folder is the package `s2p.preprocess` where pip has installed it.

    s2p prepare ART OUT                    # shards, report, contact sheet
    s2p prepare inspect OUT                # what is in them, how fast they read

    from s2p import preprocess             # in the project's folder `import preprocess` does, too
    dataset = preprocess.load("OUT", "train", size=256, batch=8)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dataset import load as load
    from .plan import Plan as Plan
    from .records import read_hdf5 as read_hdf5
    from .run import prepare as prepare

_HOMES = {
    "Plan": ".plan",
    "load": ".dataset",
    "prepare": ".run",
    "read_hdf5": ".records",
}

__all__ = ["Plan", "load", "prepare", "read_hdf5"]


def __getattr__(name: str) -> Any:
    if name == "load":
        from s2p.runtimes.quiet import import_quietly

        import_quietly("tensorflow")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
