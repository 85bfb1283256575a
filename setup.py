"""Packaging of s2p; tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "s2p" / "__init__.py").read_text(encoding="utf-8").splitlines()
    if line.startswith("__version__")
)
WEIGHTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "weights").glob("*") if path.is_file())

setup(
    name="s2p",
    version=VERSION,
    description="Turns line art into colour on an ordinary computer, without a GPU.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["s2p", "s2p.*", "preprocess", "preprocess.*", "server", "server.*"]),
    package_data={
        "s2p": ["*.json", "samples/*.png", "samples/*.jpg", "samples/*.json"],
        "preprocess": ["vectors/tables/*"],
        "server": ["config.ini", "nginx.conf", "client/*", "client/**/*"],
    },
    # Where s2p.weights looks when it was not installed with `-e`.
    data_files=[("share/s2p/weights", WEIGHTS)],
    install_requires=[
        "tensorflow-cpu>=2.18; platform_machine=='x86_64' or platform_machine=='AMD64'",
        "tensorflow>=2.18; platform_machine!='x86_64' and platform_machine!='AMD64'",
        "keras>=3.10",
        "numpy>=1.26",
        "h5py>=3.11",
        "opencv-python-headless>=4.10,<5",
        "scikit-image>=0.24",
        "Pillow>=10.3",
        "psd-tools>=1.24",
        "pydantic>=2.7",
        "platformdirs>=4",
        "typer>=0.20",
        "tqdm>=4.66",
        "bottle>=0.13",
        "gevent>=24.2",
        "multipart>=1.2",
        "filelock>=3.13",
    ],
    extras_require={
        "test": [
            "pytest>=8.2", "pytest-xdist>=3.6", "hypothesis>=6", "WebTest>=3", "playwright>=1.45", "ruff>=0.8",
            "pyright[nodejs]>=1.1.390",
            "imageio-ffmpeg>=0.5",
        ],
        "openvino": ["openvino>=2024.6"],
        "onnx": ["onnxruntime>=1.20"],
        "heic": ["pillow-heif>=1.1"],
        "jxl": ["pillow-jxl-plugin>=1.3.4"],
        "vectors": ["skia-python>=138"],
        "video": ["imageio-ffmpeg>=0.5"],
        "cluster": ["distributed>=2024.8", "fsspec>=2024.6"],
    },
    entry_points={"console_scripts": ["s2p = s2p.cli:main"]},
)
