"""What stands in for layers of program code (Lambda and custom classes), by the user's own decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

Chooser = str | Callable[[str, str, dict[str, Any]], bool]

_REGISTERED: list[tuple[Chooser, Callable[..., Any]]] = []


def register_lambda(which: Chooser, function: Callable[..., Any]) -> None:
    """Names the function that does the work of a Lambda or custom layer without weights.

    The code inside the file is never read; you say what it computed.

        from keras import ops
        s2p.legacy.register_lambda("lambda_1", lambda x: ops.abs(x))

    Args:
        which: the layer's name in the file, or `predicate(class_name, layer_name, settings) -> bool`.
        function: takes the layer's input (a list of them for several inputs) and the keyword arguments stored with the
            layer; written with `keras.ops`. The latest registration that fits wins.
    """
    _REGISTERED.insert(0, (which, function))


def unregister_lambda(which: Chooser) -> None:
    """Forgets what was registered under `which`; nothing happens if there is none."""
    _REGISTERED[:] = [entry for entry in _REGISTERED if entry[0] is not which and entry[0] != which]


def replacement_for(kind: str, name: str, settings: dict[str, Any]) -> Callable[..., Any] | None:
    for which, function in _REGISTERED:
        if which == name if isinstance(which, str) else which(kind, name, settings):
            return function
    return None


class Replacement(keras.layers.Layer):
    """Runs a registered function. It belongs to one process: it is neither saved nor cached."""

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.arguments = arguments

    def call(self, inputs: Any) -> Any:
        return self.function(inputs, **self.arguments)
