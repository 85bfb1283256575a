"""Converts a file once: the next start reads the converted copy beside the user's data."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path

import keras

from s2p.errors import OutputError
from s2p.files import write_whole, written_whole
from s2p.legacy.reader import load_with_replacements

VERSION = 1  # raised when the same file would be read differently
_LOG = logging.getLogger(__name__)


def load_cached(path: str | os.PathLike[str], cache_dir: str | os.PathLike[str]) -> keras.Model:
    """Like `load`, with a converted copy kept under the hash of the file's content.

    The copy is a `.keras` file (no code in it, opened in safe mode) with a small JSON beside it that says where it came
    from. A copy that cannot be opened is made again. Models with registered replacements are not kept, since a function
    cannot be written down. A folder that cannot be written only costs the time.

    Args:
        path: a Keras 2 whole-model file.
        cache_dir: folder for converted copies; made when needed.

    Raises:
        LegacyModelError: as `load` does.
    """
    path = Path(path)
    if not path.is_file():
        return load_with_replacements(path)[0]
    digest = file_hash(path)
    folder = Path(cache_dir)
    copy = folder / f"{digest}.v{VERSION}.keras"
    model = _open(copy)
    if model is not None:
        return model
    model, replaced = load_with_replacements(path)
    if not replaced:
        try:
            _keep(model, copy, path, digest)
        except (OSError, OutputError) as error:
            _LOG.warning("the converted copy of %s cannot be kept: %s", path.name, error)
    return model


def file_hash(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, as hexadecimal text."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _open(copy: Path) -> keras.Model | None:
    import s2p.legacy.formulas  # noqa: F401  its layers must be known by name before the copy is opened

    if not copy.is_file():
        return None
    try:
        model = keras.saving.load_model(copy, compile=False, safe_mode=True)
    except Exception as error:  # whatever is wrong with a copy, the original is still there
        _LOG.warning("the converted copy %s is unusable and is made again: %s", copy.name, error)
        return None
    return model if isinstance(model, keras.Model) else None


def _keep(model: keras.Model, copy: Path, source: Path, digest: str) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    note = {"source": source.name, "sha256": digest, "bytes": source.stat().st_size, "reader": VERSION}
    with written_whole(copy) as whole:
        model.save(whole)
        write_whole(copy.with_suffix(".json"), (json.dumps(note, indent=1) + "\n").encode())
