"""Files of Keras 2: reads users' own Style2Paints networks safely, and writes ours for an old installation.

    model = s2p.legacy.load("tail.net")              # a Keras 3 model
    s2p.legacy.check_slot(model, "tail")             # does it do what a tail must do?
    s2p.legacy.export(our_model, "tail.net")         # opens in Keras 2.1.6 with plain load_model

Public names are loaded on first use; `is_legacy` needs no TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from s2p.errors import LegacyModelError

if TYPE_CHECKING:
    from s2p.legacy.cache import load_cached as load_cached
    from s2p.legacy.container import is_legacy as is_legacy
    from s2p.legacy.reader import load as load
    from s2p.legacy.replacements import register_lambda as register_lambda
    from s2p.legacy.replacements import unregister_lambda as unregister_lambda
    from s2p.legacy.slots import check_pair as check_pair
    from s2p.legacy.slots import check_slot as check_slot
    from s2p.legacy.writer import export as export

_HOMES = {
    "is_legacy": "s2p.legacy.container",
    "load": "s2p.legacy.reader",
    "load_cached": "s2p.legacy.cache",
    "check_slot": "s2p.legacy.slots",
    "check_pair": "s2p.legacy.slots",
    "register_lambda": "s2p.legacy.replacements",
    "unregister_lambda": "s2p.legacy.replacements",
    "export": "s2p.legacy.writer",
}

__all__ = [
    "LegacyModelError",
    "check_pair",
    "check_slot",
    "export",
    "is_legacy",
    "load",
    "load_cached",
    "register_lambda",
    "unregister_lambda",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 's2p.legacy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
