"""What computes behind `s2p.runtime.Network`: one module per library, and the store of converted networks.

Each of `tensorflow`, `torch`, `openvino` and `onnx` imports its library only when it is used; the first two compute the
Keras model itself (`keras_network`). `onnx_graph` and `onnx_file` write one as an ONNX file; `converted` keeps what was
converted.
"""
