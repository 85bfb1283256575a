"""What pyproject.toml cannot say: which folders beside `s2p` are installed inside it, under which names, and what an
index of packages shows of the README: all but its pictures, which lie in the project.

So nothing but `s2p` is taken of the names that all packages of an installation share, and the weights are found
wherever that lies.
"""

from pathlib import Path

from setuptools import find_packages, setup

INSIDE = {"s2p.server": "server", "s2p.preprocess": "preprocess", "s2p.shipped_weights": "weights"}


def packages() -> list[str]:
    found = find_packages(include=["s2p", "s2p.*"])
    for name, folder in INSIDE.items():
        found += [name, *(f"{name}.{inner}" for inner in find_packages(folder))]
    return found


def readme() -> str:
    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("![", "<img ")))


setup(
    packages=packages(), package_dir=INSIDE, long_description=readme(), long_description_content_type="text/markdown",
)
