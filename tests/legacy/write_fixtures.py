"""Writes the model files of this folder with the real old Keras.

Run it in two environments; each writes its own part (a few seconds):

    python3.6 -m venv old && old/bin/pip install pip==21.3.1
    old/bin/pip install tensorflow==1.10.0 keras==2.1.6 'h5py<3'
    old/bin/python tests/legacy/write_fixtures.py tests/legacy
    python3.7 -m venv mid && mid/bin/pip install tensorflow==1.15.5 keras==2.3.1 'h5py<3' 'protobuf<3.21' 'numpy<1.19'
    mid/bin/python tests/legacy/write_fixtures.py tests/legacy

Beside every `NAME.net` lies `NAME.npz`: inputs `x0, x1 ...` and the outputs `y0, y1 ...` that the writer computed, and
`names`, the layer behind every output. All weights are random numbers made here.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np
import tensorflow as tf

OUT = sys.argv[1] if len(sys.argv) > 1 else "."
RANDOM = np.random.RandomState(7)


def fill(model):
    """Random weights; variances positive, biases not zero."""
    for weight in model.weights:
        shape = weight.shape.as_list()
        value = RANDOM.uniform(-1, 1, shape) * max(0.5 / max(1.0, np.sqrt(np.prod(shape[:-1]))), 0.1)
        if "variance" in weight.name:
            value = RANDOM.uniform(0.5, 2, shape)
        if "gamma" in weight.name:
            value = RANDOM.uniform(0.5, 1.5, shape)
        keras.backend.get_session().run(weight.assign(value.astype("float32")))


def record(name, model, inputs, layer_names=None, save=True):
    fill(model)
    if save:
        model.save(os.path.join(OUT, name + ".net"), include_optimizer=False)
    outputs = model.predict(inputs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    arrays = {f"x{i}": value for i, value in enumerate(inputs)}
    arrays.update({f"y{i}": value for i, value in enumerate(outputs)})
    if layer_names is None:
        layer_names = [str(i) for i in range(len(outputs))]
    np.savez_compressed(os.path.join(OUT, name + ".npz"), names=np.array(layer_names), **arrays)
    print(name, len(outputs), os.path.getsize(os.path.join(OUT, name + ".net")))


def branches(name, inputs, layers):
    """One model whose outputs are every listed layer applied to one or several of the inputs."""
    values = [RANDOM.uniform(-2, 2, (1, *shape)).astype("float32") for shape, _ in inputs]
    for value, (_, label) in zip(values, inputs):
        if label == "tokens":
            value[:] = [[0, 4, 2, 4]]
        if label == "s":
            value[0, 1] = 0  # a step that Masking hides
    tensors = [keras.layers.Input(shape=shape, name=label) for shape, label in inputs]
    by_label = {label: tensor for (_, label), tensor in zip(inputs, tensors)}
    outputs, names = [], []
    for source, layer in layers:
        argument = [by_label[s] for s in source] if isinstance(source, list) else by_label[source]
        result = layer(argument)
        for one in result if isinstance(result, list) else [result]:
            outputs.append(one)
            names.append(layer.name + " " + layer.__class__.__name__)
    record(name, keras.models.Model(tensors, outputs), values, names)


def pictures():
    L = keras.layers
    layers = [
        L.Conv2D(2, 3, padding="same", activation="relu"),
        L.Conv2D(2, (3, 2), strides=(2, 1), padding="same", use_bias=False),
        L.Conv2D(2, 3, dilation_rate=2, activation="elu"),
        L.Conv2DTranspose(2, 4, strides=2, padding="same"),
        L.Conv2DTranspose(2, 3, strides=2, padding="valid"),
        L.Conv2DTranspose(2, 2, strides=3, padding="same", activation="tanh"),
        L.Conv2DTranspose(2, 3, strides=1, padding="same", use_bias=False),
        L.Conv2DTranspose(2, 2, strides=3, padding="valid"),
        L.SeparableConv2D(3, 3, depth_multiplier=2, padding="same", activation="selu"),
        L.SeparableConv2D(2, 3, strides=2, use_bias=False),
        L.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        L.DepthwiseConv2D((3, 3), strides=2, use_bias=False),
        L.LocallyConnected2D(2, (3, 2), strides=(2, 1), activation="relu"),
        L.BatchNormalization(),
        L.BatchNormalization(axis=2, center=False, epsilon=1e-4),
        L.BatchNormalization(scale=False),
        L.PReLU(shared_axes=[1, 2]),
        L.PReLU(),
        L.LeakyReLU(),
        L.LeakyReLU(0.1),
        L.ELU(0.7),
        L.ThresholdedReLU(0.4),
        L.Softmax(),
        L.Softmax(axis=1),
        L.UpSampling2D((2, 3)),
        L.ZeroPadding2D(((1, 2), (3, 0))),
        L.Cropping2D(((1, 0), (2, 1))),
        L.AveragePooling2D(2),
        L.AveragePooling2D(3, strides=2, padding="same"),
        L.MaxPooling2D((2, 3)),
        L.MaxPooling2D(3, strides=1, padding="same"),
        L.GlobalAveragePooling2D(),
        L.GlobalMaxPooling2D(),
        L.Reshape((-1, 3)),
        L.Permute((3, 1, 2)),
        L.Flatten(),
        L.Dropout(0.5),
        L.SpatialDropout2D(0.5),
        L.GaussianNoise(1.0),
        L.GaussianDropout(0.5),
        L.AlphaDropout(0.5),
        L.ActivityRegularization(l1=0.1),
        L.Dense(2),
        L.TimeDistributed(L.Dense(2)),
        L.Masking(0.0),
    ]
    kinds = "softmax elu selu softplus softsign relu tanh sigmoid hard_sigmoid linear"
    layers += [L.Activation(kind) for kind in kinds.split()]
    merges = [
        L.Add(), L.Multiply(), L.Average(), L.Maximum(), L.Minimum(), L.Concatenate(), L.Concatenate(axis=1),
    ]
    pairs = [("a", layer) for layer in layers] + [(["a", "b"], layer) for layer in merges]
    pairs += [
        (["a", "b"], L.Subtract()), (["a", "mask"], L.Multiply()), (["a", "vector"], L.Add()), (["mask", "a"], L.Add()),
    ]
    shapes = [((7, 8, 3), "a"), ((7, 8, 3), "b"), ((7, 8, 1), "mask"), ((3,), "vector")]
    branches("pictures", shapes, pairs)


def sequences():
    L = keras.layers
    layers = [
        L.Conv1D(3, 3, padding="causal", dilation_rate=2, activation="relu"),
        L.Conv1D(3, 3, strides=2, padding="same"),
        L.SeparableConv1D(3, 3, padding="same"),
        L.LocallyConnected1D(2, 3, strides=2),
        L.AveragePooling1D(2),
        L.MaxPooling1D(3, strides=2, padding="same"),
        L.GlobalAveragePooling1D(),
        L.GlobalMaxPooling1D(),
        L.UpSampling1D(3),
        L.ZeroPadding1D((1, 2)),
        L.Cropping1D((1, 2)),
        L.SpatialDropout1D(0.5),
        L.SimpleRNN(3),
        L.SimpleRNN(3, return_sequences=True, go_backwards=True, use_bias=False),
        L.GRU(3),
        L.GRU(3, return_sequences=True, recurrent_activation="sigmoid", implementation=2),
        L.LSTM(3),
        L.LSTM(3, return_sequences=True, return_state=True, unit_forget_bias=False),
        L.LSTM(3, unroll=True, activation="hard_sigmoid"),
        L.Bidirectional(L.LSTM(2)),
        L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode="sum"),
        L.Bidirectional(L.SimpleRNN(2), merge_mode=None),
        L.TimeDistributed(L.Dense(2, activation="softplus")),
        L.Dense(3, activation="softmax"),
    ]
    pairs = [("s", layer) for layer in layers]
    vectors = [
        L.Dense(4, activation="hard_sigmoid"), L.Dense(4, use_bias=False), L.RepeatVector(3), L.BatchNormalization(),
        L.Softmax(), L.PReLU(), L.Reshape((2, 2)), L.Activation("softmax"),
    ]
    pairs += [("v", layer) for layer in vectors]
    pairs += [(["v", "w"], L.Dot(axes=1)), (["v", "w"], L.Dot(axes=-1, normalize=True))]
    pairs += [(["s", "s"], L.Dot(axes=(1, 1)))]
    pairs += [(["v", "w"], L.Concatenate()), (["s", "v"], L.Multiply())]
    masked = keras.models.Sequential([L.Masking(input_shape=(6, 4)), L.LSTM(3)])
    pairs += [("s", masked), (["s", "v"], L.GRU(4)), ("tokens", L.Embedding(5, 3))]
    branches("sequences", [((6, 4), "s"), ((4,), "v"), ((4,), "w"), ((4,), "tokens")], pairs)


def volumes():
    L = keras.layers
    layers = [
        L.Conv3D(2, 2, padding="same", activation="relu"),
        L.Conv3DTranspose(2, 2, strides=2, padding="valid"),
        L.AveragePooling3D(2),
        L.MaxPooling3D(2, padding="same"),
        L.GlobalAveragePooling3D(),
        L.GlobalMaxPooling3D(),
        L.UpSampling3D((1, 2, 2)),
        L.ZeroPadding3D(((0, 1), (1, 0), (1, 1))),
        L.Cropping3D(((0, 1), (1, 0), (1, 1))),
        L.SpatialDropout3D(0.5),
        L.ConvLSTM2D(2, 2, padding="same"),
        L.ConvLSTM2D(2, 3, return_sequences=True, go_backwards=True, recurrent_activation="sigmoid"),
        L.TimeDistributed(L.Conv2D(2, 3, padding="same")),
    ]
    branches("volumes", [((3, 4, 5, 2), "volume")], [("volume", layer) for layer in layers])


def nested():
    """Nested, shared and frozen models whose weights can be swapped without anybody noticing but the numbers."""
    L, M = keras.layers, keras.models
    x = L.Input(shape=(None, None, 3))
    y = L.Conv2D(3, 3, padding="same", name="first")(x)
    y = L.BatchNormalization(name="norm")(y)
    y = L.Conv2D(3, 3, padding="same", name="second", trainable=False)(y)
    y = L.Conv2D(3, 3, padding="same", name="third")(y)
    body = M.Model(x, [y, L.AveragePooling2D(2, name="half")(y)], name="body")
    line = M.Sequential(name="line")
    line.add(L.Conv2D(3, 1, input_shape=(None, None, 3), name="mix"))
    line.add(L.BatchNormalization(name="norm"))
    line.add(L.Activation("hard_sigmoid", name="gate"))
    z = L.Input(shape=(None, None, 3))
    outer = M.Model(z, line(body(z)[0]), name="outer")
    a, b = L.Input(shape=(8, 8, 3), name="left"), L.Input(shape=(8, 8, 3), name="right")
    once = body(a)
    twice = body(b)
    thrice = body(once[0])
    shared = L.Conv2D(3, 3, padding="same", name="shared")
    merged = L.Add()([shared(once[0]), shared(twice[0]), outer(thrice[0]), line(b)])
    film = L.Input(shape=(2, 8, 8, 3), name="film")
    inner = L.Input(shape=(8, 8, 3))
    small = M.Model(inner, L.GlobalAveragePooling2D()(L.Conv2D(2, 3, name="conv")(inner)), name="small")
    frames = L.TimeDistributed(small, name="frames")(film)
    model = M.Model([b, a, film], [merged, thrice[1], frames, twice[1], outer(b)])
    values = [RANDOM.uniform(-1, 1, (1, 8, 8, 3)).astype("float32") for _ in range(2)]
    record("nested", model, [*values, RANDOM.uniform(-1, 1, (1, 2, 8, 8, 3)).astype("float32")])


def renamed():
    """The same names a second time in one session: TensorFlow renames the variables, the layers keep their names."""
    L, M = keras.layers, keras.models

    def make():
        x = L.Input(shape=(8, 8, 3), name="in")
        a = L.Conv2D(3, 1, name="conv")(x)
        b = L.Conv2D(3, 1, name="conv_1")(a)
        inner = M.Model(x, L.BatchNormalization(name="bn")(b), name="inner")
        y = L.Input(shape=(8, 8, 3), name="picture")
        return M.Model(y, L.Conv2D(3, 1, name="conv")(inner(y)))

    make()
    record("renamed", make(), [RANDOM.uniform(-1, 1, (1, 8, 8, 3)).astype("float32")])


def sequential():
    """A Sequential as the whole file, with Dense behind Flatten, so that the declared size must stay."""
    L = keras.layers
    model = keras.models.Sequential()
    model.add(L.Conv2D(4, 3, input_shape=(6, 6, 2), activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.Flatten())
    model.add(L.Dense(3, activation="softmax"))
    record("sequential", model, [RANDOM.uniform(-1, 1, (2, 6, 6, 2)).astype("float32")])


def compiled():
    """Saved with its training configuration and optimizer state."""
    L = keras.layers
    x = L.Input(shape=(4,))
    model = keras.models.Model(x, L.Dense(2, name="only")(x))
    fill(model)
    model.compile("adam", "mse")
    value = RANDOM.uniform(-1, 1, (2, 4)).astype("float32")
    model.fit(value, np.zeros((2, 2)), verbose=0)
    model.save(os.path.join(OUT, "compiled.net"))
    np.savez_compressed(os.path.join(OUT, "compiled.npz"), names=["only"], x0=value, y0=model.predict(value))


def theano():
    """A file that says it was written under Theano; the expected numbers come from Keras 2.1.6 reading it."""
    L = keras.layers
    x = L.Input(shape=(6, 6, 2))
    y = L.Conv2DTranspose(2, 4, strides=2, padding="same")(L.Conv2D(3, 3)(x))
    model = keras.models.Model(x, y)
    value = RANDOM.uniform(-1, 1, (1, 6, 6, 2)).astype("float32")
    record("theano", model, [value])
    path = os.path.join(OUT, "theano.net")
    with h5py.File(path, "r+") as stored:
        stored.attrs["backend"] = b"theano"
        stored["model_weights"].attrs["backend"] = b"theano"
    np.savez_compressed(
        os.path.join(OUT, "theano.npz"), names=["0"], x0=value, y0=keras.models.load_model(path).predict(value)
    )


def code():
    L = keras.layers
    x = L.Input(shape=(3,))
    y = L.Lambda(lambda v, factor: v * factor + 1, arguments={"factor": 2.0}, name="scale_shift")(x)
    record("code", keras.models.Model(x, L.Dense(2)(y)), [RANDOM.uniform(-1, 1, (2, 3)).astype("float32")])


def later_keras():
    """What Keras 2.3.1 added or writes differently."""
    L = keras.layers
    layers = [
        L.ReLU(max_value=1.0, negative_slope=0.2, threshold=0.1), L.ReLU(6.0),
        L.UpSampling2D(2, interpolation="bilinear"),
        L.UpSampling2D((3, 1), interpolation="bilinear"),
        L.Conv2D(2, 3, padding="same", activation="exponential"),
        L.BatchNormalization(), L.DepthwiseConv2D(3), L.Activation("hard_sigmoid"),
    ]
    pairs = [("a", layer) for layer in layers] + [("s", L.GRU(3, reset_after=True)), ("s", L.GRU(3)), ("s", L.LSTM(3))]
    branches("keras231", [((5, 6, 3), "a"), ((4, 3), "s")], pairs)


def tf_keras():
    """A file of tf.keras 1.15 with a nested model and a nested Sequential."""
    tf.keras.backend.clear_session()
    L, M = tf.keras.layers, tf.keras.models
    x = L.Input(shape=(6, 6, 3))
    inner_input = L.Input(shape=(6, 6, 3))
    inner = M.Model(inner_input, L.BatchNormalization()(L.Conv2D(3, 3, padding="same")(inner_input)), name="inner")
    line = M.Sequential([L.Conv2D(3, 1), L.LeakyReLU(), L.Conv2D(3, 1)], name="line")
    y = L.Add()([inner(x), line(inner(x))])
    y = L.UpSampling2D(2, interpolation="bilinear")(L.ReLU(6.0)(y))
    s = L.Input(shape=(4, 3))
    record("tfkeras115", M.Model([x, s], [y, L.GRU(3)(s), L.LSTM(2)(s)]), [
        RANDOM.uniform(-1, 1, (1, 6, 6, 3)).astype("float32"), RANDOM.uniform(-1, 1, (1, 4, 3)).astype("float32")
    ])


if __name__ == "__main__":
    if keras.__version__.startswith("2.1"):
        for write in (pictures, sequences, volumes, nested, renamed, sequential, compiled, theano, code):
            keras.backend.clear_session()
            write()
    else:
        later_keras()
        tf_keras()
