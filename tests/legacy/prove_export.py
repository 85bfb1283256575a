"""Opens exported files with the real Keras 2.1.6 and compares its outputs with the recorded ones.

    old/bin/python tests/legacy/prove_export.py FOLDER        # the environment of write_fixtures.py, Python 3.6

FOLDER holds pairs `NAME.net`, `NAME.npz` (inputs `x0, x1 ...`, outputs `y0, y1 ...`). Every file is opened with plain
`load_model`; then its weights are loaded once more with `load_weights`, as the V3 server does at its start. Prints the
largest difference of each file, absolute and as a share of the largest output value; exits 1 if one is over 1e-4 in
both. With `--record`, writes what it saw to `proof.json` in FOLDER.
"""

import glob
import hashlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf


def difference(model, data):
    count = len([name for name in data.files if name.startswith("x")])
    found = model.predict([data[f"x{i}"] for i in range(count)])
    found = found if isinstance(found, list) else [found]
    worst, share = 0.0, 0.0
    for index, value in enumerate(found):
        wanted = data[f"y{index}"]
        if value.shape != wanted.shape:
            return float("inf"), float("inf")
        error = float(np.abs(value - wanted).max())
        worst = max(worst, error)
        share = max(share, error / max(1.0, float(np.abs(wanted).max())))
    return worst, share


def main(folder, record):
    proof = {"keras": keras.__version__, "tensorflow": tf.__version__, "python": sys.version.split()[0], "files": {}}
    failed = False
    for path in sorted(glob.glob(os.path.join(folder, "*.net"))):
        keras.backend.clear_session()
        data = np.load(path[:-4] + ".npz")
        model = keras.models.load_model(path)
        first = difference(model, data)
        keras.backend.get_session().run(tf.global_variables_initializer())
        model.load_weights(path)
        second = difference(model, data)
        worst = max(first, second)
        failed = failed or not (worst[0] <= 1e-4 or worst[1] <= 1e-4)
        name = os.path.basename(path)
        print(f"{name:24} {worst[0]:.2e} absolute  {worst[1]:.2e} of the range  {len(model.layers)} layers")
        with open(path, "rb") as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
        order = [layer.name for layer in model.layers]
        proof["files"][name] = {"sha256": digest, "absolute": worst[0], "share": worst[1], "layers": order}
    if record:
        with open(os.path.join(folder, "proof.json"), "w") as stream:
            json.dump(proof, stream, indent=1, sort_keys=True)
            stream.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--record" in sys.argv))
