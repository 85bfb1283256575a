"""Starts a Krita of the system with the plug-in in it, in folders of its own and on a screen that nobody sees."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "integrations" / "krita"
IMPORTER = Path("/usr/share/krita/pykrita/plugin_importer/plugin_importer.py")  # what Krita's menu entry does
_DESKTOP = (
    "[Desktop Entry]\nType=Service\nServiceTypes=Krita/PythonPlugin\nX-KDE-Library=s2p_trial\n"
    "X-Python-2-Compatible=false\nName=trial\nComment=trial\n"
)


def lacking() -> str:
    """What is missing to run Krita; empty where nothing is."""
    programs = [name for name in ("krita", "xvfb-run") if shutil.which(name) is None]
    if programs:
        return f"there is no {' and no '.join(programs)} here"
    look = "import PyQt5.QtWidgets"  # Krita's plug-ins run in the Python that it was built with, the system's
    if subprocess.run(["/usr/bin/python3", "-c", look], capture_output=True, check=False).returncode:
        return "Krita has no PyQt5 here (python3-pyqt5)"
    return ""


def packer() -> ModuleType:
    """`integrations/krita/pack.py`, which is in no package."""
    spec = importlib.util.spec_from_file_location("krita_pack", FOLDER / "pack.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(base: Path) -> None:
    """The plug-in from its ZIP, as Krita takes it in, and what drives it."""
    data = base / "data" / "krita"
    (data / "pykrita").mkdir(parents=True)
    (base / "config").mkdir()
    packed = packer().pack(base / "s2p_krita.zip")
    if IMPORTER.is_file():
        subprocess.run([sys.executable, str(IMPORTER), str(packed), str(data)], check=True, capture_output=True)
    else:
        zipfile.ZipFile(packed).extractall(data / "pykrita")
    (data / "pykrita" / "s2p_trial").mkdir()
    shutil.copy(ROOT / "tests" / "krita_driver.py", data / "pykrita" / "s2p_trial" / "__init__.py")
    (data / "pykrita" / "s2p_trial.desktop").write_text(_DESKTOP)
    (base / "config" / "kritarc").write_text("[python]\nenable_s2p_krita=true\nenable_s2p_trial=true\n")


def run(base: Path, *, seconds: float = 240.0, **trial: Any) -> dict[str, Any]:
    """What was seen in Krita, by `krita_driver`."""
    install(base)
    report, told = base / "report.json", base / "trial.json"
    told.write_text(json.dumps({**trial, "report": str(report), "pictures": str(base)}))
    folders = {"HOME": base, "XDG_DATA_HOME": base / "data", "XDG_CONFIG_HOME": base / "config",
               "XDG_CACHE_HOME": base / "cache", "XDG_RUNTIME_DIR": base, "S2P_KRITA_TRIAL": told}
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    words = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24", "krita", "--nosplash"]
    with (base / "krita.log").open("w") as log:
        process = subprocess.Popen(
            words, env={**kept, **{name: str(value) for name, value in folders.items()}}, stdout=log, stderr=log,
            start_new_session=True,
        )
        try:
            process.wait(timeout=seconds)
        finally:
            if process.poll() is None:  # the screen with what is on it
                os.killpg(process.pid, 15)
                process.wait(timeout=30)
    assert report.is_file(), (base / "krita.log").read_text()[-3000:]
    return json.loads(report.read_text())
