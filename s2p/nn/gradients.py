"""The few lines of training that differ between TensorFlow and PyTorch; everything else is `keras.ops`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np

from s2p.errors import ConfigError


def value_and_gradients(function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]) -> tuple[Any, Any, list]:
    """Runs `function` and differentiates what it found.

    Args:
        function: returns a number to minimise and anything else.
        variables: Keras variables.

    Returns: the number, the other thing, and one gradient per variable.
    """
    if _backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value, other = function()
        return value, other, tape.gradient(value, [variable.value for variable in variables])
    import torch

    value, other = function()
    wanted = [variable.value for variable in variables]
    return value, other, list(torch.autograd.grad(value, wanted, allow_unused=True))


def input_gradients(function: Callable[[Any], Any], inputs: Any) -> Any:
    """Gradients of the sum of `function(inputs)` by `inputs`, which can be differentiated once more."""
    if _backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(inputs)
            value = function(inputs)
        return tape.gradient(value, inputs)
    import torch

    inputs = inputs.detach().requires_grad_(True)
    return torch.autograd.grad(function(inputs).sum(), inputs, create_graph=True)[0]


def compiled_slope(
    function: Callable[..., Any], shapes: Sequence[tuple[int | None, ...]]
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Makes a function of arrays that returns what `function` finds and how its sum changes with the first argument.

    Args:
        function: of tensors of these shapes, all float32; returns `float32[N]`.
        shapes: None where any size will do. TensorFlow traces it once.
    """
    if _backend() == "tensorflow":
        import tensorflow as tf

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32) for shape in shapes])
        def slope(first: Any, *rest: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(first)
                value = function(first, *rest)
            return value, tape.gradient(value, first)

        return lambda *arrays: tuple(part.numpy() for part in slope(*arrays))
    import torch

    def slope_of(first: np.ndarray, *rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inputs = keras.ops.convert_to_tensor(first).detach().requires_grad_(True)
        value = function(inputs, *(keras.ops.convert_to_tensor(one) for one in rest))
        (gradient,) = torch.autograd.grad(value.sum(), inputs)
        return to_numpy(value.detach()), to_numpy(gradient)

    return slope_of


def apply(optimizer: keras.optimizers.Optimizer, gradients: list, variables: Sequence[Any]) -> None:
    """One step of an optimizer."""
    with without_gradients():
        optimizer.apply(gradients, list(variables))


def without_gradients() -> AbstractContextManager[Any]:
    """In this block nothing is recorded for differentiation (PyTorch records wherever it is not told)."""
    if keras.backend.backend() != "torch":
        return nullcontext()
    import torch

    return torch.no_grad()


def to_numpy(tensor: Any) -> np.ndarray:
    """A tensor or variable of any backend and device as an array of its own; bfloat16 becomes float32."""
    value = np.array(keras.ops.convert_to_numpy(tensor.value if isinstance(tensor, keras.Variable) else tensor))
    return value.astype(np.float32) if value.dtype.name == "bfloat16" else value


def _backend() -> str:
    name = keras.backend.backend()
    if name not in ("tensorflow", "torch"):
        raise ConfigError(f"Training runs with KERAS_BACKEND tensorflow or torch. Received: {name!r}.")
    return name
