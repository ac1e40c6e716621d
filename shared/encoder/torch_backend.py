"""The encoder on torch: float32 on a CPU, float16 on CUDA. Needs torch and transformers."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from shared.encoder.backends import Floats, Ids
from shared.encoder.files import SETTINGS, WEIGHTS, WEIGHTS_CONFIG


class TorchBackend:
    """The artifact's weights in transformers' BertModel."""

    side_by_side = 1

    def __init__(self, folder: Path, threads: int) -> None:
        self._cuda = torch.cuda.is_available()
        if not self._cuda:
            torch.set_num_threads(threads)
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        self._layers: list[int] = settings["feature_layers"]
        config = BertConfig.from_json_file(str(folder / WEIGHTS_CONFIG))
        # The attention that can be asked for its weights, which rollout needs.
        config._attn_implementation = "eager"
        model = BertModel(config, add_pooling_layer=False)
        model.load_state_dict(load_file(folder / WEIGHTS))
        place = ("cuda", torch.float16) if self._cuda else ("cpu", torch.float32)
        self._model = torch.nn.Module.to(model, *place).train(mode=False)

    @torch.inference_mode()
    def run(self, ids: Ids, mask: Ids, states: bool) -> list[Floats]:
        real = self._tensor(mask)
        layers = self._model(
            input_ids=self._tensor(ids), attention_mask=real, output_hidden_states=True
        ).hidden_states
        kept = torch.cat([layers[number] for number in self._layers], -1).float()
        share = (real / real.sum(1, keepdim=True)).float().unsqueeze(1)
        features = (share @ kept).squeeze(1)
        vectors = torch.nn.functional.normalize((share @ layers[-1].float()).squeeze(1), dim=-1)
        outputs = [vectors, features, *((kept,) if states else ())]
        return [output.cpu().numpy() for output in outputs]

    @torch.inference_mode()
    def rollout(self, ids: Ids) -> Floats:
        """How much each token of one text [tokens] flows into the sentence vector, adding up to 1.

        Attention rollout (Abnar and Zuidema 2020): the layers' attention, averaged over the heads
        and half mixed with the identity for the residual connection, multiplied up.
        """
        row = self._tensor(ids[None])
        attentions = self._model(input_ids=row, output_attentions=True).attentions
        size = len(ids)
        flow = np.eye(size, dtype=np.float32)
        for attention in attentions:
            mean = attention[0].float().mean(0).cpu().numpy()
            flow = (0.5 * mean + 0.5 * np.eye(size, dtype=np.float32)) @ flow
        shares: Floats = flow.mean(axis=0)
        return shares

    def _tensor(self, values: Ids) -> torch.Tensor:
        tensor = torch.from_numpy(values)
        return tensor.cuda() if self._cuda else tensor
