"""How fast this computer paints: `s2p bench`.

    result = run(Plan(zooms=(0.5,), variants=("turbo",)))      # every runtime that is installed
    print(table(result))

Every configuration (networks, runtime, zoom) starts in a process of its own in every round, so that memory is clean
and what else the computer does falls on all of them alike. Public names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2p.benchmark.plan import Plan as Plan
    from s2p.benchmark.rounds import run as run
    from s2p.benchmark.summary import table as table
    from s2p.benchmark.summary import write as write

_HOMES = {
    "Plan": "s2p.benchmark.plan", "run": "s2p.benchmark.rounds", "table": "s2p.benchmark.summary",
    "write": "s2p.benchmark.summary",
}
__all__ = ["Plan", "run", "table", "write"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 's2p.benchmark' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
