"""What pip installs: one name, everything that belongs under it, from the same folders; and that it works from afar."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

import s2p

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("s2p", "server", "preprocess", "weights")
_LEFT = shutil.ignore_patterns("__pycache__", "game", "results", ".s2p*", "*.net", "*.partial")
_BUILD = "import sys; from setuptools import build_meta as b; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"


def copied(target: Path, *, weights: bool) -> Path:
    """The project in another folder, where its build leaves traces; without `weights` their files are empty."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=_LEFT)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith(".git"):
            shutil.copyfile(path, target / path.name)
    for path in () if weights else (target / "weights").glob("*.h5"):
        path.write_bytes(b"")
    return target


def built(project: Path, kind: str) -> Path:
    """A `wheel` or `sdist` of the project, made without looking for anything elsewhere."""
    setuptools = pytest.importorskip("setuptools", minversion="77", reason="pip install -e .[test] brings it")
    place = str(Path(setuptools.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", _BUILD, kind, str(project / "dist")], cwd=project, text=True,
                          capture_output=True, check=False, env={**os.environ, "PYTHONPATH": place})
    assert done.returncode == 0, done.stderr
    return project / "dist" / done.stdout.strip().splitlines()[-1]


def test_everything_says_the_same_version(root: Path):
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == s2p.__version__
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == s2p.__version__


def test_a_wheel_takes_one_name_and_holds_all_that_belongs_to_it(tmp_path: Path):
    wheel = zipfile.ZipFile(built(copied(tmp_path, weights=False), "wheel"))
    names = set(wheel.namelist())
    assert {name.split("/")[0] for name in names} == {"s2p", f"s2p-{s2p.__version__}.dist-info"}
    for folder in FOLDERS:
        there = "" if folder == "s2p" else {"weights": "shipped_weights"}.get(folder, folder) + "/"
        wanted = [path for path in (ROOT / folder).rglob("*") if path.is_file() and not _is_left(path)]
        missing = [path for path in wanted if f"s2p/{there}{path.relative_to(ROOT / folder).as_posix()}" not in names]
        assert not missing
    about = wheel.read(f"s2p-{s2p.__version__}.dist-info/METADATA").decode()
    for line in (f"Version: {s2p.__version__}", "License-Expression: Apache-2.0", "Author: the s2p authors",
                 "Classifier: Typing :: Typed", "Requires-Python: >=3.10", "Provides-Extra: test"):
        assert line in about.splitlines(), line
    assert "Description-Content-Type: text/markdown" in about and "## Start" in about
    assert not re.search(r"""!\[[^]]*\]\((?!https:)|src="(?!https:)""", about), "a picture that an index cannot show"
    points = wheel.read(f"s2p-{s2p.__version__}.dist-info/entry_points.txt").decode()
    assert "s2p = s2p.cli:main" in points


def _is_left(path: Path) -> bool:
    """Whether a file is of a person's server or of Python's, or for reading only."""
    parts = set(path.relative_to(ROOT).parts)
    is_rubbish = parts & {"__pycache__", "game", "results", "pictures"} or any(p.startswith(".s2p") for p in parts)
    return bool(is_rubbish) or path.suffix in (".net", ".pyc", ".partial") or path.name == "SOURCES.md"


def test_a_source_archive_holds_what_its_own_wheel_needs_and_its_tests(tmp_path: Path):
    archive = built(copied(tmp_path, weights=False), "sdist")
    with tarfile.open(archive) as held:
        names = {name.partition("/")[2] for name in held.getnames()}
    for folder in FOLDERS:
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and not _is_left(path)]
        assert not [path for path in files if path.relative_to(ROOT).as_posix() not in names]
    assert {"setup.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff",
            "CONTRIBUTING.md", "ARCHITECTURE.md", "requirement_cpu.txt"} <= names


# Installed ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("project"), weights=True)


class Installed:
    """An environment of its own with s2p in it and the libraries of this one behind it, used from an empty folder."""

    def __init__(self, place: Path, *what: str) -> None:
        venv.create(place / "env", with_pip=True)
        self.bin = place / "env" / ("Scripts" if os.name == "nt" else "bin")
        self.folder = place / "empty"
        self.folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.environment = {**kept, "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run([self.bin / "python", "-m", "pip", "uninstall", "-qy", "setuptools"], check=True)  # an old one
        site = self.run("python", "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip()
        # A path file is read after what is installed here, and path files in its folder are not read at all.
        behind = [sysconfig.get_paths()["purelib"], str(Path(pytest.importorskip("setuptools").__file__).parents[1])]
        Path(site, "zz-behind.pth").write_text("\n".join(behind), encoding="utf-8")
        self.run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", *what)

    def run(self, program: str, *words: str) -> str:
        done = subprocess.run([str(self.bin / program), *words], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=500, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def serves(self) -> dict:
        """What the status of a server says that `s2p serve` has started."""
        words = [str(self.bin / "s2p"), "serve", "--port", "0", "--data", str(self.folder / "data")]
        process = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"http://\S+", process.stdout.readline())[0].replace("localhost", "127.0.0.1")
            for _ in range(600):
                with urllib.request.urlopen(f"{address}api/v1/status", timeout=30) as reply:
                    status = json.load(reply)
                if status["worker"] != "starting":
                    break
                time.sleep(0.2)
            return status
        finally:
            process.terminate()
            process.wait(30)


def works(installed: Installed) -> None:
    """Goes through every door of an installation."""
    assert installed.run("s2p", "--version").split()[1] == s2p.__version__
    installed.run("python", "-m", "s2p", "colorize", "--sample", "girl", "-o", "girl.png")
    assert (installed.folder / "girl.png").stat().st_size > 10_000
    installed.run("s2p", "prepare", "synthetic", "2", "drawings", "--executor", "local")
    assert (installed.folder / "drawings" / "index.json").is_file()
    installed.run("python", "-c", "import s2p.server.app, s2p.preprocess; s2p.preprocess.load")
    found = installed.run("python", "-c", "import importlib.util as i; print([i.find_spec(n) for n in "
                                          "('server', 'preprocess', 'weights', 'shipped_weights')])")
    assert found.strip() == "[None, None, None, None]"
    assert "UNTRAINED" not in installed.run("s2p", "weights", "list").replace("tag2pix", "")[:400]
    assert installed.serves()["ready"]


@pytest.mark.slow
def test_a_wheel_works_from_an_empty_folder(project: Path, tmp_path: Path):
    installed = Installed(tmp_path, str(built(project, "wheel")))
    works(installed)
    place = Path(installed.run("s2p", "weights", "path").strip())
    assert place.is_relative_to(tmp_path) and place.name == "shipped_weights"


@pytest.mark.slow
def test_a_source_archive_works_from_an_empty_folder(project: Path, tmp_path: Path):
    works(Installed(tmp_path, str(built(project, "sdist"))))


@pytest.mark.slow
def test_a_linked_installation_uses_the_projects_folder(project: Path, tmp_path: Path):
    installed = Installed(tmp_path, "-e", str(project))
    works(installed)
    assert Path(installed.run("s2p", "weights", "path").strip()) == project / "weights"
    found = installed.run("python", "-c", "import s2p.server; print(s2p.server.__file__)").strip()
    assert Path(found) == project / "server" / "__init__.py"
