"""What this service takes from its environment, typed and checked at start."""

import secrets
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.database import DatabaseSettings

# Before the path of every route but the health checks.
# = API_PREFIX = "{{ prefix }}"
API_PREFIX = ""


class Settings(BaseSettings, DatabaseSettings):
    """Settings, each from the environment variable of its name in capitals or from `.env`.

    Without `DATABASE_URL` the service is in local mode: it starts its own PostgreSQL in `DATA_DIRECTORY` and signs
    tokens with a key that lasts as long as the process.
    """

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    app_name: str = "Specimen Service"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1)  # processes
    shutdown_seconds: int = Field(default=20, ge=0)  # for the requests in flight
    # Addresses or networks of the proxies whose X-Forwarded-For is believed, with commas between them.
    forwarded_allow_ips: str = "127.0.0.1,::1"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_body_bytes: int = Field(default=1_048_576, ge=1)
    # % if cors
    cors_origins: Annotated[list[str], NoDecode] = []
    # % endif

    # SecretStr, because the repr of a URL type prints its password
    database_url: SecretStr | None = None
    migrate_at_start: bool = False  # bring the schema to the newest revision before the first request
    # % if rate_limit
    valkey_url: SecretStr | None = None
    login_limit: str = "10/minute"
    # % endif
    # % if jobs
    job_concurrency: int = Field(default=10, ge=2)  # jobs at a time in one worker, each with a connection
    job_takeover_seconds: float = Field(default=30, gt=0)  # without a sign of life, a worker's jobs go to others
    job_retry_seconds: float = Field(default=15, gt=0)  # until the first retry; each further one waits twice as long
    # % endif
    data_directory: Path = Path(".data")
    # % if telemetry
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    metrics: bool = False
    # % endif

    jwt_secret: SecretStr = Field(default_factory=lambda: SecretStr(secrets.token_urlsafe(48)), min_length=32)
    # = access_token_minutes: int = Field(default={{ access_token_minutes }}, ge=1, le=1440)
    access_token_minutes: int = Field(default=15, ge=1, le=1440)
    # % if refresh_tokens
    # Of each token: who comes back in time stays logged in.
    # = refresh_token_days: int = Field(default={{ refresh_token_days }}, ge=1, le=365)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    # % endif
    # % if cors

    @field_validator("cors_origins", mode="before")
    @classmethod
    def split_origins(cls, value: object) -> object:
        """Take `CORS_ORIGINS=https://a.example,https://b.example` as people write it."""
        if isinstance(value, str):
            return [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
        return value

    # % endif
    @model_validator(mode="after")
    def require_shared_secret(self) -> Self:
        """A service on a database of its own runs in several processes, which must agree on the key."""
        if self.database_url is not None and "jwt_secret" not in self.model_fields_set:
            raise ValueError("JWT_SECRET must be set (32 characters or more) when DATABASE_URL is set")
        return self

    @model_validator(mode="after")
    def require_one_process(self) -> Self:
        """Several processes would each start the local database, migrate it, and sign with a key of their own."""
        if self.workers > 1 and self.database_url is None:
            raise ValueError("WORKERS must be 1 as long as DATABASE_URL is not set: local mode is one process")
        # % if telemetry
        if self.workers > 1 and self.metrics:
            raise ValueError("WORKERS must be 1 when METRICS is on: each process counts alone; run more containers")
        # % endif
        return self

    @property
    def direct_url(self) -> SecretStr | None:
        """What migrations and workers want where `DATABASE_URL` goes through a pooler."""
        return self.database_url_direct or self.database_url
