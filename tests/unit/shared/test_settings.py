"""Settings come from the environment or from mounted files, and never show a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from deploy.retraining.settings import RetrainingSettings
from services.classify.settings import ClassifySettings
from services.feedback.insights.settings import InsightsSettings
from services.feedback.settings import Settings as FeedbackSettings
from services.generate.llm.settings import LlmSettings
from services.generate.settings import Settings as GenerateSettings
from services.ingest.settings import Settings as IngestSettings
from services.personalize.settings import Settings as PersonalizeSettings
from shared.mongo import Mongo
from shared.settings import (
    FromEnvironment,
    KafkaSettings,
    UnusableSettings,
    WorkerSettings,
    masked,
)

WORKERS: list[type[WorkerSettings]] = [
    IngestSettings,
    ClassifySettings,
    PersonalizeSettings,
    GenerateSettings,
    FeedbackSettings,
]
JOBS: list[type[WorkerSettings]] = [RetrainingSettings, InsightsSettings]
SECRETS: list[tuple[type[FromEnvironment], str]] = [
    *((kind, name) for kind in (*WORKERS, *JOBS) for name in ("KAFKA_PASSWORD", "MONGO_URL")),
    (IngestSettings, "SEALING_KEYS"),
    (IngestSettings, "CUSTOMER_KEY_SECRET"),
    (GenerateSettings, "SEALING_KEYS"),
    (GenerateSettings, "BACK_OFFICE_TOKEN"),
    (LlmSettings, "LLM_API_KEY"),
]
SECRET = "correct-horse"
VALUES = {"MONGO_URL": f"mongodb://ingest:{SECRET}@db.example:27017/ingest"}


def said(settings: FromEnvironment, variable: str) -> str:
    value = getattr(settings, variable.lower().removeprefix("llm_"))
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


@pytest.mark.parametrize(("kind", "name"), SECRETS)
def test_a_secret_may_stand_in_a_mounted_file(
    kind: type[FromEnvironment], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = VALUES.get(name, SECRET)
    # As Kubernetes mounts: the name leads over a folder that is changed at once.
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / name).write_text(f"{value}\n")
    (tmp_path / name).symlink_to(Path("..data") / name)
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    assert said(kind(), name) == value


@pytest.mark.parametrize(("kind", "name"), SECRETS)
@pytest.mark.parametrize("source", ["variable", "file"])
def test_no_secret_is_shown(
    kind: type[FromEnvironment],
    name: str,
    source: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = VALUES.get(name, SECRET)
    monkeypatch.delenv(name, raising=False)
    if source == "variable":
        monkeypatch.setenv(name, value)
    else:
        (tmp_path / name.lower()).write_text(value)
        monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    settings = kind()
    assert SECRET in said(settings, name), "it is there"
    for shown in (repr(settings), str(settings), f"{settings}", f"{settings!r}"):
        assert SECRET not in shown
        assert "**********" in shown


def test_a_variable_wins_over_its_file_but_not_when_it_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "KAFKA_PASSWORD").write_text("of the file")
    (tmp_path / "LLM_API_KEY").write_text("of the file")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    for variable, expected in (("of the variable", "of the variable"), ("", "of the file")):
        monkeypatch.setenv("KAFKA_PASSWORD", variable)
        monkeypatch.setenv("LLM_API_KEY", variable)
        assert KafkaSettings().kafka_password.get_secret_value() == expected
        assert LlmSettings().api_key.get_secret_value() == expected


def test_what_is_given_in_code_wins_over_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kafka_bootstrap_servers").write_text("file:9092")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    assert KafkaSettings().kafka_bootstrap_servers == "file:9092"
    given = KafkaSettings(kafka_bootstrap_servers="code:9092")
    assert given.kafka_bootstrap_servers == "code:9092"


@pytest.mark.parametrize("kind", [*WORKERS, *JOBS, LlmSettings])
def test_a_folder_that_is_not_there_ends_the_program_with_a_sentence(
    kind: type[FromEnvironment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    for named in (tmp_path / "nowhere", file):
        monkeypatch.setenv("SECRETS_DIR", str(named))
        with pytest.raises(SystemExit) as ended:
            kind()
        assert str(ended.value).startswith(f"SECRETS_DIR is {named}, and there is no such folder")


def test_an_invalid_setting_is_named_without_what_else_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", SECRET)
    monkeypatch.setenv("MONGO_URL", VALUES["MONGO_URL"])
    monkeypatch.setenv("HTTP_PORT", SECRET)
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", SECRET)
    with pytest.raises(UnusableSettings) as refused:
        IngestSettings()
    for shown in (str(refused.value), repr(refused.value)):
        assert "HTTP_PORT: " in shown and "KAFKA_SECURITY_PROTOCOL: " in shown
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("kind", "name", "value", "told"),
    [
        (FeedbackSettings, "POLICY_ALPHAS", "{", '"policy_alphas"'),
        (FeedbackSettings, "POLICY_ALPHAS", '{"refund": 3}', "POLICY_ALPHAS.REFUND: "),
        (FeedbackSettings, "OUTCOMES_DAYS", "9", "OUTCOMES_DAYS: 9 is too short, at least 93"),
        (GenerateSettings, "RESPONSES_DAYS", "9", "RESPONSES_DAYS: Input should be greater"),
        (IngestSettings, "LOG_LEVEL", "loud", "LOG_LEVEL: Input should be 'DEBUG', 'INFO'"),
    ],
)
def test_what_cannot_be_used_ends_the_program_and_says_which_setting_to_mend(
    kind: type[FromEnvironment], name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        kind()
    first, line = str(ended.value).splitlines()
    assert first == "these settings cannot be used:"
    assert told in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mongodb://u:p@h:1,h2:2/d?a=b", "mongodb://u:**********@h:1,h2:2/d?a=b"),
        ("mongodb+srv://u:p%40q@h/d", "mongodb+srv://u:**********@h/d"),
        ("mongodb://u:p@q@h/d", "mongodb://u:**********@h/d"),
        ("redis://:p@h", "redis://:**********@h"),
        ("mongodb://h:27017/?directConnection=true", "mongodb://h:27017/?directConnection=true"),
        ("mongodb://u@h/d", "mongodb://u@h/d"),
        ("http://h:80/a:b@c", "http://h:80/a:b@c"),
        ("two: s3://a:b@c and s3://d:e@f", "two: s3://a:**********@c and s3://d:**********@f"),
    ],
)
def test_a_url_is_shown_without_its_password(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("kind", WORKERS)
def test_http_ports_bind_to_loopback_by_default(
    kind: type[WorkerSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTP_HOST", raising=False)
    assert kind().http_host == "127.0.0.1"


def test_every_class_of_settings_descends_from_the_one_that_masks() -> None:
    ours = {
        kind
        for kind in BaseSettings.__subclasses__()
        if kind.__module__.startswith(("shared.", "services.", "deploy."))
    }
    assert ours == {FromEnvironment}


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"http://u:{SECRET}@h",
        f"mongodb://u:{SECRET}@h@h",
        f"mongodb://u:a/{SECRET}@h",
        f"h:{SECRET}",
        "mongodb://h:99999",
    ],
)
def test_a_database_url_that_is_none_ends_the_program_without_showing_it(url: str) -> None:
    with pytest.raises(UnusableSettings, match="MONGO_URL: no connection string") as ended:
        Mongo(url, "ingest")
    assert SECRET not in str(ended.value)
    assert ended.value.__cause__ is None
