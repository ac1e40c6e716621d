"""The five workers on this machine, with what they need: for `make run`, the demo and tests."""

from deploy.system.processes import WorkerFailed, WorkerProcess
from deploy.system.system import WORKERS, System

__all__ = ["WORKERS", "System", "WorkerFailed", "WorkerProcess"]
