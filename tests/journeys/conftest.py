from collections.abc import Iterator

import pytest

from tests.servers import RunningDesk, running_desk


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """`reynard demo` on an empty folder, shared by the tests of one journey."""
    with running_desk(tmp_path_factory.mktemp("journey") / "var") as desk:
        yield desk
