"""Reads the settings of one stored layer, with every value checked and Keras 2's defaults for those left out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from s2p.errors import LegacyModelError
from s2p.legacy.formulas import hard_sigmoid

MAX_WHOLE = 2**24

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "linear": keras.activations.linear,
    "relu": keras.activations.relu,
    "elu": keras.activations.elu,
    "selu": keras.activations.selu,
    "softmax": keras.activations.softmax,
    "softplus": keras.activations.softplus,
    "softsign": keras.activations.softsign,
    "tanh": keras.activations.tanh,
    "sigmoid": keras.activations.sigmoid,
    "hard_sigmoid": hard_sigmoid,
    # of later Keras 2 only
    "exponential": keras.activations.exponential,
    "swish": keras.activations.silu,
    "gelu": keras.activations.gelu,
}


class Options:
    """The settings of one layer.

    Args:
        kind: class name in the file, for messages.
        name: layer name in the file, for messages.
        values: the layer's `config`.
        version: the file's Keras version.
    """

    def __init__(self, kind: str, name: str, values: dict[str, Any], version: str) -> None:
        self.kind = kind
        self.name = name
        self.values = values
        self.version = version

    def fail(self, reason: str) -> LegacyModelError:
        return LegacyModelError(f"layer '{self.name}' ({self.kind}): {reason}")

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(f"'{key}' must be true or false. Received: {_shown(value)}.")
        return value

    def whole(self, key: str, default: int | None = None, *, low: int = 1, high: int = MAX_WHOLE) -> int:
        value = self.values.get(key, default)
        return self._whole(key, value, low, high)

    def wholes(self, key: str, count: int, default: int | None = None, *, low: int = 1) -> tuple[int, ...]:
        """`count` whole numbers; one number stands for all."""
        value = self.values.get(key)
        if value is None:
            value = default
        items = value if isinstance(value, list) else [value] * count
        if len(items) != count:
            raise self.fail(f"'{key}' must hold {count} numbers. Received: {_shown(value)}.")
        return tuple(self._whole(key, item, low, MAX_WHOLE) for item in items)

    def pairs(self, key: str, count: int) -> tuple[tuple[int, int], ...] | tuple[int, int]:
        """Amounts before and after along `count` axes, as padding and cropping need them; a pair for one axis."""
        value = self.values.get(key, 1)
        if count == 1:
            first, second = self.wholes(key, 2, 1, low=0)
            return (first, second)
        rows = value if isinstance(value, list) else [value] * count
        if len(rows) != count:
            raise self.fail(f"'{key}' must hold {count} pairs. Received: {_shown(value)}.")
        result = []
        for row in rows:
            items = row if isinstance(row, list) else [row, row]
            if len(items) != 2:
                raise self.fail(f"'{key}' must hold pairs. Received: {_shown(value)}.")
            result.append((self._whole(key, items[0], 0, MAX_WHOLE), self._whole(key, items[1], 0, MAX_WHOLE)))
        return tuple(result)

    def number(self, key: str, default: float | None = None) -> float:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.fail(f"'{key}' must be a finite number. Received: {_shown(value)}.")
        return float(value)

    def word(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.values.get(key, default)
        if value is None:
            value = default
        if value not in allowed:
            raise self.fail(f"'{key}' must be one of {', '.join(allowed)}. Received: {_shown(value)}.")
        return value

    def axis(self, key: str = "axis", default: int = -1) -> int:
        """One axis; newer writers store it as a list of one."""
        value = self.values.get(key, default)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return self._whole(key, value, -8, 8)

    def activation(self, key: str = "activation", default: str = "linear") -> Callable[..., Any]:
        value = self.values.get(key)
        value = default if value is None else value
        if not isinstance(value, str) or value not in ACTIVATIONS:
            raise self.fail(f"the activation {_shown(value)} is not one of {', '.join(ACTIVATIONS)}.")
        return ACTIVATIONS[value]

    def channels_last(self) -> None:
        """Refuses `channels_first`, which no CPU runtime computes."""
        if self.values.get("data_format") not in (None, "channels_last"):
            raise self.fail(f"only channels_last is read. The file says {_shown(self.values.get('data_format'))}.")

    def absent(self, *keys: str) -> None:
        """Refuses settings that later versions added and that change the numbers."""
        for key in keys:
            if self.values.get(key) not in (None, False, 1, [], {}):
                raise self.fail(f"the setting '{key}' is not supported. Received: {_shown(self.values.get(key))}.")

    def _whole(self, key: str, value: Any, low: int, high: int) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fail(f"'{key}' must be a whole number from {low} to {high}. Received: {_shown(value)}.")
        return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
