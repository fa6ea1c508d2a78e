"""Made-up Chinese financial-news posts: post i depends only on (seed, categories, i), and looks like a real site's."""

import argparse
import bisect
import itertools
import math
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

SEED = 1
FIRST_NUMBER = 30_000_000  # that the name of post 0 ends with
ZIPF = 1.05  # exponent of the category sizes
FLASH_SHARE = 0.08  # one short paragraph
LONG_SHARE = 0.05  # about 12 kB
_FIRST = datetime(2021, 12, 1, 6, 0, 0)  # noqa: DTZ001 - wall time of the site's zone, written with +0800
_STEP = 300.0  # seconds from post to post
_EVERY = 8  # each eighth post opens the next category, until all have one
_HOST = "news.example"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SUBJECTS = _words(
    "沪指 深成指 科创板 两市成交 北上资金 主力资金 融资盘 央行 证监会 统计局 财政部 商务部 交易所 光伏板块 "
    "动力电池 半导体 人工智能 创新药 白酒股 地产链 钢企 煤价 有色金属 化工品 航运指数 券商 公募基金 险资 外资 "
    "上市公司 董事会 大股东 研究机构 长三角 大湾区 成渝 东盟 欧洲市场"
)
_OBJECTS = _words(
    "净利润 营业收入 毛利率 现金流 负债率 研发投入 产能利用率 库存 订单 出货量 市场份额 估值 成交额 换手率 "
    "专项债 存款准备金 利率 汇率 出口 消费 基建投资 供应链 产业链 新能源 数字化转型 绿色低碳 国产替代 "
    "风险偏好 流动性 预期差 政策空间 长期资金 信息披露 投资者回报"
)
_MOVES = _words(
    "同比增长 环比回落 小幅回升 持续走高 区间震荡 明显改善 创下新高 保持平稳 不及预期 好于预期 逐步修复 "
    "大幅收窄 有所分化 加快落地 稳步推进 面临压力 受到关注 引发讨论 得到验证 仍待观察"
)
_OPENINGS = _words(
    "公告显示 记者获悉 业内人士认为 分析师指出 公司表示 截至收盘 消息面上 值得注意的是 与此同时 具体来看 "
    "从全年看 数据显示"
)
_MEDIA = (
    ("caijingzaobao", "财经早报新闻"),
    ("shanghaijinrong·zhongguozixunwang", "上海金融·中国资讯网新闻"),
    ("zhengquanriji", "证券日记新闻"),
    ("21shijiguancha", "21世纪观察新闻"),
    ("TechDaily", "TechDaily新闻"),
    ("36jie", "36街新闻"),
)
_SYLLABLES = _words("ban chuang dao feng gang hong jiang kai liang mei nong ping qing rong shan tian wei xing yue zhou")
_STOCKS = (("1.600001", "甲股份"), ("0.300002", "乙科技"), ("90.BK0003", "丙板块"), ("106.DING", "丁汽车"))

T = TypeVar("T")
Random = Callable[[], float]  # 0 <= x < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A category, and the tag that always comes with it."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePost:
    """A post as a file, and what a measurement has to know of it."""

    name: str
    ident: str  # stands in the file's name and so in the post's address; no other post's holds it
    term: Term
    text: str


def make_terms(count: int, seed: int = SEED) -> list[Term]:
    """Return `count` categories; neither slugs nor names differ only by capitals."""
    rnd = random.Random(f"terms {seed}").random
    found = [Term(slug=slug, name=name) for slug, name in _MEDIA[:count]]
    slugs = {term.slug.casefold() for term in found}
    names = {term.name for term in found}
    while len(found) < count:
        slug = "".join(_pick(_SYLLABLES, rnd) for _ in range(3 + int(rnd() * 4)))
        if rnd() < 0.1:
            slug += "·" + "".join(_pick(_SYLLABLES, rnd) for _ in range(3))
        name = _pick(_SUBJECTS, rnd) + _pick(_OBJECTS, rnd) + _pick(_OPENINGS, rnd)[:2] + "新闻"
        if slug not in slugs and name not in names:
            slugs.add(slug)
            names.add(name)
            found.append(Term(slug=slug, name=name))
    return found


class Maker:
    """Writes posts of one corpus."""

    def __init__(self, categories: int, seed: int = SEED) -> None:
        self._seed = seed
        self.terms = make_terms(categories, seed)
        self._shares = list(itertools.accumulate(1 / rank**ZIPF for rank in range(1, categories + 1)))
        self._sentences = _make_sentences(seed)

    def post(self, number: int) -> MadePost:
        """Return post `number`, from 0; a higher number is a newer post."""
        source = random.Random(self._seed * 1_000_003 + number)
        rnd = source.random
        when = _FIRST + timedelta(seconds=int((number + rnd()) * _STEP))
        ident = f"{when:%Y%m%d}{FIRST_NUMBER + number:010d}"
        term = self._term(number, rnd)
        title = f"{self._sentence(rnd)[: 12 + int(rnd() * 18)].rstrip('，；。')} {number}"
        head = (
            f'---\nlayout: post\ntitle: "{title}"\ndate: {when:%Y-%m-%d %H:%M:%S} +0800\n'
            f"categories: {term.slug}\ntags: {term.name}\n---\n"
        )
        tail = _tail(ident, term, rnd)
        draw = rnd()
        if draw < FLASH_SHARE:
            body = f"\n{self._paragraph(when, 1, rnd)}"
        else:
            body = self._body(when, term, _wanted_bytes(draw, source) - len(tail.encode()), rnd)
        return MadePost(name=f"{when:%Y-%m-%d}-{ident}.md", ident=ident, term=term, text=head + body + tail)

    def _term(self, number: int, rnd: Random) -> Term:
        draw = rnd() * self._shares[-1]
        opened, rest = divmod(number, _EVERY)
        if rest == 0 and opened < len(self.terms):
            return self.terms[opened]
        return self.terms[bisect.bisect(self._shares, draw)]

    def _sentence(self, rnd: Random) -> str:
        return _pick(self._sentences, rnd)

    def _paragraph(self, when: datetime, sentences: int, rnd: Random) -> str:
        start = int(rnd() * (len(self._sentences) - sentences))
        lead = f"{when.month}月{when.day}日，" if rnd() < 0.3 else f"（{int(rnd() * 9999)}）"
        return lead + "".join(self._sentences[start : start + sentences])

    def _body(self, when: datetime, term: Term, wanted: int, rnd: Random) -> str:
        """HTML paragraphs; a third of the bodies start with a Markdown quote and are one long line of HTML."""
        one_line = rnd() < 0.35
        parts = [self._opening(when, rnd)] if one_line else []
        size = sum(len(part.encode()) for part in parts)
        while size < wanted:
            part = self._html_paragraph(when, one_line, rnd)
            parts.append(part)
            size += len(part.encode())
        parts.append(f'<p class="source">（文章来源：{term.name[:-2]}）</p>')
        return "".join(parts)

    def _opening(self, when: datetime, rnd: Random) -> str:
        code, _ = _pick(_STOCKS, rnd)
        return (
            f"> {self._paragraph(when, 1, rnd)}\n\n"
            '<p style="display:none;height:1px;"><br /></p><!-- chart begins -->'
            f'<p style="text-align:center;"><a href="http://quote.{_HOST}/r/{code}" data-code="{code}" class="chart" '
            f'target="_blank"><img src="https://pic.{_HOST}/chart.aspx?nid={code}&type=k&token={int(rnd() * 1e9):x}" '
            f'border="0" alt="K图 {code}" width="578" height="276" /></a></p><!-- chart ends -->'
        )

    def _html_paragraph(self, when: datetime, one_line: bool, rnd: Random) -> str:
        text = self._paragraph(when, 1 + int(rnd() * 3), rnd)
        draw = rnd()
        if one_line and draw < 0.45:
            code, name = _pick(_STOCKS, rnd)
            cut = len(text) // 2
            link = f'<a href="http://quote.{_HOST}/r/{code}" class="keytip" data-code="{code}">{name}</a>'
            text = f'{text[:cut]}<span id="stock_{code}">{link}</span><span id="quote_{code}"></span>{text[cut:]}'
        elif draw > 0.93:
            text = f"<strong>{text[:24]}</strong>"
        elif draw > 0.90:
            text = f'<img src="//pic.{_HOST}/d/D{int(rnd() * 1e9)}.jpg" alt="Image" width="552" />'
        return f"<p>{text}</p>" if one_line else f"<p>{text}</p>\n "


def _pick(of: Sequence[T], rnd: Random) -> T:
    return of[int(rnd() * len(of))]


def _make_sentences(seed: int, count: int = 4000) -> list[str]:
    rnd = random.Random(f"sentences {seed}").random
    return [_make_sentence(rnd) for _ in range(count)]


def _make_sentence(rnd: Random) -> str:
    clauses = []
    for _ in range(3 + int(rnd() * 5)):
        clause = _pick(_SUBJECTS, rnd) + _pick(_OBJECTS, rnd) + _pick(_MOVES, rnd)
        draw = rnd()
        if draw < 0.2:
            clause += f"{rnd() * 99:.2f}%"
        elif draw < 0.3:
            clause += f"{int(rnd() * 9999)}亿元"
        elif draw < 0.4:
            clause = f"{_pick(_OPENINGS, rnd)}，{clause}"
        clauses.append(clause)
    return ("；" if rnd() < 0.2 else "，").join(clauses) + "。"


def _wanted_bytes(draw: float, source: random.Random) -> int:
    if draw > 1 - LONG_SHARE:
        return int(10_500 + source.random() * 2_000)
    # Log-normal by Box and Muller: the library's own way may differ between versions.
    radius = math.sqrt(-2 * math.log(1 - source.random()))
    normal = radius * math.cos(2 * math.pi * source.random())
    return int(min(10_000, max(900, 3_700 * math.exp(0.5 * normal))))


def _tail(ident: str, term: Term, rnd: Random) -> str:
    link = f"\n\n<http://{_HOST}/1353,{ident}.html>\n\n"
    if rnd() < 0.8:
        return f"{link}[返回{term.name}](//{_HOST}/category/{term.slug}.html)｜[返回首页](//{_HOST}/)"
    return f"{link}[返回{term.name}](../{term.slug}/)\n[返回首页](../)"


def write_posts(folder: Path, maker: Maker, numbers: range) -> None:
    """Write posts into a `_posts` folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        post = maker.post(number)
        descriptor = os.open(folder / post.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(descriptor, post.text.encode())
        os.close(descriptor)


def main() -> None:
    """Write posts from the command line."""
    parser = argparse.ArgumentParser(description="Write made-up posts into FOLDER.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--categories", type=int, default=40)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    maker = Maker(asked.categories, asked.seed)
    write_posts(asked.folder, maker, range(asked.first, asked.first + asked.posts))


if __name__ == "__main__":
    main()
