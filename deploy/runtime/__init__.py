"""Kafka and a database for one machine, with or without Docker. Serves demo, `run` and tests."""

from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.runtime import Endpoints, Runtime, start
from deploy.runtime.service import Say, Service

__all__ = ["Endpoints", "Runtime", "RuntimeUnavailable", "Say", "Service", "start"]
