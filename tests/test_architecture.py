"""The frame of the house: imports go down only, doors stay light, nothing is executed that came from outside."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest

# Imports are read from the source (AST), so nothing is loaded for most of these tests.
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("s2p", "server", "preprocess")

# The longest name that fits decides. Every module of the library must be named here; see ARCHITECTURE.md.
LAYERS = {
    "s2p": 0, "s2p.errors": 0, "s2p.schema": 0, "s2p.hints": 0, "s2p.progress": 0, "s2p.config": 0, "s2p.files": 0,
    "s2p.refusals": 0, "s2p.names": 0, "s2p.brush": 0, "s2p.systems": 0, "s2p.tags": 0, "s2p.style_options": 0,
    "s2p.color_words": 0,
    "s2p.nn": 1, "s2p.image": 1, "s2p.reading": 1, "s2p.sizes": 1, "s2p.lineart": 1, "s2p.cutout": 1, "s2p.labels": 1,
    "s2p.enlarge": 1, "s2p.tiling": 1, "s2p.strips": 1, "s2p.png_rows": 1, "s2p.subdivision": 1,
    "s2p.export": 1, "s2p.propagate": 1, "s2p.regions": 1, "s2p.reach": 1, "s2p.xdog": 1, "s2p.ink": 1,
    "s2p.overlay": 1, "s2p.open_paint": 1, "s2p.tone": 1,
    "s2p.fetch": 1, "s2p.executors": 1, "s2p.intake": 1, "s2p.hintmap": 1, "s2p.colors": 1, "s2p.networks": 1,
    "s2p.auto_painter_hints": 1, "s2p.palette": 1, "s2p.flops": 1, "s2p.tensors": 1, "s2p.samples": 1,
    "s2p.parts": 2, "s2p.models": 2, "s2p.runtime": 2, "s2p.runtimes": 2, "s2p.weights": 2, "s2p.weight_files": 2,
    "s2p.shelf": 2, "s2p.carry_out": 2, "s2p.legacy": 2, "s2p.aside": 2, "s2p.style_rows": 2, "s2p.style_shelf": 2,
    "s2p.own_sets": 2,
    "s2p.pipelines": 3, "s2p.strokes": 3, "preprocess": 3,
    "s2p.train": 4, "s2p.evaluation": 4, "s2p.doctor": 4, "s2p.benchmark": 4, "preprocess.run": 4,
    "server.worker": 4, "server.tasks": 4, "server.sketch_tasks": 4, "server.filling_tasks": 4,
    "server.picture_tasks": 4, "server.looks": 4, "server.painters": 4, "server.preview_timing": 4,
    "server.store": 4, "server.sample_rooms": 4,  # rooms as folders
    "server.rooms": 4,  # their names and files; both processes of the server read them
    "server.records": 4, "server.rests": 4, "server.clock": 4, "server.holdings": 4, "server.shares": 4,
    "s2p.cli": 5, "s2p.__main__": 5, "s2p.train.borrowed.start": 5, "server": 5, "preprocess.__main__": 5,
    "preprocess.commands": 5, "preprocess.labelled_commands": 5, "preprocess.terminal": 5,
}  # fmt: skip
# These run in a process of their own.
WORKER = ("server.worker", "server.tasks", "server.sketch_tasks", "server.filling_tasks", "server.picture_tasks",
          "server.looks", "server.painters", "server.preview_timing")
HEAVY = ("tensorflow", "keras", "openvino", "onnxruntime")


class Import(NamedTuple):
    """One import: who, what, the line, and whether it happens when the module is loaded."""

    module: str
    target: str
    line: int
    is_at_load: bool


@lru_cache(maxsize=1)
def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@lru_cache(maxsize=1)
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in modules().items()}


@lru_cache(maxsize=1)
def imports() -> tuple[Import, ...]:
    return tuple(found for name, tree in trees().items() for found in _walk(name, tree, is_at_load=True))


def _walk(module: str, node: ast.AST, *, is_at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _walk(module, other, is_at_load=is_at_load)
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, is_at_load)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(module, child)
            for alias in child.names:
                inner = f"{base}.{alias.name}"
                yield Import(module, inner if inner in modules() else base, child.lineno, is_at_load)
        is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _walk(module, child, is_at_load=is_at_load and not is_function)


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    if modules()[module].name != "__init__.py":
        parts = parts[:-1]
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def layer(module: str) -> int | None:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in LAYERS and not (name == "s2p" and length < len(parts)):
            return LAYERS[name]
    return None


def _own(found: Import) -> bool:
    return found.target.split(".")[0] in PACKAGES


# Layers ---------------------------------------------------------------------------------------------------------------


def test_every_module_has_its_layer():
    homeless = [name for name in modules() if layer(name) is None]
    assert not homeless, f"give these a layer in tests/test_architecture.py and ARCHITECTURE.md: {homeless}"


def test_imports_go_down_only():
    wrong = [
        f"{found.module}:{found.line} ({layer(found.module)}) imports {found.target} ({layer(found.target)})"
        for found in imports()
        if _own(found) and (layer(found.target) or 0) > (layer(found.module) or 0)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_library_knows_neither_server_nor_preprocessor():
    wrong = [
        f"{found.module}:{found.line} imports {found.target}" for found in imports()
        if found.module.split(".")[0] == "s2p" and found.target.split(".")[0] in ("server", "preprocess")
    ]
    assert not wrong, "\n".join(wrong)


def test_server_and_preprocess_import_themselves_by_dots():
    """Where pip has installed them they are `s2p.server` and `s2p.preprocess`, and their names here somebody else's."""
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in trees().items() if not name.startswith("s2p") for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in PACKAGES[1:])
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] in PACKAGES[1:] for alias in node.names))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_needs_itself():
    """Imports inside functions count, too: they hide a circle, and do not undo it."""
    needs: dict[str, set[str]] = {name: set() for name in modules()}
    for found in imports():
        if found.target in needs and found.target != found.module:
            needs[found.module].add(found.target)
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, "a circle of imports: " + " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted(needs[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in needs:
        visit(name, ())


def test_what_files_import_of_each_other_is_there():
    """A name that another file no longer has, also where only a test wants it, and where a function imports it."""
    files = dict(modules())
    for folder in ("tests", "benchmarks"):
        for path in (ROOT / folder).glob("*.py"):
            files[path.stem] = files[f"{folder}.{path.stem}"] = path
    names = {name: _defined(ast.parse(path.read_text(encoding="utf-8"))) for name, path in files.items()}
    own = {path: name for name, path in modules().items()}
    wrong = []
    for path in {*files.values()}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom):
                continue
            base = _absolute(own[path], node) if path in own else node.module or ""
            if base in names:
                missing = [alias.name for alias in node.names if alias.name not in names[base]
                           and f"{base}.{alias.name}" not in files and "__getattr__" not in names[base]]
                wrong += [f"{path.relative_to(ROOT)}:{node.lineno} {base} has no {name}" for name in missing]
            elif base.split(".")[0] in (*PACKAGES, "tests"):
                is_folder = (ROOT / base.replace(".", "/")).is_dir()
                wrong += [] if is_folder else [f"{path.relative_to(ROOT)}:{node.lineno} no {base}"]
    assert not wrong, "\n".join(sorted(wrong))


def _defined(node: ast.AST) -> set[str]:
    """Names that a module has once it is loaded."""
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            found.add(child.name)
        elif isinstance(child, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.split(".")[0] for alias in child.names}
        else:
            found |= {child.id} if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store) else _defined(child)
    return found


# Light doors ----------------------------------------------------------------------------------------------------------


def test_the_http_process_never_imports_tensorflow():
    """Follows every import of the server's modules, and of the library those that happen when it is loaded."""
    waiting, seen = ["server.server", "server.__main__"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for found in imports():
            if found.module != name or not (name.startswith("server") or found.is_at_load):
                continue
            assert found.target.split(".")[0] not in HEAVY, f"{name}:{found.line} imports {found.target}"
            assert found.target not in WORKER, f"{name}:{found.line} imports {found.target} of the worker"
            if found.target in modules():
                waiting.append(found.target)
    assert {"server.app", "server.jobs", "server.store"} <= seen


def run(program: str) -> str:
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_loaded_http_process_has_no_tensorflow():
    loaded = run("from server import server, app, jobs, store, service, compat; import sys; print(*sys.modules)")
    assert not set(HEAVY) & set(loaded.split())


def test_importing_s2p_imports_nothing_heavy():
    loaded = run("import s2p, sys; print(*sys.modules)").split()
    heavy = {*HEAVY, "numpy", "cv2", "PIL", "pydantic", "typer", "h5py", "scipy", "skimage", "tqdm"}
    assert not heavy & set(loaded)


def test_public_names_exist():
    names = run("import s2p; print(*(f'{name}={getattr(s2p, name).__module__}' for name in s2p.__all__))").split()
    assert "Painter" not in names and any(name.startswith("colorize=s2p.") for name in names)


def test_nothing_happens_when_a_module_is_imported():
    """No work at import time: a statement of a module defines something, or guards its own use as a program."""
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.If, ast.Try)
    # entries of programs, and decorators written out
    programs = ("server.server", "server.__main__", "server.worker", "preprocess.__main__", "s2p.cli")
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node)[:60]}"
        for name, tree in trees().items() if name not in programs
        for node in tree.body
        if not isinstance(node, allowed)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))  # a docstring
        and not re.match(r"[A-Z_]+\.update\(", ast.unparse(node))  # a table that is filled
    ]
    assert not wrong, "\n".join(wrong)


# Safety and taste -----------------------------------------------------------------------------------------------------


def test_nothing_from_outside_is_executed():
    modules_ = ("pickle", "cPickle", "marshal", "dill", "cloudpickle", "joblib", "shelve")
    wrong = [f"{f.module}:{f.line} imports {f.target}" for f in imports() if f.target.split(".")[0] in modules_]
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in ("eval", "exec", "compile", "os.system", "os.popen", "__import__"):
                wrong.append(f"{name}:{node.lineno} calls {called}")
            for keyword in node.keywords:
                is_on = not (isinstance(keyword.value, ast.Constant) and keyword.value.value in (False, True))
                is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                if keyword.arg in ("allow_pickle", "shell") and (is_on or is_true):
                    wrong.append(f"{name}:{node.lineno} passes {keyword.arg}")
                if keyword.arg == "safe_mode" and isinstance(keyword.value, ast.Constant) and not keyword.value.value:
                    wrong.append(f"{name}:{node.lineno} passes safe_mode=False")
    assert not wrong, "\n".join(wrong)


def test_errors_are_never_swallowed_whole():
    wrong = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            is_all = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            if node.type is None or (is_all and all(isinstance(step, ast.Pass) for step in node.body)):
                wrong.append(f"{name}:{node.lineno}")
    assert not wrong, f"catch only what you can repair: {wrong}"


def test_the_library_neither_exits_nor_talks():
    doors = ("s2p.cli", "s2p.__main__", "s2p.samples.draw", "s2p.train")  # training is watched in a terminal
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node.func)}"
        for name, tree in trees().items() if name.startswith("s2p") and not name.startswith(doors)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "exit", "quit", "sys.exit", "os._exit")
    ]
    assert not wrong, "\n".join(wrong)


def test_files_are_named_after_what_they_hold():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "stuff"}
    assert not [name for name in modules() if vague & set(name.split("."))]


def test_files_stay_short_enough_to_be_read():
    long = [name for name, path in modules().items() if len(path.read_text(encoding="utf-8").splitlines()) > 350]
    assert long == ["preprocess.synthetic.landscapes"], f"part these where two things change apart: {long}"  # drawings


@pytest.mark.parametrize("folder", ["s2p", "server", "preprocess", "tests", "weights", ".ci", "."])
def test_no_file_knows_the_computer_it_was_written_on(folder):
    """Paths of one machine help nobody else."""
    forbidden = ["/wor" + "k/", "/hom" + "e/", "../sha" + "red", "/tm" + "p/s2p", "C:\\Use" + "rs"]
    texts = (".py", ".md", ".txt", ".toml", ".ini", ".json", ".js", ".css", ".html", ".svg", ".sh", "")
    start = ROOT / folder
    paths = start.glob("*") if folder == "." else start.rglob("*")
    wrong = []
    for path in paths:
        if not path.is_file() or path.suffix not in texts or path.stat().st_size > 2_000_000 or path.name == ".git":
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{path.relative_to(ROOT)}: {word}" for word in forbidden if word in text]
    assert not wrong, "\n".join(wrong)


def test_the_map_names_only_what_exists():
    """Files and modules in ARCHITECTURE.md: by path, or by their name alone where the paragraph says the folder."""
    folders = ("s2p", "server", "preprocess", "tests", "weights", "benchmarks")
    files = [path.relative_to(ROOT).as_posix() for folder in folders
             for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    paths, missing = {*files, *(path.name for path in ROOT.iterdir() if path.is_file())}, []
    for word in re.findall(r"`([A-Za-z0-9_./]+)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")):
        if re.search(r"(^|/)([A-Z]+)?\.", word):  # NAME.py stands for any, .look.json lies in a room
            continue
        if re.fullmatch(r"[\w./]+\.(py|js|json)", word):
            is_there = any(path == word or path.endswith("/" + word) for path in paths)
        elif re.fullmatch(r"(s2p|server|preprocess)\.[a-z_.0-9]+", word):
            *start, last = word.split(".")
            module = ".".join(start)
            names = trees()[module] if module in modules() else None
            is_there = word in modules() or (names is not None and last in ast.unparse(names))
        else:
            continue
        if not is_there:
            missing.append(word)
    assert not missing, missing
