"""What stands between s2p and programs of others: short, on the public interface, and tried once each."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import test_filling

import s2p
from s2p.pipelines import style2paints
from s2p.pipelines.request import forget


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"integration_{path.parent.name}", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch):
    """What `s2p.colorize` paints with."""
    monkeypatch.setattr(style2paints, "load", lambda settings=None: test_filling.painter())
    forget()
    yield
    forget()


def page() -> np.ndarray:
    return np.repeat(test_filling.drawing(256)[..., None], 3, -1)


@pytest.mark.parametrize("path", ["comfyui/__init__.py", "gradio_page/app.py"])
def test_they_are_short_and_use_what_is_public(root: Path, path: str):
    text = (root / "integrations" / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "s2p":
            assert node.attr in dir(s2p), node.attr
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("s2p"):
            assert [one.name for one in node.names] == ["systems"]


def test_comfyui_paints_a_batch_and_draws_lines(root: Path, painter):
    nodes = module(root / "integrations" / "comfyui" / "__init__.py")
    for node in nodes.NODE_CLASS_MAPPINGS.values():
        wanted = node.INPUT_TYPES()
        assert callable(getattr(node(), node.FUNCTION)) and wanted["required"] and node.RETURN_TYPES
    batch = np.stack([page(), page()]).astype(np.float32) / 255
    usual = {name: about[1]["default"] for name, about in nodes.Colorize.INPUT_TYPES()["required"].items() if about[1:]}
    painting, colours = nodes.Colorize().paint(batch, hints="0.3,0.5,#c83c3c\n\n0.7,0.5,#3c64c8", **usual)
    assert tuple(painting.shape) == tuple(colours.shape) == (2, 256, 256, 3)
    red = np.asarray(colours)[0, 128, 77]
    assert np.abs(red - np.array([200, 60, 60]) / 255).max() < 0.01
    assert tuple(nodes.Lines().draw(batch[:1], method="xdog")[0].shape) == (1, 256, 256, 3)


def test_gradio_paints_and_says_what_cannot_be_used(root: Path, painter, monkeypatch: pytest.MonkeyPatch):
    app = module(root / "integrations" / "gradio_page" / "app.py")
    painting, note = app.paint(page(), "0.3,0.5,#c83c3c")
    assert painting.shape == (256, 256, 3) and re.match(r"[\d.]+ s", note)
    assert app.paint(None)[0] is None
    assert "hints[0]" in app.paint(page(), "red")[1] and "saucer" in app.paint(page(), words="flying saucer")[1]
    if importlib.util.find_spec("gradio") is None:  # its page is made of names that any page has
        monkeypatch.setitem(sys.modules, "gradio", _Gradio())
    assert app.page() is not None


class _Gradio(SimpleNamespace):
    """Takes every call, and knows no names that Gradio lacks."""

    NAMES = ("Blocks", "Markdown", "Row", "Column", "Image", "Textbox", "Slider", "Button")

    def __getattr__(self, name: str):
        if name not in self.NAMES:
            raise AttributeError(name)
        return lambda *words, **options: _Part()


class _Part:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def click(self, function, given, shown, **options):
        assert callable(function) and given and shown


# Containers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def recipe(root: Path) -> list[tuple[str, str]]:
    """Instructions of the image, with what follows them."""
    text = (root / "integrations" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def test_the_image_is_built_of_what_there_is_and_runs_without_root(root: Path, recipe):
    known = {"FROM", "WORKDIR", "RUN", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
    assert {word for word, _ in recipe} <= known
    stages = [number for number, (word, _) in enumerate(recipe) if word == "FROM"]
    assert all(re.match(r"python:3\.\d+-slim-\w+", recipe[number][1]) for number in stages), "for amd64 and arm64"
    last = recipe[stages[-1]:]
    users = [text for word, text in last if word == "USER"]
    assert users == ["10001"] and last.index(("USER", "10001")) < [word for word, _ in last].index("ENTRYPOINT")
    for word, text in recipe:
        if word == "COPY" and not text.startswith("--from"):
            assert all((root / one).exists() for one in text.split()[:-1]), text
    assert ("VOLUME", "/data") in last and any(word == "HEALTHCHECK" for word, _ in last)
    assert any("S2P_DATA=/data" in text for word, text in last if word == "ENV")


def test_what_the_health_check_runs_is_python(recipe):
    check = next(text for word, text in recipe if word == "HEALTHCHECK")
    words = ast.literal_eval(check[check.index("CMD") + 3 :].strip())
    compile(words[2], "HEALTHCHECK", "exec")
    assert "/api/v1/status" in words[2]


def test_only_the_proxy_of_the_composition_is_reached(root: Path):
    yaml = pytest.importorskip("yaml", reason="PyYAML reads compose.yml")
    folder = root / "integrations" / "docker"
    data = yaml.safe_load((folder / "compose.yml").read_text(encoding="utf-8"))
    server, proxy = data["services"]["s2p"], data["services"]["proxy"]
    assert "ports" not in server and all(port.startswith("127.0.0.1:") for port in proxy["ports"])
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in (server, proxy))
    assert (folder / server["build"]["context"] / server["build"]["dockerfile"]).is_file()
    assert "proxy_pass http://s2p:8232;" in (folder / "proxy.conf").read_text(encoding="utf-8")
    assert set(server["networks"]) <= set(proxy["networks"]) and data["networks"]["inside"]["internal"]


def _docker() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not _docker(), reason="there is no Docker here")
def test_the_image_is_built_and_becomes_healthy(root: Path):
    words = ["docker", "build", "-q", "-f", "integrations/docker/Dockerfile", "."]
    image = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    paint = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--tmpfs", "/data:uid=10001", "--entrypoint",
             "s2p", image, "colorize", "--sample", "girl", "-o", "/tmp/girl.png"]
    assert subprocess.run(paint, capture_output=True, check=False).returncode == 0
