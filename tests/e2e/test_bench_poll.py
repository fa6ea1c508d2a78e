"""`python -m bench.poll --quick` measures everything, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_every_row_is_measured(tmp_path: Path) -> None:
    temporary, figures = tmp_path / "temporary", tmp_path / "figures.json"
    temporary.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "bench.poll", "--quick", "--json", figures],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(figures.read_text())
    for who in ("feedbell", "reader"):
        [warm] = found["warm"][who]
        assert (found["cold"][who]["entries"], warm["entries"]) == (3000, 3006)
        for one in (found["cold"][who], warm):
            assert one["rate"] > 0
            assert one["each"] > 0
            assert 10 < one["peak"] < 1000
        assert found["beside_hung"][who] > 0
    lines = ended.stdout.splitlines()
    for beginning in ("cold: feeds/s", "warm, a tenth has something new: feeds/s", "3 feeds hang"):
        assert any(line.startswith(beginning) for line in lines), beginning
    assert sum(line.startswith(("met", "MISSED")) for line in lines) == 3
    assert list(temporary.iterdir()) == []
