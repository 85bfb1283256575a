"""Finds, checks, adds and loads weights.

A network's weights are looked for in this order; the first hit wins:

1. `NAME.net` / `NAME.h5` in the folder that `$S2P_WEIGHTS` names,
2. the same in the server folder, in `weights/`, and in the user's data folder: V3 files that somebody put there,
3. our own trained weights, listed in `weights/registry.json`.

Where nothing is found a network is built with random weights, which every door says loudly. Our own files are plain
HDF5: one dataset per variable, named by its path, float16 or float32.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from s2p import networks as table
from s2p.config import Settings
from s2p.errors import InputError, WeightsError, WeightsMissingError
from s2p.networks import SIX

if TYPE_CHECKING:
    import keras

    from s2p.runtime import Network, Runtime

SUFFIXES = (".net", ".h5")
_ROOT = Path(__file__).resolve().parent.parent
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """Where the weights of one network come from.

    Attributes:
        name: of the network.
        origin: `own` (trained by us), `user` (a V3 file, official or not) or `none` (random numbers).
        path: of the file, None for random weights.
        size: `turbo`, `official`, or `file` when the file brings its own graph.
        encoding: name of a hint encoding of `s2p.networks`.
        trained: False for random weights.
        build: keyword arguments for the function that builds the graph.
        sha256: of the file, empty for random weights.
    """

    name: str
    origin: str
    path: Path | None
    size: str
    encoding: str = "points"
    trained: bool = True
    build: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""


def folder() -> Path:
    """The folder of our own weights."""
    for place in (_ROOT / "weights", Path(sys.prefix) / "share" / "s2p" / "weights"):
        if (place / "registry.json").is_file():
            return place
    return _ROOT / "weights"


def user_folder() -> Path:
    """The folder into which `s2p weights add` copies files; not created here."""
    import platformdirs

    return Path(platformdirs.user_data_dir("s2p", appauthor=False)) / "weights"


def places() -> list[Path]:
    """Folders that are searched for users' files, in order."""
    named = os.environ.get("S2P_WEIGHTS")
    return [*([Path(named)] if named else []), _ROOT / "server", folder(), user_folder()]


def find(name: str, settings: Settings | None = None) -> Found:
    """Where the weights of `name` are; never fails for a missing file."""
    settings = settings or Settings()
    for place in places():
        for suffix in SUFFIXES:
            path = place / f"{name}{suffix}"
            if name in table.addable() and path.is_file():
                return Found(name, "user", path, "file", sha256=_sha256(path))
    for place in (user_folder(), folder()):
        for entry in registry(place):
            path = place / entry["file"]
            if (entry["network"], entry["size"]) == (name, settings.size) and path.is_file():
                return Found(
                    name, "own", path, entry["size"], entry["encoding"], build=entry.get("build", {}),
                    sha256=entry["sha256"],
                )
    return Found(name, "none", None, settings.size, table.spec_of(name).encoding(settings.size), trained=False)


def find_all(settings: Settings | None = None) -> list[Found]:
    """`find` for every network."""
    return [find(name, settings) for name in table.names()]


def registry(place: Path | None = None) -> list[dict[str, Any]]:
    """Entries of a folder's `registry.json`: network, size, file, sha256, encoding, build, card.

    A network may have an entry for every size of it.

    Args:
        place: our own folder by default; the user's may have a registry, too.
    """
    path = (place or folder()) / "registry.json"
    if not path.is_file():
        return []
    try:
        return json.loads(path.read_text(encoding="utf-8"))["weights"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise WeightsError(f"{path.name} is damaged ({error}); restore it from the repository.") from None


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
        key=_ingredients(found, taps), edges=table.spec_of(found.name).edges(found.size),
    )


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


def palette_in(path: str | Path) -> np.ndarray:
    """The palette in a published file, `float32[K, 3]`: YUV / 255, but Lab / 100 in that of `reach`."""
    with h5py.File(path, "r") as file:
        kernel = np.asarray(file["palette/kernel"])[0, 0].astype(np.float32)
        return kernel if "pointers" in file else kernel[:-1]  # the other two have a row for the hint


def _ingredients(found: Found, taps: tuple[int, ...] | None) -> list[Any] | None:
    """Everything that `load_model` makes a model from; None where a part of it cannot be written down."""
    replacements = sys.modules.get("s2p.legacy.replacements")
    if replacements is not None and replacements._REGISTERED:
        return None  # functions that a program registered for Lambda layers
    versions = [_version(library) for library in ("keras", "tensorflow-cpu", "tensorflow")]
    content = "random" if found.path is None else _sha256(found.path)
    code = _graph_code(("legacy",) if found.origin == "user" else ("models", "nn"))
    return [found.name, found.origin, found.size, dict(found.build), taps, content, code, versions]


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
    """The Keras model that `found` describes; random weights are the same ones every time."""
    if found.origin == "user":
        from s2p import legacy

        assert found.path is not None
        model = legacy.load_cached(found.path, user_folder().parent / "converted")
        legacy.check_slot(model, found.name)
        return model
    import keras

    from s2p.models import build

    spec = table.spec_of(found.name)
    keras.utils.set_random_seed(spec.seed)
    more = {"taps": taps} if taps is not None and spec.reads_styles else {}
    model = build(found.name, size=found.size, **found.build, **more)
    if found.path is not None:
        read_weights(model, found.path)
    return model


def read_weights(model: keras.Model, path: Path) -> None:
    """Fills a model by variable path; nothing is assigned unless everything fits.

    Raises:
        WeightsError: unreadable file, missing, extra or misshapen variables, numbers that are not finite.
    """
    try:
        with h5py.File(path, "r") as file:
            values = {name: np.asarray(data) for name, data in _datasets(file)}
    except OSError:
        raise WeightsError(f"{path.name} is not a readable weight file. Restore it: s2p weights verify.") from None
    variables = {variable.path: variable for variable in model.variables}
    if set(values) != set(variables):
        odd = sorted(set(values) ^ set(variables))[:3]
        raise WeightsError(f"{path.name} does not fit the network {model.name!r}; unmatched: {', '.join(odd)}.")
    for name, value in values.items():
        if tuple(variables[name].shape) != value.shape:
            raise WeightsError(f"{path.name}: {name} must be {tuple(variables[name].shape)}. Received: {value.shape}.")
        if not np.isfinite(value).all():
            raise WeightsError(f"{path.name}: {name} holds numbers that are not finite.")
    for name, value in values.items():
        variables[name].assign(value.astype("float32"))


def write_weights(model: keras.Model, path: Path, *, dtype: str = "float16") -> str:
    """Writes a model's variables whole (temporary name, then rename); returns the sha256 of the file."""
    from keras import ops

    temporary = path.with_name(f".{path.name}.partial")
    with h5py.File(temporary, "w") as file:
        for variable in model.variables:
            value = np.asarray(ops.convert_to_numpy(variable))
            file.create_dataset(
                variable.path, data=value.astype(dtype if value.dtype == np.float32 else value.dtype),
                compression="gzip", shuffle=True,
            )
    os.replace(temporary, path)
    return _sha256(path)


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
    temporary = target.with_name(f".{target.name}.partial")
    shutil.copyfile(path, temporary)
    os.replace(temporary, target)
    return target


def publish(
    model: keras.Model, *, network: str, encoding: str, card: str, build: Mapping[str, Any] | None = None
) -> Path:
    """Writes a trained model as our own weights: file, card and registry entry."""
    place = folder()
    name = f"{network}-turbo.weights.h5"
    sha256 = write_weights(model, place / name)
    (place / f"{network}-turbo.md").write_text(card, encoding="utf-8")
    entries = [entry for entry in registry() if (entry["network"], entry["size"]) != (network, "turbo")]
    entries.append({
        "network": network, "size": "turbo", "file": name, "sha256": sha256, "encoding": encoding,
        "build": dict(build or {}), "card": f"{network}-turbo.md",
    })
    temporary = place / ".registry.partial"
    entries.sort(key=lambda entry: entry["network"])
    temporary.write_text(json.dumps({"version": 1, "weights": entries}, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, place / "registry.json")
    return place / name


def verify() -> list[str]:
    """Problems with our own files, one sentence each; empty when all is well."""
    problems = []
    for entry in registry():
        path = folder() / entry["file"]
        if not path.is_file():
            problems.append(f"{entry['file']} is missing.")
        elif _sha256(path) != entry["sha256"]:
            problems.append(f"{entry['file']} differs from the registry.")
    return problems


def _check_pair(name: str, inputs: Sequence[tuple[Any, ...]], widths: tuple[int, ...]) -> None:
    wanted = tuple(int(shape[-1]) for shape in inputs[2:])
    if wanted != widths:
        raise WeightsError(
            f"The networks 'reader' and {name!r} do not belong together: the reader gives vectors of "
            f"{widths}, {name!r} takes {wanted}. Bring both from the same set."
        )


def _datasets(group: h5py.Group, prefix: str = "") -> Iterator[tuple[str, h5py.Dataset]]:
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            yield from _datasets(item, f"{prefix}{name}/")
        elif isinstance(item, h5py.Dataset):
            yield f"{prefix}{name}", item


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _hashed(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _hashed(path: Path, _modified: int, _size: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
