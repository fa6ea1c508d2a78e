"""Things to tell of, for the tests of channels."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from notifier.model import Item, Message

HOSTILE = "*a* [b](c) <@everyone> @all & <script> _x_ `y` ~z~ :smile: <!channel> # h &amp; \\* |t|"
HOSTILE_URL = "https://example.org/a (1)/\"q\" 'x'/<b>_c_?q=[1]|2*3"

POST = Item(
    kind="published",
    title="央行：下调金融机构存款准备金率0.25个百分点",
    url="https://news.example/2022/02/23/202202232286577401.html",
    summary="中国人民银行决定下调金融机构存款准备金率0.25个百分点（不含已执行5%存款准备金率的金融机构），释放长期资金约5300亿元。",
    published=datetime(2022, 2, 23, 10, 29, 7, tzinfo=UTC),
    authors=("编辑部",),
    categories=("央行动态",),
    tags=("降准",),
    image="https://news.example/pictures/pboc.jpg",
    source="posts",
    language="zh-CN",
    id="tag:news.example,2022:rate",
)
_SUBJECTS = ("人民币中间价", "沪深两市成交额", "国债期货主力合约", "北向资金净流入", "央行逆回购操作规模")
_MOVES = ("上调", "突破", "收盘上涨", "连续三日为正", "保持不变")


def posts(count: int) -> tuple[Item, ...]:
    """Different Chinese posts, as a busy desk writes them."""
    return tuple(
        replace(
            POST,
            title=f"{_SUBJECTS[n % 5]}{_MOVES[n // 5 % 5]}，较前一交易日变动{n + 1}个基点，机构称影响有限",
            url=f"https://news.example/2022/02/23/20220223228657{7400 + n}.html",
            published=datetime(2022, 2, 23, 10, 29, 7, tzinfo=UTC) + timedelta(minutes=n),
            id=f"tag:news.example,2022:{n}",
        )
        for n in range(count)
    )


def message(*items: Item, digest: bool = False, **changes: Any) -> Message:
    """A message about the items."""
    return Message(
        **{
            "id": "msg_019a",
            "type": "post.digest" if digest else f"post.{items[0].kind}",
            "payload": "{}",
            "items": items,
            "digest": digest,
            "title": "财经快讯",
            "site_url": "https://news.example/",
            **changes,
        }
    )


def digest(items: Sequence[Item], **changes: Any) -> Message:
    """A digest of the items."""
    return message(*items, digest=True, **changes)
