"""Packs the plug-in into the one file that Krita installs: `python integrations/krita/pack.py [s2p_krita.zip]`.

In Krita: Tools > Scripts > Import Python Plugin from File.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "s2p_krita"
_TIME = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes


def pack(target: Path) -> Path:
    """Writes the ZIP: the `.desktop` file beside the package's folder."""
    files = [HERE / f"{NAME}.desktop", *sorted((HERE / NAME).glob("*.py")), HERE / NAME / "Manual.html"]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{NAME}/", _TIME), b"")  # by which Krita knows the folder
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(HERE).as_posix(), _TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return target


if __name__ == "__main__":
    print(pack(Path(sys.argv[1] if len(sys.argv) > 1 else f"{NAME}.zip")))
