"""Runs networks: one call, whatever computes behind it.

    settings.backend = auto | tensorflow | openvino | onnxruntime         settings.device = cpu | gpu | gpu:1

`choose` decides once what computes; where the wish cannot be met it says why in a sentence and takes the next best.
`open_network` then opens a network there: converted ones come from the user's cache (`s2p.runtimes.converted`) without
Keras or TensorFlow being imported, and a graph that a runtime does not understand stays with TensorFlow.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from s2p.config import Settings
from s2p.errors import WeightsError
from s2p.runtimes import converted
from s2p.runtimes.converted import Converted

if TYPE_CHECKING:
    import keras

# What `auto` takes, the first that is there. On a CPU by the CPU seconds of a painting (`s2p bench`); on a GPU,
# TensorFlow and ONNX Runtime see one only where a person installed their GPU version on purpose.
FASTEST = {"cpu": ("openvino", "onnxruntime", "tensorflow"), "gpu": ("tensorflow", "onnxruntime", "openvino")}
TITLES = {"tensorflow": "TensorFlow", "openvino": "OpenVINO", "onnxruntime": "ONNX Runtime"}
INSTALL = {
    "tensorflow": "pip install tensorflow-cpu", "openvino": "pip install openvino",
    "onnxruntime": "pip install onnxruntime, or onnxruntime-directml for a GPU on Windows",
}
_MODULES = {"tensorflow": "tensorflow", "openvino": "openvino", "onnxruntime": "onnx"}
_DISTRIBUTIONS = {
    "tensorflow": ("tensorflow-cpu", "tensorflow", "tensorflow-macos", "tensorflow-intel"),
    "openvino": ("openvino",),
    "onnxruntime": ("onnxruntime", "onnxruntime-directml", "onnxruntime-gpu", "onnxruntime-openvino"),
}
_PROBE = 64  # height and width of the picture on which a conversion is tried
_TOLERANCE = 1 / 255  # of the range of an answer
_LOG = logging.getLogger(__name__)


@runtime_checkable
class Network(Protocol):
    """A network as a pipeline sees it.

    Attributes:
        name: of `s2p.networks`.
        encoding: name of a hint encoding there: what the network expects in its hint channels.
        trained: False where the weights are random.
        identity: text that is equal for equal weights, or None where nobody knows.
        inputs, outputs: shapes, None for free sizes.
    """

    name: str
    encoding: str
    trained: bool
    identity: str | None
    inputs: tuple[tuple[Any, ...], ...]
    outputs: tuple[tuple[Any, ...], ...]

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        """Takes `float32[1, H, W, C]` (or `[1, C]` vectors) in the contract's order, returns a list of `float32`."""
        ...


@dataclass(frozen=True)
class Runtime:
    """What computes.

    Attributes:
        backend: `tensorflow`, `openvino` or `onnxruntime`.
        device: by the backend's own name, such as `/cpu:0`, `GPU.1` or `DmlExecutionProvider:0`.
        notes: sentences about wishes that could not be met.
    """

    backend: str
    device: str
    notes: tuple[str, ...] = ()

    @property
    def is_gpu(self) -> bool:
        return self.device not in _CPUS.values()


_CPUS = {"tensorflow": "/cpu:0", "openvino": "CPU", "onnxruntime": "cpu"}


def version(backend: str) -> str | None:
    """Version of the installed library behind a backend, with its name where there are several; None without one."""
    for distribution in _DISTRIBUTIONS[backend]:
        try:
            found = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
        return found if distribution == _DISTRIBUTIONS[backend][0] else f"{found} ({distribution})"
    return None


def choose(settings: Settings) -> Runtime:
    """Decides what computes; never fails for something that is missing.

    Example:
        >>> choose(Settings(backend="tensorflow")).device
        '/cpu:0'
    """
    kind, _, number = settings.device.partition(":")
    notes: list[str] = []
    if kind == "gpu":
        found = _on_gpu(settings.backend, int(number or 0), notes)
        if found is not None:
            return found
    if settings.backend not in ("auto", "tensorflow"):
        if _is_usable(settings.backend, notes):
            return Runtime(settings.backend, _CPUS[settings.backend], tuple(notes))
        notes[-1] += " TensorFlow computes instead."
        return Runtime("tensorflow", _CPUS["tensorflow"], tuple(notes))
    candidates = FASTEST["cpu"] if settings.backend == "auto" else ("tensorflow",)
    for backend in candidates:
        if backend == candidates[-1] or (version(backend) and _is_usable(backend, notes)):
            return Runtime(backend, _CPUS[backend], tuple(notes))
    raise AssertionError("there is always a last candidate")


def devices(backend: str) -> list[str]:
    """Devices that a backend sees, by its own names; empty where it is not installed or cannot be imported."""
    if not _is_usable(backend, []):
        return []
    module = import_module(f"s2p.runtimes.{_MODULES[backend]}")
    return ["/cpu:0", *module.gpus()] if backend == "tensorflow" else module.devices()


def open_network(
    load: Callable[[], keras.Model], *, name: str, encoding: str, trained: bool, identity: str | None,
    runtime: Runtime, settings: Settings, key: Sequence[Any] | None = None, edges: Sequence[int] = (),
) -> Network:
    """Opens a network where `runtime` says.

    Args:
        load: makes the Keras model; only called when it is needed.
        name, encoding, trained: see `Network`.
        identity: text that is equal for equal weights, or None. Runtimes differ in the last bits of an answer, so the
            network's own identity tells them apart.
        runtime: of `choose`.
        settings: the threads are used.
        key: everything that the model is made from, for the cache of converted networks; None to convert every time.
        edges: height and width in pixels of every input, for the trial of a conversion; all the same by default.
    """
    about: dict[str, Any] = {"name": name, "encoding": encoding, "trained": trained}
    from s2p.runtimes import torch

    if torch.is_chosen():  # a training box, which may have no TensorFlow at all
        return torch.TorchNetwork(load(), identity=identity, **about)
    if runtime.backend != "tensorflow":
        module = import_module(f"s2p.runtimes.{_MODULES[runtime.backend]}")
        opened = module.OpenVINONetwork if runtime.backend == "openvino" else module.OnnxNetwork
        about["identity"] = None if identity is None else f"{identity}:{runtime.backend}"
        try:
            return _open_converted(
                opened, module.convert, load, runtime=runtime, key=key, edges=edges, device=runtime.device,
                threads=settings.threads, **about,
            )
        except _Untranslatable as error:
            _LOG.warning(
                "%s cannot take the network %r (%s); TensorFlow computes it.", TITLES[runtime.backend], name, error
            )
            model = error.model
    else:
        model = _loaded(load, settings)
    from s2p.runtimes.tensorflow import TensorFlowNetwork

    about["identity"] = identity
    device = runtime.device if runtime.backend == "tensorflow" else _CPUS["tensorflow"]
    return TensorFlowNetwork(model, device=device, **about)


def make_network(
    model: keras.Model, *, name: str, encoding: str, trained: bool, identity: str | None, settings: Settings
) -> Network:
    """Puts a Keras model that is in memory behind a runtime: TensorFlow, unless the settings name another."""
    runtime = choose(settings.merged(backend="tensorflow") if settings.backend == "auto" else settings)
    return open_network(
        lambda: model, name=name, encoding=encoding, trained=trained, identity=identity, runtime=runtime,
        settings=settings,
    )


class _Untranslatable(Exception):
    """A runtime does not understand a graph; carries the model for the runtime that does."""

    def __init__(self, model: keras.Model, reason: str) -> None:
        super().__init__(reason)
        self.model = model


def _open_converted(
    opened: Callable[..., Any], convert: Callable[[keras.Model, Path], None], load: Callable[[], keras.Model], *,
    runtime: Runtime, key: Sequence[Any] | None, edges: Sequence[int], name: str, **about: Any,
) -> Network:
    digest = None
    if key is not None:
        digest = converted.key_of(runtime.backend, version(runtime.backend), *key)
        kept = converted.find(digest)
        if kept is not None:
            try:
                return opened(kept, name=name, **about)
            except RuntimeError as error:
                converted.discard(digest, " ".join(str(error).split())[:200])
    model = _loaded(load, Settings(threads=about["threads"]))
    shapes = {
        "inputs": [tuple(tensor.shape) for tensor in model.inputs],
        "outputs": [tuple(tensor.shape) for tensor in model.outputs],
    }
    _LOG.info("converting the network %r for %s; this happens once", name, TITLES[runtime.backend])
    try:
        if digest is not None:
            try:
                kept = converted.keep(digest, lambda folder: convert(model, folder), name=name, **shapes)
                return _proven(opened(kept, name=name, **about), model, edges)
            except OSError as error:
                _LOG.warning("converted networks cannot be kept (%s); every start converts them again.", error)
        with tempfile.TemporaryDirectory(prefix="s2p-", ignore_cleanup_errors=True) as folder:
            convert(model, Path(folder))
            made = Converted(Path(folder), **{what: tuple(shapes[what]) for what in shapes})
            return _proven(opened(made, name=name, **about), model, edges)
    except Exception as error:  # whatever a converter says to a graph that it does not know
        reason = " ".join(str(error).split())[:200]
        if digest is not None:
            converted.discard(digest, reason)
        raise _Untranslatable(model, reason) from error


def _proven(network: Any, model: keras.Model, edges: Sequence[int]) -> Network:
    """The network, if it answers a random picture as the model does; tried once, when it has just been converted."""
    random = np.random.default_rng(0)
    inputs = [
        random.random([1, *(size or edge for size in tensor.shape[1:])], dtype=np.float32)
        for tensor, edge in zip(model.inputs, edges or [_PROBE] * len(model.inputs), strict=True)
    ]
    expected = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    for wanted, found in zip(expected, network(*inputs), strict=True):
        wanted = np.asarray(wanted)
        if wanted.shape != found.shape:
            raise WeightsError(f"it answers {list(found.shape)} instead of {list(wanted.shape)}")
        error = np.abs(wanted - found).max() / max(float(np.ptp(wanted)), 1e-3)
        if not error <= _TOLERANCE:  # also where there is no number to compare
            raise WeightsError(f"its answers differ by {error:.2g} of their range")
    return network


def _loaded(load: Callable[[], keras.Model], settings: Settings) -> keras.Model:
    from s2p.runtimes.tensorflow import prepare

    prepare(settings)
    return load()


def _on_gpu(backend: str, number: int, notes: list[str]) -> Runtime | None:
    candidates = FASTEST["gpu"] if backend == "auto" else (backend,)
    for one in candidates:
        if not _is_usable(one, notes if backend != "auto" else []):
            continue
        found = import_module(f"s2p.runtimes.{_MODULES[one]}").gpus()
        if one == "onnxruntime" and found:  # a provider numbers the devices itself
            return Runtime(one, f"{found[0]}:{number}")
        if number < len(found):
            return Runtime(one, found[number])
    seen = " or ".join(TITLES[one] for one in candidates)
    which = "GPU" if number == 0 else f"GPU number {number}"
    notes.append(f"No {which} is seen by {seen}; the CPU computes instead.")
    return None


def _is_usable(backend: str, notes: list[str]) -> bool:
    if version(backend) is None and backend != "tensorflow":
        notes.append(f"{TITLES[backend]} is not installed ({INSTALL[backend]}).")
        return False
    if backend == "tensorflow":  # importing it takes seconds; it is required, so it is there
        return True
    try:
        import_module(f"s2p.runtimes.{_MODULES[backend]}").load_library()
    except (ImportError, OSError) as error:  # a wheel for another processor, a missing system library
        reason = " ".join(str(error).split())[:200]
        notes.append(f"{TITLES[backend]} is installed but does not start ({reason}).")
        return False
    return True
