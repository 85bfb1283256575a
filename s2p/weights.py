"""Finds, checks, adds and loads weights.

A network's weights are looked for in this order; the first hit wins:

1. `NAME.net` / `NAME.h5` in the folder that `$S2P_WEIGHTS` names,
2. the same in the folders of `places`, the user's data folder last: V3 files that somebody put there,
3. weights that `s2p train` made: those of the set that the settings name (`s2p.own_sets`), of the registry in the
   user's data folder, then of ours, `weights/`.

Where nothing is found a network is built with random weights, which every door says loudly. What our own files look
like is in `s2p.weight_files`, how they are registered in `s2p.shelf`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p import networks as table
from s2p import own_sets, shelf
from s2p.config import Settings
from s2p.errors import InputError, WeightsError, WeightsMissingError
from s2p.files import written_whole
from s2p.networks import SIX
from s2p.weight_files import palette_in, read_weights, sha256_of, write_weights

if TYPE_CHECKING:
    import keras

    from s2p.runtime import Network, Runtime

SUFFIXES = (".net", ".h5")
_PREFERRED: ContextVar[Path | None] = ContextVar("preferred", default=None)
_ROOT = Path(__file__).resolve().parent.parent
_INSTALLED = Path(__file__).resolve().parent / "shipped_weights"  # what pip makes of the project's folder `weights`
_LOG = logging.getLogger(__name__)

__all__ = [
    "Found", "add", "find", "find_all", "folder", "has_to_be_converted", "load_choice", "load_model", "load_network",
    "load_networks", "palette_in", "places", "preferring", "publish", "read_weights", "registry", "use", "user_folder",
    "verify", "write_weights",
]  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Where the weights of one network come from.

    Attributes:
        name: of the network.
        origin: `own` (trained by us), `user` (a V3 file, official or not) or `none` (random numbers).
        path: of the file, None for random weights.
        variant: `turbo`, `official`, or `file` when the file brings its own graph.
        encoding: name of a hint encoding of `s2p.networks`.
        trained: False for random weights.
        build: keyword arguments for the function that builds the graph.
        sha256: of the file, empty for random weights.
    """

    name: str
    origin: str
    path: Path | None
    variant: str
    encoding: str = "points"
    trained: bool = True
    build: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""


def folder() -> Path:
    """The folder of our own weights."""
    for place in (_INSTALLED, _ROOT / "weights"):
        if (place / "registry.json").is_file():
            return place
    return _ROOT / "weights"


def user_folder() -> Path:
    """The folder into which `s2p weights add` copies files; not created here."""
    import platformdirs

    return Path(platformdirs.user_data_dir("s2p", appauthor=False)) / "weights"


def places() -> list[Path]:
    """Folders that are searched for users' files, in order.

    Those of the project, `server` and `weights`; where pip has installed s2p, beside which lies what is not the user's,
    the server's folder in the user's data folder (`server.folders`) in their place.
    """
    named = os.environ.get("S2P_WEIGHTS")
    is_installed = (_INSTALLED / "registry.json").is_file()
    own = [user_folder().with_name("server")] if is_installed else [_ROOT / "server", folder()]
    return [*([Path(named)] if named else []), *own, user_folder()]


def find(name: str, settings: Settings | None = None, *, variant: str | None = None) -> Found:
    """Where the weights of `name` are; never fails for a missing file. Raises `NotFoundError` for an unknown set.

    Args:
        name: of the network.
        settings: which variant is wanted, and of which set of one's own.
        variant: one that only this network has, such as a kind of stroke, or where it is not a matter of settings.
    """
    variant = table.spec_of(name).variant_for(variant or (settings or Settings()).variant)
    for place in places() if _PREFERRED.get() is None else ():
        for suffix in SUFFIXES:
            path = place / f"{name}{suffix}"
            if name in table.addable() and path.is_file():
                return Found(name, "user", path, "file", sha256=sha256_of(path))
    preferred, own = _PREFERRED.get(), settings.weights_set if settings else ""
    first = [*([preferred] if preferred else []), *([own_sets.place_of(own)] if own else [])]
    for place in (*first, user_folder(), folder()):
        for entry in registry(place):
            path = place / entry["file"]
            if (entry["network"], entry["size"]) == (name, variant) and path.is_file():
                return Found(
                    name, "own", path, entry["size"], entry["encoding"], build=entry.get("build", {}),
                    sha256=entry["sha256"],
                )
    return Found(name, "none", None, variant, table.spec_of(name).encoding(variant), trained=False)


def find_all(settings: Settings | None = None) -> list[Found]:
    """`find` for every network; for those that draw strokes, every kind of stroke that has weights, and the first."""
    found = []
    for spec in table.NETWORKS:
        first = find(spec.name, settings)
        is_usual = table.TURBO in spec.variants
        more = [] if is_usual else [find(spec.name, variant=one) for one in spec.variants if one != first.variant]
        found += [first, *(one for one in more if one.trained)]
    return found


def registry(place: Path | None = None) -> list[dict[str, Any]]:
    """Entries of a folder's registry (`s2p.shelf`), ours by default."""
    return shelf.entries(place or folder())


@contextmanager
def preferring(place: Path | None) -> Iterator[None]:
    """Within the block a folder with a registry comes before all others and users' files; None changes nothing."""
    token = _PREFERRED.set(place)
    try:
        yield
    finally:
        _PREFERRED.reset(token)


def load_networks(settings: Settings | None = None) -> dict[str, Network]:
    """The six networks that belong together, ready to run; checks that reader and painters do."""
    from s2p.runtime import choose

    settings = settings or Settings()
    runtime = choose(settings)
    for note in runtime.notes:
        _LOG.warning(note)
    found = {name: find(name, settings) for name in SIX}
    widths: tuple[int, ...] = ()
    networks: dict[str, Network] = {}
    for name in ("reader", "baby", "girder", "head", "neck", "tail"):
        is_painter = table.spec_of(name).reads_styles
        network = load_network(found[name], settings, taps=widths if is_painter else None, runtime=runtime)
        if name == "reader":
            widths = tuple(int(shape[-1]) for shape in network.outputs)
        if is_painter:
            _check_pair(name, network.inputs, widths)
        networks[name] = network
    return networks


def load_network(
    found: Found, settings: Settings, *, taps: tuple[int, ...] | None = None, runtime: Runtime | None = None
) -> Network:
    """One network, ready to run.

    Args:
        found: where its weights are.
        settings: backend, device and threads are used.
        taps: widths of the reader's style vectors; needed for `head` and `neck`.
        runtime: of `s2p.runtime.choose`; chosen by the settings by default.
    """
    from s2p.runtime import choose, open_network

    return open_network(
        lambda: load_model(found, taps=taps), name=found.name, encoding=found.encoding, trained=found.trained,
        identity=found.sha256 or None, runtime=runtime or choose(settings), settings=settings,
        key=_ingredients(found, taps), edges=table.spec_of(found.name).edges(found.variant),
    )


def has_to_be_converted(found: Found, runtime: Runtime) -> bool:
    """Whether a network without taps is not in the cache of converted ones, and would be kept there."""
    from s2p.runtime import version
    from s2p.runtimes import converted

    key = None if _PREFERRED.get() is not None else _ingredients(found, None)
    if key is None or runtime.backend == "tensorflow":
        return False
    place = converted.store()
    if (place / converted.key_of(runtime.backend, version(runtime.backend), *key)).is_dir():
        return False
    return os.access(next(folder for folder in (place, *place.parents) if folder.exists()), os.W_OK)


def load_choice(settings: Settings) -> tuple[Network, np.ndarray]:
    """Our draft network with how likely it holds every colour of its palette, and that palette.

    Returns: a network whose first output is `float32[1, H, W, K + 4]`, see
        `s2p.models.style2paints.baby_mixture`; the palette `float32[K, 3]`, YUV / 255.

    Raises:
        WeightsMissingError: the draft network is a user's file or untrained; those only answer colours.
    """
    found = find("baby", settings)
    if found.origin != "own" or found.path is None:
        raise WeightsMissingError("Colours can only be suggested by s2p's own draft network; another one is in use.")
    network = load_network(replace(found, build={**found.build, "choice": True}), settings)
    return network, palette_in(found.path)


def _ingredients(found: Found, taps: tuple[int, ...] | None) -> list[Any] | None:
    """Everything that `load_model` makes a model from; None where a part of it cannot be written down."""
    replacements = sys.modules.get("s2p.legacy.replacements")
    if replacements is not None and replacements._REGISTERED:
        return None  # functions that a program registered for Lambda layers
    versions = [_version(library) for library in ("keras", "tensorflow-cpu", "tensorflow")]
    content = "random" if found.path is None else sha256_of(found.path)
    code = _graph_code(("legacy",) if found.origin == "user" else ("models", "nn"))
    return [found.name, found.origin, found.variant, dict(found.build), taps, content, code, versions]


@lru_cache(maxsize=2)
def _graph_code(packages: tuple[str, ...]) -> str:
    """Hash of the source that decides what a network computes: another version of it must not find old conversions."""
    digest = hashlib.sha256()
    for package in (*packages, "runtimes"):
        for path in sorted((Path(__file__).parent / package).glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=8)
def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def load_model(found: Found, *, taps: tuple[int, ...] | None = None) -> keras.Model:
    """The Keras model that `found` describes; random weights are the same ones every time.

    Raises:
        InputError: that is a name or a path, and nothing that `find` has found.
    """
    if not isinstance(found, Found):
        raise InputError(f"load_model takes what find gives: load_model(find(NETWORK)). Received: {found!r}.")
    from s2p.runtimes.quiet import import_quietly

    keras = import_quietly("keras")
    if found.origin == "user":
        from s2p import legacy

        assert found.path is not None
        model = legacy.load_cached(found.path, user_folder().parent / "converted")
        legacy.check_slot(model, found.name)
        return model
    from s2p.models import build

    spec = table.spec_of(found.name)
    keras.utils.set_random_seed(spec.seed)
    more = {"taps": taps} if taps is not None and spec.reads_styles else {}
    model = build(found.name, variant=found.variant, **found.build, **more)
    if found.path is not None:
        read_weights(model, found.path)
    return model


def add(path: Path, network: str) -> Path:
    """Copies a user's file into the user's weight folder after checking that it fits the network.

    Returns: where it is now.
    """
    from s2p import legacy

    if network not in table.addable():
        raise InputError(f"The network must be one of {', '.join(table.addable())}. Received: {network!r}.")
    legacy.check_slot(legacy.load(path), network)
    target = user_folder() / f"{network}.net"
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as temporary:
        shutil.copyfile(path, temporary)
    return target


def publish(
    model: keras.Model, *, network: str, encoding: str, card: str, build: Mapping[str, Any] | None = None,
    place: Path | None = None, variant: str = table.TURBO,
) -> Path:
    """Writes a trained model as our own weights: file, card and registry entry.

    What was there before is kept as a version that `use` brings back.

    Args:
        place: folder with a registry, ours by default.
        variant: of the network.
    """
    return shelf.publish(
        place or folder(), model, network=network, variant=variant, encoding=encoding, card=card, build=build or {}
    )


def use(network: str, version: str) -> Path:
    """Brings a kept version of a network back; the one in use is kept in its stead. Raises `NotFoundError`."""
    return shelf.use(folder(), network, version)


def verify() -> list[str]:
    """Problems with our own files, one sentence each; empty when all is well."""
    return shelf.verify(folder())


def _check_pair(name: str, inputs: Sequence[tuple[Any, ...]], widths: tuple[int, ...]) -> None:
    wanted = tuple(int(shape[-1]) for shape in inputs[2:])
    if wanted != widths:
        raise WeightsError(
            f"The networks 'reader' and {name!r} do not belong together: the reader gives vectors of "
            f"{widths}, {name!r} takes {wanted}. Bring both from the same set."
        )
