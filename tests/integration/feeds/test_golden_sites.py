"""Small sites whose feeds were read by eye, through the real flow: `case/posts` gives `case/expected`, byte by byte.

Only some feeds of a case stand in `expected`: those that show something.
"""

from pathlib import Path

import pytest

from tests.support.site import SAMPLE, Flow, write

CASES = Path(__file__).parents[2] / "golden" / "site"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_site_gives_the_feeds_that_were_read_by_eye(case: Path, tmp_path: Path) -> None:
    flow = Flow(tmp_path, f"sqlite:///{tmp_path / 'f.db'}", config=(case / "_config.yml").read_text())
    write(flow.site / "_posts", {path.name: path.read_bytes() for path in (case / "posts").iterdir()})
    if case.name == "rules":
        # The rules that the sample site comes with.
        flow.configure(source=f"settle_ms = 0\n{(SAMPLE / 'feedbell.toml').read_text().partition('[[sources]]')[2]}")
    flow.run()
    expected = {path.relative_to(case / "expected"): path for path in (case / "expected").rglob("*") if path.is_file()}
    assert expected
    for name, path in expected.items():
        assert (flow.out / name).read_text() == path.read_text(), name
    flow.close()
