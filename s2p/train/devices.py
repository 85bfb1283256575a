"""Where and how precisely a training computes: for the length of a run, and nothing is left changed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from s2p.errors import ConfigError

# float16 is left out: its small gradients vanish without loss scaling, bfloat16's do not.
PRECISIONS = ("float32", "mixed_bfloat16")


@contextmanager
def computing(*, precision: str = "float32", devices: str = "") -> Iterator[None]:
    """Within the block new layers compute in `precision`, and batches are spread over `devices`.

    Args:
        precision: one of `PRECISIONS`. Variables stay float32 in both.
        devices: empty for one device; a number, `all`, or names such as `gpu:0,gpu:1` for several, each of which
            takes an equal part of every batch.

    Raises:
        ConfigError: an unknown precision, or devices that this backend or computer does not have.

    Example:
        >>> with computing(precision="mixed_bfloat16"):
        ...     keras.layers.Dense(1).compute_dtype
        'bfloat16'
    """
    if precision not in PRECISIONS:
        raise ConfigError(f"precision must be one of {', '.join(PRECISIONS)}. Received: {precision!r}.")
    policy = keras.config.dtype_policy()
    distribution = keras.distribution.distribution()
    spread = _spread(devices) if devices else distribution
    keras.config.set_dtype_policy(precision)
    try:
        keras.distribution.set_distribution(spread)
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        keras.distribution.set_distribution(distribution)


def _spread(devices: str) -> Any:
    backend = keras.backend.backend()
    if backend != "jax":
        raise ConfigError(
            f"keras.distribution does not train on several devices under KERAS_BACKEND={backend}, only under jax. "
            "Leave devices out, or train other networks on the other devices (CUDA_VISIBLE_DEVICES=1)."
        )
    there = keras.distribution.list_devices()
    if devices == "all":
        wanted = there
    elif devices.isdecimal():
        wanted = there[: int(devices)] if 0 < int(devices) <= len(there) else []
    else:
        wanted = [name.strip() for name in devices.split(",")]
    if not wanted or not set(wanted) <= set(there):
        names = ", ".join(there)
        raise ConfigError(f"devices must be at most {len(there)}, or some of {names}. Received: {devices!r}.")
    return keras.distribution.DataParallel(devices=wanted, auto_shard_dataset=False)
