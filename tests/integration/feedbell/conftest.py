"""The flow over a site of the test's own, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import Flow


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    """An empty site with its pipeline."""
    made = Flow(tmp_path, database_url)
    yield made
    made.close()
