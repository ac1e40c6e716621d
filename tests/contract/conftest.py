"""The built models of the component tests, for the workers that need one."""

from tests.component.conftest import model_cache, model_store

__all__ = ["model_cache", "model_store"]
