"""A folder of our own weights: files, cards, and `registry.json`, which says what is in use and what is kept.

    {"version": 1,
     "weights": [{"network", "size", "file", "sha256", "encoding", "build", "card"}, ...],    in use, one per variant
     "kept": [{..., "version"}, ...]}                                                        what was in use before

A registry without `kept`, as before, reads the same. `version` of a kept entry is the beginning of its file's hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2p.errors import NotFoundError, WeightsError
from s2p.files import write_whole
from s2p.weight_files import sha256_of, write_weights

if TYPE_CHECKING:
    import keras

_DIGITS = 8  # of a version
# Behind the point that published weights keep: a fourth less room. With `parts` and `reach` no figure of `s2p evaluate`
# moved by 0.01 on 48 pictures.
BITS = 6


def entries(place: Path) -> list[dict[str, Any]]:
    """What is in use; a network may have an entry for every variant of it. Raises `WeightsError` for a damaged file."""
    return _read(place)["weights"]


def kept(place: Path, network: str | None = None) -> list[dict[str, Any]]:
    """The versions that were in use before, of one network or of all, the newest last."""
    return [entry for entry in _read(place)["kept"] if network in (None, entry["network"])]


def publish(
    place: Path, model: keras.Model, *, network: str, variant: str, encoding: str, card: str, build: Mapping[str, Any]
) -> Path:
    """Writes a model's weights, card and entry; what was in use is kept as a version.

    Returns: the file.
    """
    place.mkdir(parents=True, exist_ok=True)
    name = f"{network}-{variant}"
    registry = _read(place)
    old = _taken(registry, network, variant)
    if old is not None:
        _keep(place, registry, old)
    sha256 = write_weights(model, place / f"{name}.weights.h5", build=build, bits=BITS)
    write_whole(place / f"{name}.md", card.encode())
    registry["weights"].append({
        "network": network, "size": variant, "file": f"{name}.weights.h5", "sha256": sha256, "encoding": encoding,
        "build": dict(build), "card": f"{name}.md",
    })
    _write(place, registry)
    return place / f"{name}.weights.h5"


def use(place: Path, network: str, version: str) -> Path:
    """Puts a kept version back into use; the one in use is kept in its stead.

    Returns: the file.

    Raises:
        NotFoundError: there is no such version; the message names those that there are.
    """
    registry = _read(place)
    found = [entry for entry in registry["kept"] if (entry["network"], entry["version"]) == (network, version)]
    if not found:
        known = ", ".join(entry["version"] for entry in kept(place, network)) or "none"
        raise NotFoundError(f"The kept versions of {network!r} are: {known}. Received: {version!r}.")
    wanted = found[0]
    registry["kept"].remove(wanted)
    old = _taken(registry, network, wanted["size"])
    if old is not None:
        _keep(place, registry, old)
    name = f"{network}-{wanted['size']}"
    entry = {key: value for key, value in wanted.items() if key != "version"}
    entry |= {"file": f"{name}.weights.h5", "card": f"{name}.md"}
    for what in ("file", "card"):
        if (place / wanted[what]).is_file():
            os.replace(place / wanted[what], place / entry[what])
    registry["weights"].append(entry)
    _write(place, registry)
    return place / entry["file"]


def verify(place: Path) -> list[str]:
    """What is wrong with the files of a folder, one sentence each."""
    problems = []
    for entry in [*entries(place), *kept(place)]:
        path = place / entry["file"]
        if not path.is_file():
            problems.append(f"{entry['file']} is missing.")
        elif sha256_of(path) != entry["sha256"]:
            problems.append(f"{entry['file']} differs from the registry.")
    return problems


def _taken(registry: dict[str, Any], network: str, variant: str) -> dict[str, Any] | None:
    """Takes the entry in use out of the registry."""
    for entry in registry["weights"]:
        if (entry["network"], entry["size"]) == (network, variant):
            registry["weights"].remove(entry)
            return entry
    return None


def _keep(place: Path, registry: dict[str, Any], entry: dict[str, Any]) -> None:
    """Moves an entry's files to the names of a version; a file that is missing cannot be kept."""
    if not (place / entry["file"]).is_file():
        return
    version = sha256_of(place / entry["file"])[:_DIGITS]
    name = f"{entry['network']}-{entry['size']}.{version}"
    moved = entry | {"file": f"{name}.weights.h5", "card": f"{name}.md", "version": version}
    for what in ("file", "card"):
        if (place / entry[what]).is_file():
            os.replace(place / entry[what], place / moved[what])
    registry["kept"] = [other for other in registry["kept"] if other["file"] != moved["file"]] + [moved]
    _write(place, registry)  # before anything else is written: a crash between leaves a version to bring back


def _read(place: Path) -> dict[str, Any]:
    path = place / "registry.json"
    if not path.is_file():
        return {"version": 1, "weights": [], "kept": []}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {"version": 1, "weights": list(data["weights"]), "kept": list(data.get("kept", []))}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise WeightsError(f"{path.name} is damaged ({error}); restore it from the repository.") from None


def _write(place: Path, registry: dict[str, Any]) -> None:
    registry["weights"].sort(key=lambda entry: (entry["network"], entry["size"]))
    data = registry if registry["kept"] else {"version": 1, "weights": registry["weights"]}
    write_whole(place / "registry.json", (json.dumps(data, indent=1) + "\n").encode())
