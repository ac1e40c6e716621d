"""What tests share: real Kafka and a real database, started when the first test asks for them."""

from collections.abc import Iterator

import pytest

from deploy.runtime import Runtime, start

NEEDS_PROCESSES = {"runtime", "stage", "system"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the runtime is slow, and slow tests come after all fast ones."""
    for item in items:
        if NEEDS_PROCESSES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Kafka and the database of the whole test run.

    Shared by its tests: each takes topics and databases of its own, and leaves both services
    running when it has killed one.
    """
    with start(tmp_path_factory.mktemp("runtime"), say=print) as started:
        yield started


@pytest.fixture(scope="session")
def kafka_url(runtime: Runtime) -> str:
    """`host:port` of Kafka."""
    return runtime.endpoints.kafka


@pytest.fixture(scope="session")
def mongo_url(runtime: Runtime) -> str:
    """Connection string of the database."""
    return runtime.endpoints.mongo
