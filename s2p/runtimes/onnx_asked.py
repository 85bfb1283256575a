"""What translations into ONNX ask of a Keras layer: numbers as arrays, and settings that have no translation."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from s2p.errors import WeightsError


def by_channel(values: Any, given: Any) -> np.ndarray:
    values = np.asarray(values, "float32").reshape(-1)
    return values.reshape(1, -1, 1, 1) if len(given.shape) == 4 else values.reshape(1, -1)


def array_of(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), "float32")


def numbers_of(value: Any) -> list[int]:
    return [int(value)] * 2 if isinstance(value, int) else [int(one) for one in value]


def padding_of(layer: Any) -> str:
    return {"same": "SAME_UPPER", "valid": "VALID"}[layer.padding]


def check_order(layer: Any) -> None:
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise refusal(layer, "its channels come first")


def refusal(layer: Any, reason: str) -> WeightsError:
    return WeightsError(f"The layer {layer.name!r} ({type(layer).__name__}) cannot be written as ONNX: {reason}.")
