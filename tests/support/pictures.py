"""Takes the pictures of the documentation anew: `python -m tests.support.pictures`. Fonts for Chinese must be there."""

import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bench.corpus import Maker
from tests.support.browser import chromium

DOCS = Path(__file__).parents[2] / "docs"
_DESKTOP, _PHONE = (1200, 820), (390, 780)
_LABELS = (
    *("东财滚动新闻", "上海证券报", "证券时报", "第一财经", "每日经济新闻", "新华财经", "央行动态", "公司公告"),
    *("港股", "商品期货", "债券市场", "外汇", "基金", "宏观经济", "国际财经", "产业观察"),
)
_POSTS = 1500
_SETTINGS = """[site]
title = "财经快讯"
description = "全天候财经新闻"
[feeds.category.labels]
{labels}"""
_SITE = "url: https://news.example\ntimezone: Asia/Shanghai\nlang: zh-CN\nauthor: 编辑部\n"
_Scheme = Literal["light", "dark"]
_PICTURES: dict[str, tuple[str, tuple[int, int], _Scheme]] = {
    "index": ("feeds/index.html", _DESKTOP, "light"),
    "index-phone": ("feeds/index.html", _PHONE, "light"),
    "feed": ("feeds/category/{slug}.html", _DESKTOP, "light"),
    "feed-phone": ("feeds/category/{slug}.html", _PHONE, "dark"),
}


def main() -> None:
    """Build a site, open its pages and take their pictures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "site"
        slugs = _write_site(root)
        labels = "".join(f'"{slug}" = "{label}"\n' for slug, label in zip(slugs, _LABELS, strict=False))
        config = Path(folder) / "feedbell.toml"
        config.write_text(_SETTINGS.format(labels=labels))
        program = Path(sys.prefix) / "bin" / "feedbell"
        out = Path(folder) / "out"
        subprocess.run([program, "--config", config, "--site", root, "--out", out, "once"], check=True)
        with chromium() as browser:
            for name, (path, (width, height), scheme) in _PICTURES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto((out / path.format(slug=slugs[0])).as_uri())
                page.screenshot(path=str(DOCS / f"{name}.png"))
                page.close()


def _write_site(root: Path) -> list[str]:
    """Write the posts of some months; return their categories, the largest first."""
    maker, chance = Maker(16), random.Random(1)
    counts: Counter[str] = Counter()
    (root / "_posts").mkdir(parents=True)
    (root / "_config.yml").write_text(_SITE)
    for number in range(_POSTS):
        post = maker.post(number)
        counts[post.term.slug] += 1
        when = datetime(2024, 5, 31, 18, 30) - timedelta(hours=2400 * chance.random() ** 1.5)  # noqa: DTZ001
        text = re.sub(r"(?m)^date: .*$", f"date: {when:%Y-%m-%d %H:%M:%S} +0800", post.text)
        (root / "_posts" / f"{when:%Y-%m-%d}-{number}.md").write_text(text)
    return [slug for slug, _ in counts.most_common()]


if __name__ == "__main__":
    main()
