"""The graphs of all networks; `build` makes any of them by its row of `s2p.networks`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def build(name: str, *, size: str = "turbo", **details: Any) -> keras.Model:
    """Builds a network with random weights.

    Args:
        name: of `s2p.networks`.
        size: name of a variant.
        details: further keywords of that network's function, such as `taps` or `temperature`.

    Raises:
        NotFoundError: there is no such network.

    Example:
        >>> build("tail").name
        'tail'
    """
    from s2p.networks import spec_of

    module, _, function = spec_of(name).builder.partition(":")
    return getattr(import_module(module), function)(size=size, **details)
