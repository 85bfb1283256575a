"""What pyproject.toml cannot say: which folders beside `s2p` are installed inside it, under which names.

So nothing but `s2p` is taken of the names that all packages of an installation share, and the weights are found
wherever that lies.
"""

from setuptools import find_packages, setup

INSIDE = {"s2p.server": "server", "s2p.preprocess": "preprocess", "s2p.shipped_weights": "weights"}


def packages() -> list[str]:
    found = find_packages(include=["s2p", "s2p.*"])
    for name, folder in INSIDE.items():
        found += [name, *(f"{name}.{inner}" for inner in find_packages(folder))]
    return found


setup(packages=packages(), package_dir=INSIDE)
