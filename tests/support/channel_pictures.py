"""Takes the pictures of docs/channels.md anew: `python -m tests.support.channel_pictures`. Needs fonts for Chinese.

Each picture is drawn from the body that the channel sends, in a style that resembles the service.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from PIL import Image

from core.exchange import Request
from notifier.channels.registry import channel_named
from notifier.model import Message
from tests.support.browser import chromium
from tests.support.items import POST, digest, message, posts
from tests.support.services import AT, SERVICES, endpoint

FOLDER = Path(__file__).parents[2] / "docs" / "channels"
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_CHART = (
    "<svg class=photo preserveAspectRatio=none viewBox='0 0 320 120'><rect width=320 height=120 fill='#dfe8f1'/>"
    "<path d='M0 95 40 84 80 90 120 62 160 70 200 44 240 52 280 26 320 32V120H0Z' fill='#9dbbd6'/>"
    "<path d='M0 95 40 84 80 90 120 62 160 70 200 44 240 52 280 26 320 32' fill=none stroke='#3b6ea8' stroke-width=3/>"
    "</svg>"
)
_STYLE = """
* { box-sizing: border-box }
body { margin: 0; width: 1000px; font: 15px/1.5 'Noto Sans CJK SC', 'Noto Sans', sans-serif }
.shot { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; padding: 16px; align-items: start }
.shot { background: var(--ground); color: var(--ink) }
.said { display: flex; gap: 10px; min-width: 0 }
.said > div:last-child { min-width: 0; flex: 1 }
.face { flex: none; width: 36px; height: 36px; border-radius: var(--face); display: grid; place-items: center }
.face { background: #3b6ea8; color: #fff; font-weight: 700 }
.who { font-weight: 700; margin-right: 8px }
.when { color: var(--faint); font-size: 12px }
.bubble { background: var(--bubble); border: var(--edge); border-radius: var(--round); padding: var(--pad) }
.bubble { margin-top: 4px; overflow-wrap: anywhere }
a { color: var(--link); text-decoration: none }
p, h3, ul, blockquote { margin: 0 0 6px }
ul { padding-left: 20px }
h3 { font-size: 16px }
h4 { font-size: 17px; margin: 0 0 6px }
.small, blockquote { color: var(--faint); font-size: 13px }
.photo { width: 100%; height: 120px; border-radius: 6px; margin: 4px 0; display: block }
.bar { border-left: 4px solid #3b6ea8; padding-left: 12px }
.row { margin: 2px 0 }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a service resembles itself."""

    draw: Callable[[dict[str, Any]], str]
    ground: str = "#ffffff"
    ink: str = "#1d1c1d"
    faint: str = "#6b6f76"
    link: str = "#1264a3"
    bubble: str = "transparent"
    edge: str = "0"
    round: str = "8px"
    pad: str = "0"
    face: str = "8px"

    @property
    def variables(self) -> str:
        names = ("ground", "ink", "faint", "link", "bubble", "edge", "round", "pad", "face")
        return ";".join(f"--{name}:{getattr(self, name)}" for name in names)


def main() -> None:
    """Draw each service's messages and take their pictures."""
    FOLDER.mkdir(exist_ok=True)
    items = [
        replace(item, kind="updated" if number == 2 else "published", summary="")
        for number, item in enumerate(posts(5))
    ]
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        for name in SERVICES:
            page.set_content(_page(name, message(POST), digest(items)))
            picture = Image.open(BytesIO(page.locator(".shot").screenshot())).convert("RGB")
            picture.quantize(32).save(FOLDER / f"{name}.png", optimize=True)


def _page(name: str, *told: Message) -> str:
    look = _LOOKS[name]
    said = "".join(_said(name, look, message) for message in told)
    return f'<style>{_STYLE}</style><div class=shot style="{look.variables}">{said}</div>'


def _said(name: str, look: Look, told: Message) -> str:
    channel = channel_named(name)
    assert hasattr(channel, "request")
    request = channel.request(told, endpoint(name, zone=ZoneInfo("Asia/Shanghai")), AT)
    body = json.loads(request.body) if isinstance(request, Request) else _mail(request.body)
    drawn = look.draw(body)
    head = "<span class=who>Feedbell</span><span class=when>18:29</span>"
    return f"<div class=said><div class=face>F</div><div>{head}<div class=bubble>{drawn}</div></div></div>"


def _link(text: str, url: str | None, *, strong: bool = False) -> str:
    shown = f"<b>{escape(text)}</b>" if strong else escape(text)
    return f'<a href="{escape(url)}">{shown}</a>' if url else shown.replace("\n", "<br>")


def _slack(body: dict[str, Any]) -> str:
    drawn = ""
    for block in body["blocks"]:
        if block["type"] == "header":
            drawn += f"<h4>{escape(block['text']['text'])}</h4>"
        elif block["type"] == "context":
            drawn += f"<div class=small>{escape(block['elements'][0]['text'])}</div>"
        else:
            drawn += "".join(map(_slack_rich, block["elements"]))
    return drawn + (_CHART if body.get("attachments") else "")


def _slack_rich(element: dict[str, Any]) -> str:
    if element["type"] == "rich_text_list":
        return f"<ul>{''.join(f'<li>{_slack_rich(inner)}</li>' for inner in element['elements'])}</ul>"
    if element["type"] == "rich_text_section":
        return "".join(map(_slack_rich, element["elements"]))
    return _link(element["text"], element.get("url"), strong="style" in element)


def _discord(body: dict[str, Any]) -> str:
    (embed,) = body["embeds"]
    parts = [f"<div class=small>{escape(embed['author']['name'])}</div>"] if "author" in embed else []
    title = _MARKDOWN.renderInline(embed["title"])
    parts.append(f'<h3><a href="{escape(embed["url"])}">{title}</a></h3>' if "url" in embed else f"<h3>{title}</h3>")
    parts.append(_MARKDOWN.render(embed["description"]))
    parts += [_CHART] if "image" in embed else []
    when = " · 23.02.2022 18:29" if "timestamp" in embed else ""
    parts += [f"<div class=small>{escape(embed['footer']['text'])}{when}</div>"] if "footer" in embed else []
    return f"<div class=bar>{''.join(parts)}</div>"


def _telegram(body: dict[str, Any]) -> str:
    return body["text"].replace("\n", "<br>") + (_CHART if "url" in body["link_preview_options"] else "")


def _teams(body: dict[str, Any]) -> str:
    return "".join(map(_teams_element, body["attachments"][0]["content"]["body"]))


def _teams_element(element: dict[str, Any]) -> str:
    if element["type"] == "Image":
        return _CHART
    if element["type"] == "Container":
        return "".join(map(_teams_element, element["items"]))
    runs = (
        _link(run["text"], "#" if run.get("color") == "Accent" else None, strong="weight" in run)
        for run in element["inlines"]
    )
    return f"<div class='row{' small' if element['inlines'][0].get('isSubtle') else ''}'>{''.join(runs)}</div>"


def _feishu(body: dict[str, Any]) -> str:
    post = body["content"]["post"]["zh_cn"]
    rows = ("".join(_link(element["text"], element.get("href")) for element in row) for row in post["content"])
    return f"<h3>{escape(post['title'])}</h3>" + "".join(f"<div class=row>{row}</div>" for row in rows)


def _dingtalk(body: dict[str, Any]) -> str:
    return re.sub(r"<img[^>]*>", _CHART, _MARKDOWN.render(body["markdown"]["text"]))


def _wecom(body: dict[str, Any]) -> str:
    text = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r"<a href='\2'>\1</a>", body["markdown"]["content"])
    text = re.sub(r"\*\*(.*)\*\*", r"<b>\1</b>", text).replace('<font color="comment">', "<span class=small>")
    return text.replace("</font>", "</span>").replace("\n", "<br>")


def _ntfy(body: dict[str, Any]) -> str:
    text = re.sub(r"(https://\S+)", r"<a href='\1'>\1</a>", escape(body["message"]))
    picture = _CHART if "attach" in body else ""
    return f"<b>{escape(body['title'])}</b><div style='white-space:pre-line'>{text}</div>{picture}"


def _mail(content: bytes) -> dict[str, Any]:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("html",))
    assert part is not None
    return {"subject": mail["subject"], "html": part.get_content()}


def _email(body: dict[str, Any]) -> str:
    inner = re.sub(r".*<body[^>]*>|</body>.*", "", re.sub(r"<img[^>]*>", _CHART, body["html"]), flags=re.DOTALL)
    return (
        f"<h4 style='padding:12px 12px 0'>{escape(body['subject'])}</h4><div style='background:#f4f5f7'>{inner}</div>"
    )


_LOOKS = {
    "slack": Look(draw=_slack),
    "discord": Look(
        draw=_discord,
        ground="#313338",
        ink="#dbdee1",
        faint="#a3a6aa",
        link="#00a8fc",
        bubble="#2b2d31",
        round="4px",
        pad="10px 12px",
        face="50%",
    ),
    "telegram": Look(draw=_telegram, ground="#c9dcc0", bubble="#fff", pad="8px 12px", face="50%", link="#168acd"),
    "teams": Look(draw=_teams, ground="#f5f5f5", bubble="#fff", edge="1px solid #e0e0e0", pad="12px", link="#4f52b2"),
    "feishu": Look(draw=_feishu, ground="#fff", bubble="#f2f3f5", pad="10px 12px", face="50%", link="#1456f0"),
    "dingtalk": Look(draw=_dingtalk, ground="#f0f2f5", bubble="#fff", pad="10px 12px", link="#007fff"),
    "wecom": Look(draw=_wecom, ground="#ededed", bubble="#fff", round="4px", pad="10px 12px", link="#576b95"),
    "ntfy": Look(draw=_ntfy, ground="#eef3f1", bubble="#fff", pad="10px 12px", face="50%", link="#338574"),
    "email": Look(draw=_email, edge="1px solid #d9dce1", bubble="#fff", face="50%"),
}


if __name__ == "__main__":
    main()
