"""What the environment may set for ingest."""

from datetime import timedelta

from pydantic import Field, SecretStr

from shared.settings import WorkerSettings


class Settings(WorkerSettings):
    """Ingest's own settings, on top of every worker's. Lists are comma separated."""

    http_port: int = Field(8081, ge=0, le=65535, description="0 picks a free port")
    sealing_keys: SecretStr = Field(
        SecretStr(""),
        description="key ring id:base64,id:base64 for personal data; the first seals, all open",
    )
    customer_key_secret: SecretStr = Field(
        SecretStr(""), description="base64 of 32 bytes; ids of people become keys under it"
    )
    phone_regions: str = Field(
        "CN,HK,TW,US,GB,IN",
        description="ISO 3166 regions whose numbers are known without a country code",
    )
    languages: str = Field(
        "en,de,fr,es,pt,it,nl,pl,tr,vi,id,ru,uk,ar",
        description="ISO 639-1 languages told apart where several share a script",
    )
    language_sure: float = Field(
        0.97, ge=0.5, le=1, description="how sure a text must be not in its script's commonest one"
    )
    message_max_bytes: int = Field(
        1024 * 1024, ge=1, description="larger messages are dead letters"
    )
    text_max_characters: int = Field(
        64 * 1024, ge=1, le=128 * 1024, description="longer texts are cut and flagged"
    )
    remember_days: int = Field(
        90, ge=2, description="how long a message sent again is known as a duplicate"
    )
    duplicate_window_seconds: int = Field(
        600, ge=0, description="how long the same content of the same customer gets no second reply"
    )
    attachment_hosts: str = Field(
        "", description="hosts whose files are read, such as files.example.com,*.desk.example"
    )
    attachment_max_bytes: int = Field(
        5 * 1024 * 1024, ge=1, description="larger files are not read"
    )
    attachment_seconds: float = Field(10.0, gt=0, description="for fetching and for reading a file")
    attachment_http: bool = Field(False, description="whether files are read without TLS, too")
    attachment_private: bool = Field(
        False, description="whether files are read from hosts in private networks, too"
    )

    @property
    def duplicate_window(self) -> timedelta:
        return timedelta(seconds=self.duplicate_window_seconds)

    @property
    def remember(self) -> timedelta:
        return timedelta(days=self.remember_days)

    def listed(self, text: str) -> tuple[str, ...]:
        """The parts of a comma-separated setting."""
        return tuple(part.strip() for part in text.split(",") if part.strip())
