"""The installed program, and a receiver of its webhooks."""

from collections.abc import Iterator

import pytest

from tests.support.program import Program, installed
from tests.support.receiver import Receiver, running_receiver


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Program:
    """The program in an environment of its own, built once for all workers."""
    base = tmp_path_factory.getbasetemp()
    return installed(base.parent if hasattr(request.config, "workerinput") else base)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    with running_receiver() as running:
        yield running
