"""The faults that CI plays, in short: one system, emptied before each. `make chaos` plays them all,
at length; what each one does is told in `runner.FAULTS`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.system import System
from tests.chaos.arena import HASTY, Arena, home_of
from tests.chaos.runner import FAULTS, Fault
from tests.e2e.home import prepared

pytestmark = pytest.mark.slow
SEED = 1
BRIEF = [fault for fault in FAULTS if fault.brief]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("arena")
    home = home_of(prepared(), folder / "home")
    with System(folder / "data", home, print, HASTY) as system:
        yield Arena(system, print, seed=SEED, quick=True)


@pytest.mark.parametrize("fault", BRIEF, ids=lambda fault: fault.name)
async def test_nothing_is_lost_or_doubled(arena: Arena, fault: Fault) -> None:
    print(f"{fault.name}: {await fault.play(arena)}")
