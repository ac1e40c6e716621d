"""A causal language model on this machine's processor. Needs torch and transformers.

For a GPU let vLLM or Ollama serve the model, and use `openai`.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from services.generate.llm.answer import Completion
from services.generate.llm.brief import FailureReason, WriterFailed
from services.generate.llm.prompt import Message
from services.generate.llm.weights import Weights
from shared.errors import FatalError


class CausalModel:
    """A loaded model with its tokenizer. One call at a time."""

    def __init__(self, weights: Weights, threads: int) -> None:
        """Raises FatalError when the weights cannot be served."""
        torch.set_num_threads(threads)
        self.name = weights.name
        options: dict[str, Any] = {"local_files_only": True}
        if weights.gguf:
            options["gguf_file"] = weights.gguf
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(weights.folder, **options)
            self._model: Any = AutoModelForCausalLM.from_pretrained(weights.folder, **options)
        except (ImportError, OSError, ValueError) as error:
            raise FatalError(f"{weights.folder}: not a model to be served: {error}") from error
        if self._tokenizer.chat_template is None:
            raise FatalError(f"{weights.folder}: a model without a chat template follows no brief")
        self._model.train(mode=False)
        _greedy(self._model.generation_config, padding=min(self._ends(), default=0))

    @torch.inference_mode()
    def complete(
        self,
        messages: list[Message],
        prefix: str,
        *,
        max_tokens: int,
        seconds: float,
        stopped: Callable[[], bool],
    ) -> Completion:
        """The likeliest answer that begins with `prefix`, which is part of its text.

        Raises WriterFailed: TOO_LONG when the prompt leaves no room for the answer, TIMEOUT after
        so many seconds or once `stopped` says so.
        """
        began = perf_counter()
        inputs = self._tokenizer.apply_chat_template(
            [*messages, {"role": "assistant", "content": prefix}],
            continue_final_message=True,
            return_tensors="pt",
            return_dict=True,
        )
        tokens_in = inputs["input_ids"].shape[1]
        room = getattr(self._model.config, "max_position_embeddings", None)
        if room is not None and tokens_in + max_tokens > room:
            raise WriterFailed(FailureReason.TOO_LONG)

        def is_over(ids: torch.Tensor, _: torch.Tensor, **__: object) -> torch.Tensor:
            over = stopped() or perf_counter() - began > seconds
            return torch.full((len(ids),), over)

        output = self._model.generate(
            **inputs, max_new_tokens=max_tokens, stopping_criteria=[is_over]
        )
        answer = output[0, tokens_in:]
        tokens_out = len(answer)
        if stopped() or perf_counter() - began > seconds:
            raise WriterFailed(FailureReason.TIMEOUT, tokens_in=tokens_in, tokens_out=tokens_out)
        text = prefix + self._tokenizer.decode(answer, skip_special_tokens=True)
        is_cut = tokens_out >= max_tokens and int(answer[-1]) not in self._ends()
        return Completion(text, tokens_in, tokens_out, perf_counter() - began, self.name, is_cut)

    def _ends(self) -> set[int]:
        """The tokens that end an answer; models have one, several or none."""
        told = self._model.generation_config.eos_token_id
        ends = told if isinstance(told, list) else [told]
        return {end for end in (*ends, self._tokenizer.eos_token_id) if end is not None}


def _greedy(generation: Any, padding: int) -> None:
    """The likeliest token always: what a model's maker advises for sampling does not apply.

    One answer at a time is never padded; transformers wants a token for it nevertheless.
    """
    generation.update(
        do_sample=False, temperature=None, top_p=None, top_k=None, pad_token_id=padding
    )
