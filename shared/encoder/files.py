"""Names of the files in an encoder artifact."""

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
SETTINGS = "encoder.json"
