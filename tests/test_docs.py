"""What is written for people holds: examples run, commands exist, the site has all parts, notebooks do their work."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import json
import pkgutil
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import preprocess
import s2p
import server
from s2p import samples
from s2p.evaluation import scenes
from s2p.image import save_image

# Examples in these need a network, a data set or TensorFlow; tests of their own use them.
_HEAVY = ("s2p.models", "s2p.nn", "s2p.train", "s2p.runtimes", "preprocess.dataset", "preprocess.ops",
          "preprocess.hint_ops", "server.server", "server.worker")


@pytest.fixture
def documents(root: Path) -> ModuleType:
    """`docs/parts.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("documentation_parts", root / "docs" / "parts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(root: Path) -> dict[str, str]:
    pages = [root / "README.md", *sorted((root / "docs" / "pages").glob("*.md"))]
    return {path.name: path.read_text(encoding="utf-8") for path in pages}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


# Examples -----------------------------------------------------------------------------------------------------------


def test_examples_in_docstrings_give_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for package in (s2p, preprocess, server):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.startswith(_HEAVY) or found.name.endswith("__main__"):
                continue
            if ">>>" in Path(importlib.util.find_spec(found.name).origin).read_text(encoding="utf-8"):
                result = doctest.testmod(
                    importlib.import_module(found.name), extraglobs={"np": np},
                    optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
                )
                assert not result.failed, found.name


def test_commands_that_are_written_down_are_understood(root: Path):
    """Every `s2p ...` of the documentation is parsed as its command would, and not run."""
    import typer

    from s2p.cli import app

    command, seen = typer.main.get_command(app), 0
    for name, text in texts(root).items():
        for line in "\n".join(blocks(text, "sh")).replace("\\\n", " ").splitlines():
            for part in re.split(r"\||&&|;|>", re.sub(r"<[^>]*>", "X", line.split(" #")[0])):
                words = [word for word in shlex.split(part) if not re.match(r"[A-Z][A-Z_0-9]+=", word)]
                if not words or Path(words[0]).name != "s2p":
                    continue
                found, rest = command, words[1:]
                while rest and rest[0] in getattr(found, "commands", {}):
                    found, rest = found.commands[rest[0]], rest[1:]
                if found.name not in ("prepare", "serve") and "--help" not in rest:
                    assert found is not command, f"{name}: {line}"
                    found.make_context(found.name, rest)
                seen += 1
    assert seen > 50


def test_python_of_the_readme_runs(root: Path, tmp_path, monkeypatch):
    """With small files in the place of those that it names."""
    monkeypatch.chdir(tmp_path)
    image, lines = scenes.draw(0)
    small = [np.asarray(Image.fromarray(one).resize((96, 96))) for one in (image, lines)]
    for name, picture in (("drawing.png", small[1]), ("photo.jpg", small[0])):
        save_image(picture, tmp_path / name)
    first, second = blocks(texts(root)["README.md"], "python")
    # Strokes and evaluation take seconds, and are called so by tests of their own.
    first = re.sub(r"^s2p\.(evaluate|colorize\(.*strokes).*\n", "", first, flags=re.MULTILINE)
    assert "strokes" not in first and "evaluate" not in first
    exec(compile(first.replace("size=2000", "size=200"), "README.md", "exec"), {})
    assert (tmp_path / "girl.psd").is_file() and (tmp_path / "lines.png").is_file()
    compile(second, "README.md", "exec")  # what it does is done by the notebook that reads shards


def test_exit_codes_are_those_of_the_table(root: Path, monkeypatch, capsys):
    from s2p import cli, errors
    from s2p.cli import networks

    def ends_with(error: BaseException) -> int:
        monkeypatch.setattr(networks, "_print_json", lambda found: (_ for _ in ()).throw(error))
        return cli.main(["weights", "list", "--json"])

    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*)\|$", texts(root)["exit-codes.md"], re.MULTILINE)
    table = {name: int(code) for code, names in rows for name in re.findall(r"`(\w+)`", names)}
    known = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert set(table) <= set(known) and [int(code) for code, _ in rows] == [0, 1, 2, 3, 4, 5, 130]
    for name, kind in known.items():  # a class that the table does not name has the code of what it is one of
        nearest = next(base.__name__ for base in kind.__mro__ if base.__name__ in table)
        assert kind.exit_code == table[nearest], name
        assert ends_with(kind("No.")) == kind.exit_code
    assert ends_with(KeyboardInterrupt()) == 130 and ends_with(OSError(28, "full", "a.png")) == 5
    assert ends_with(MemoryError()) == ends_with(RuntimeError("odd")) == 1
    assert cli.main(["--version"]) == 0 and cli.main(["weights", "lst"]) == cli.main(["colorize", "--nonsense"]) == 2
    assert cli.main(["prepare", "nowhere", "out"]) == cli.main(["prepare", "--nonsense"]) == 2


# The site -----------------------------------------------------------------------------------------------------------


def test_the_site_has_every_part_and_nothing_that_is_not_there(root: Path, documents: ModuleType):
    readme = texts(root)["README.md"]
    parts = documents.parts(readme)
    assert set(parts) == set(documents.PAGES)
    own = {path.name for path in (root / "docs" / "pages").glob("*.md")}
    named = re.findall(r": ([a-z0-9-]+\.md)$", (root / "docs" / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted({*documents.PAGES.values(), "changes.md", *own})
    assert "".join(parts.values()).count("\n") == readme.count("\n")
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", parts[""])) == {documents.anchor(part) for part in parts if part}
    assert "](#" not in documents.linked(parts[""])
    shown = documents.pictures(readme)
    assert len(shown) >= 4 and all((root / picture).is_file() for picture in shown)
    for text in texts(root).values():
        links = re.findall(r"\]\(([a-z0-9-]+\.md)", text)
        assert set(links) <= set(named), links


# Notebooks ----------------------------------------------------------------------------------------------------------


def run(root: Path, name: str, **parameters: object) -> dict:
    """Runs the cells of a notebook in order, with other parameters; returns its variables."""
    book = json.loads((root / "docs" / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in book["cells"]), "notebooks are kept without what they print"
    variables: dict = {"__name__": "__main__"}
    for number, cell in enumerate(cell for cell in book["cells"] if cell["cell_type"] == "code"):
        exec(compile("".join(cell["source"]), f"{name}, cell {number}", "exec"), variables)
        if "parameters" in cell["metadata"].get("tags", []):
            assert set(parameters) <= set(variables)
            variables |= parameters
    return variables


def test_a_folder_is_coloured_by_its_notebook(root: Path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    small = Image.open(samples.sketch_path("girl"))
    small.resize((small.width // 4, small.height // 4)).save(tmp_path / "mine" / "girl.png")
    run(root, "color_a_folder", FOLDER="mine")
    assert {path.name for path in (tmp_path / "painted").iterdir()} == {"girl.png", "hinted.psd"}


def test_a_style_is_learned_by_its_notebook(root: Path, tmp_path, monkeypatch):
    from s2p import own_sets

    monkeypatch.setattr(own_sets, "folder", lambda: tmp_path / "sets")
    (tmp_path / "mine").mkdir()
    save_image(scenes.draw(1)[0], tmp_path / "mine" / "scene.png")
    made = run(root, "my_style", DRAWINGS=str(tmp_path / "mine"), NAME="tiny")
    assert own_sets.names() == ["tiny"]
    assert made["mine"].image.shape == made["usual"].image.shape
    assert not np.array_equal(made["mine"].image, made["usual"].image)


@pytest.mark.slow
def test_a_network_of_ones_own_is_trained_by_its_notebook(root: Path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "s2p.preprocess", preprocess)  # as where pip has installed it
    monkeypatch.setattr(s2p, "preprocess", preprocess, raising=False)
    made = run(root, "train_my_own", DRAWINGS=3, STEPS=2, SIZE=32)
    assert np.isfinite(made["history"].history["loss"][-1])
