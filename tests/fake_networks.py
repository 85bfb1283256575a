"""Six networks in a few lines of NumPy with the contracts of the real ones, for tests of everything around them."""

from __future__ import annotations

from typing import Any

import numpy as np

NAMES = ("baby", "girder", "reader", "head", "neck", "tail")


class FakeNetwork:
    """Computes something simple that depends on every input, and writes its name into a shared list of calls."""

    encoding = "points"
    inputs: tuple[tuple[Any, ...], ...] = ()  # of any size
    outputs: tuple[tuple[Any, ...], ...] = ()
    identity: str | None

    def __init__(self, name: str, calls: list[str], *, trained: bool = True, identity: str | None = None) -> None:
        self.name, self.calls, self.trained = name, calls, trained
        self.identity = identity or name

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        self.calls.append(self.name)
        for tensor in inputs:
            assert tensor.dtype == np.float32 and tensor.shape[0] == 1, f"{self.name} got {tensor.dtype}{tensor.shape}"
        return [np.ascontiguousarray(out, dtype=np.float32) for out in getattr(self, f"_{self.name}")(*inputs)]

    def _baby(self, tensor):
        drawing, hint = tensor[..., :1], tensor[..., 1:]
        plain = np.concatenate([drawing * 0.5 + 90.0, 0 * drawing + 120.0, 0 * drawing + 140.0], axis=-1)
        return [np.where(hint[..., :1] > -512.0, hint, plain)]

    def _girder(self, sketch, hint, latent):
        assert hint.shape[-1] == 4 and not hint.any()
        return [0.8 * latent + 0.2 * sketch]

    def _reader(self, picture):
        return [picture[:, ::4, ::4], picture[:, ::8, ::8, :2] * 0.5]

    def _head(self, sketch, hint, *styles):
        # the reader saw B, G, R; the third output is R, G, B without VGG's means
        color = np.concatenate([styles[0][:, 2:], 2.0 * styles[1][:, ::-1]], axis=-1)[:, None, None]
        has_hint = np.abs(hint).max(axis=-1, keepdims=True) > 0
        painted = np.where(has_hint, (hint[..., ::-1] + 1.0) * 127.5, 255.0 * color * (1.0 - sketch))
        third = painted[:, ::2, ::2] - np.array([103.939, 116.779, 123.68], np.float32)
        return [third[:, :1, :1], third[:, :1, :1], third]

    _neck = _head

    def _tail(self, picture):
        return [picture.repeat(2, axis=1).repeat(2, axis=2)]


def fake_networks(calls: list[str] | None = None, **changes) -> dict[str, Any]:
    """All six by name. `changes` go to every network."""
    calls = [] if calls is None else calls
    return {name: FakeNetwork(name, calls, **changes) for name in NAMES}
