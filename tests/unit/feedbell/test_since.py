"""Since when: a table by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import ConfigurationError
from feedbell.since import since

NOW = datetime(2024, 5, 10, 12, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", datetime(2024, 5, 3, 12, 30, tzinfo=UTC)),
        ("12h", datetime(2024, 5, 10, 0, 30, tzinfo=UTC)),
        ("30m", datetime(2024, 5, 10, 12, 0, tzinfo=UTC)),
        ("2w", datetime(2024, 4, 26, 12, 30, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 4, 30, 16, tzinfo=UTC)),
        ("2024-05-01T10:00", datetime(2024, 5, 1, 2, tzinfo=UTC)),
        ("2024-05-01 10:00:00+00:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_so_long_ago_or_a_date(text: str, moment: datetime) -> None:
    assert since(text, NOW, SHANGHAI) == moment


@pytest.mark.parametrize("text", ["", "7", "d", "7 days", "-7d", "1.5d", "yesterday", "2024-13-01", "999999w", "7D"])
def test_anything_else_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError, match="such as 7d, 12h or 30m"):
        since(text, NOW, SHANGHAI)
