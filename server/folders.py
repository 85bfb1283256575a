"""Where a server keeps its rooms, results and settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from s2p.errors import OutputError

CODE = Path(__file__).resolve().parent
INI = "config.ini"
_PACKAGES = ("site-packages", "dist-packages")


def data_folder(chosen: Path | None = None, *, code: Path = CODE) -> Path:
    """The folder of a server: the chosen one, `$S2P_DATA`, or beside its code as with V3.

    Where pip has installed the code, beside it is no place for pictures: then it is the user's data folder.
    """
    named = chosen or os.environ.get("S2P_DATA")
    if named:
        return Path(named).expanduser().absolute()
    if not set(_PACKAGES) & set(code.parts):
        return code
    import platformdirs

    return Path(platformdirs.user_data_dir("s2p", appauthor=False)) / "server"


def make_data_folder(folder: Path) -> Path:
    """Makes the folder, with the settings to be changed there; returns it. Raises `OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / INI).exists():
            shutil.copyfile(CODE / INI, folder / INI)
    except OSError as error:
        if not os.path.isdir(folder):  # `Path.is_dir` raises for names that are too long
            reason = (error.strerror or str(error)).lower()
            raise OutputError(f"The folder {folder} cannot be used: {reason}. Give another with --data.") from error
    return folder
