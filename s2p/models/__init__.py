"""The graphs of all networks; `build` makes any of them by its row of `s2p.networks`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def build(name: str, *, variant: str = "turbo", **details: Any) -> keras.Model:
    """Builds a network with random weights.

    Args:
        name: of `s2p.networks`.
        variant: its name, `turbo` or `official`; the row's first for networks whose variants are other ones.
        details: further keywords of that network's function, such as `taps` or `temperature`.

    Raises:
        NotFoundError: there is no such network, or variant of one.
        ConfigError: `size`, which a variant was called before.

    Example:
        >>> build("tail").name
        'tail'
    """
    from s2p.errors import ConfigError, NotFoundError
    from s2p.networks import OFFICIAL, TURBO, spec_of
    from s2p.runtimes.quiet import import_quietly

    if "size" in details:
        raise ConfigError("size is called variant now. Say build(NAME, variant=...).")

    import_quietly("keras")
    spec = spec_of(name)
    known = dict.fromkeys((*spec.variants, TURBO, OFFICIAL))
    if variant not in known:
        raise NotFoundError(f"The variant of {name} must be one of {', '.join(known)}. Received: {variant!r}.")
    module, _, function = spec.builder.partition(":")
    return getattr(import_module(module), function)(variant=spec.variant_for(variant), **details)
