"""The encoder artifact: its name in the model store and the names of its files."""

NAME = "encoder-multilingual-e5-small"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
SETTINGS = "encoder.json"
