"""What computes behind `s2p.runtime.Network`: one module per library, and the store of converted networks.

Each of `tensorflow`, `openvino` and `onnx` imports its library only when it is used. `onnx_graph` and `onnx_file`
write a Keras model as an ONNX file; `converted` keeps what was converted.
"""
