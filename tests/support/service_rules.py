"""What each service documents of its webhook: which body it takes, how it counts, how it says no, what readers see.

Written from the services' own documentation, and independent of the code that is tested.
"""

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs

from markdown_it import MarkdownIt

DINGTALK_SECRET = "SEC" + "0f" * 32
FEISHU_SECRET = "abcDEF0123456789abcDEF"
TELEGRAM_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
NTFY_TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
NOW = 1_700_000_000  # the services' clock


class Mood(StrEnum):
    """How a service is disposed."""

    WELL = "well"
    LIMITED = "limited"  # too many messages
    REJECTING = "rejecting"  # not this message
    GONE = "gone"  # nobody is there any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request as it came."""

    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(slots=True, kw_only=True)
class Shown:
    """What a reader sees of a message."""

    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    shown: Shown | None = None  # None for what was not taken


class Refusal(Exception):
    """The service does not take a message: its name for the reason."""


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def need(true: object, name: str) -> None:
    if not true:
        raise Refusal(name)


def as_json(posted: Posted) -> dict[str, Any]:
    need(posted.headers.get("content-type", "").startswith("application/json"), "invalid content type")
    body = json.loads(posted.body)
    need(isinstance(body, dict), "not an object")
    return dict(body)


def says(status: int, value: object, shown: Shown | None = None, **headers: str) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode(), headers=headers, shown=shown)


# Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks


def slack(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return Answer(status=429, body=b"rate_limited", headers={"Retry-After": "30"})
    if mood is Mood.REJECTING:
        return Answer(status=403, body=b"action_prohibited")
    if mood is Mood.GONE or posted.path != "/services/T0/B0/secretsecret":
        return Answer(status=404, body=b"no_service")
    try:
        shown = _slack_shown(as_json(posted))
    except (Refusal, KeyError, ValueError) as error:
        return Answer(status=400, body=f"invalid_blocks {error!r}".encode())
    return Answer(status=200, body=b"ok", shown=shown)


def _slack_shown(body: dict[str, Any]) -> Shown:
    shown = Shown()
    need(body["text"] and len(body["text"]) <= 40_000, "no_text")
    # In this text, < and > would make links and mentions.
    need(not re.search(r"<[!@#]", body["text"]), "a mention")
    blocks = body["blocks"]
    need(1 <= len(blocks) <= 50, "too many blocks")
    need(len(json.dumps(blocks, ensure_ascii=False).encode()) <= 13_000, "msg_blocks_too_long")
    for block in blocks:
        if block["type"] == "header":
            need(block["text"]["type"] == "plain_text" and 1 <= len(block["text"]["text"]) <= 150, "header")
            shown.text += block["text"]["text"] + "\n"
        elif block["type"] == "context":
            need(1 <= len(block["elements"]) <= 10, "context")
            shown.text += "".join(element["text"] for element in block["elements"]) + "\n"
        elif block["type"] == "section":
            need(1 <= len(block["text"]["text"]) <= 3000, "section")
            shown.text += block["text"]["text"]
        else:
            need(block["type"] == "rich_text", "unknown block")
            _slack_rich(block["elements"], shown)
    shown.pictures = [attachment["image_url"] for attachment in body.get("attachments", [])]
    return shown


def _slack_rich(elements: list[dict[str, Any]], shown: Shown) -> None:
    for element in elements:
        if element["type"] in ("rich_text_section", "rich_text_list"):
            need(element["elements"], "empty section")
            _slack_rich(element["elements"], shown)
            shown.text += "\n"
        else:
            need(element["type"] in ("text", "link"), "unknown element")
            need(element["text"], "empty text")
            shown.text += element["text"]
            if element["type"] == "link":
                need(re.match(r"https?://\S+$", element["url"]), "url")
                shown.links.append((element["text"], element["url"]))


# Discord: https://docs.discord.com/developers/resources/webhook#execute-webhook


def discord(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(429, {"message": "You are being rate limited.", "retry_after": 64.57, "global": False})
    if mood is Mood.GONE or posted.path != "/api/webhooks/1234/secretsecret":
        return says(404, {"message": "Unknown Webhook", "code": 10015})
    try:
        need(mood is not Mood.REJECTING, "refused")
        need(parse_qs(posted.query)["wait"] == ["true"], "without wait nothing is checked")
        shown = _discord_shown(as_json(posted))
    except (Refusal, KeyError, ValueError) as error:
        return says(400, {"message": f"Invalid Form Body {error!r}", "code": 50035})
    # With wait=true the whole message comes back, longer than what is read of it.
    return says(200, {"type": 0, "content": "", "embeds": ["x" * 9000], "webhook_id": "1234"}, shown)


def _discord_shown(body: dict[str, Any]) -> Shown:
    need(body["allowed_mentions"] == {"parse": []}, "may ping")
    content, embeds = body.get("content", ""), body.get("embeds", [])
    need(content or embeds, "Cannot send an empty message")
    need(utf16(content) <= 2000, "content")
    need(len(embeds) <= 10, "embeds")
    shown, total = Shown(text=content), 0
    for embed in embeds:
        texts = (
            (embed.get("title", ""), 256),
            (embed.get("description", ""), 4096),
            (embed.get("footer", {}).get("text", ""), 2048),
            (embed.get("author", {}).get("name", ""), 256),
        )
        for text, limit in texts:
            need(utf16(text.strip()) <= limit, f"longer than {limit}")
            total += utf16(text)
        title, description = markdown(texts[0][0]), markdown(texts[1][0])
        if "url" in embed:
            need(len(embed["url"]) <= 2048, "url")
            shown.links.append((title.text, embed["url"]))
        shown.text += "\n".join((title.text, description.text, texts[2][0], texts[3][0], embed.get("timestamp", "")))
        shown.links += description.links
        shown.pictures += [embed["image"]["url"]] if "image" in embed else []
    need(total <= 6000, "embeds in all")
    return shown


# Telegram: https://core.telegram.org/bots/api#sendmessage


def telegram(posted: Posted, mood: Mood) -> Answer:
    failed: Callable[[int, str], dict[str, Any]] = lambda code, text: {  # noqa: E731
        "ok": False,
        "error_code": code,
        "description": text,
    }
    if posted.path != f"/bot{TELEGRAM_TOKEN}/sendMessage":
        return says(404, failed(404, "Not Found"))
    if mood is Mood.LIMITED:
        answer = {**failed(429, "Too Many Requests: retry after 35"), "parameters": {"retry_after": 35}}
        return says(429, answer)
    if mood is Mood.GONE:
        return says(403, failed(403, "Forbidden: bot was kicked from the group chat"))
    try:
        need(mood is not Mood.REJECTING, "not enough rights to send text messages to the chat")
        body = as_json(posted)
        need(body["chat_id"] == "-100200300", "chat not found")
        need(body["parse_mode"] == "HTML" and utf16(body["text"]) <= 35_000, "text")
        reader = TelegramReader()
        reader.feed(body["text"])
        reader.close()
        need(not reader.open, f"can't find end tag corresponding to start tag {reader.open}")
        need(1 <= utf16(reader.shown.text.strip()) <= 4096, "message is too long")
        need(reader.entities <= 100, "entities that nobody would see")
        need(not re.search(r"@\w", reader.outside), "a mention")
    except (Refusal, KeyError, ValueError) as error:
        return says(400, failed(400, f"Bad Request: {error}"))
    preview = body.get("link_preview_options", {})
    reader.shown.pictures = [preview["url"]] if "url" in preview else []
    return says(200, {"ok": True, "result": {"text": "x" * 9000}}, reader.shown)


class TelegramReader(HTMLParser):
    """Reads the tags that Telegram supports, and refuses the others."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown, self.open, self.entities, self.outside, self.href = Shown(), [], 0, "", ""
        self.open: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        need(tag in ("a", "b", "i", "u", "s", "code"), f"unsupported start tag {tag}")
        self.open.append(tag)
        self.entities += 1
        if tag == "a":
            self.href = dict(attrs)["href"] or ""
            self.shown.links.append(("", self.href))

    def handle_endtag(self, tag: str) -> None:
        need(self.open and self.open.pop() == tag, f"unmatched end tag {tag}")

    def handle_data(self, data: str) -> None:
        self.shown.text += data
        if "a" in self.open:
            text, href = self.shown.links[-1]
            self.shown.links[-1] = (text + data, href)
        else:
            self.outside += data


# DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access


def dingtalk(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
    query = {name: values[0] for name, values in parse_qs(posted.query).items()}
    if mood is Mood.GONE or query.get("access_token") != "secretsecret":
        return says(200, {"errcode": 300005, "errmsg": "token is not exist"})
    to_sign = f"{query.get('timestamp')}\n{DINGTALK_SECRET}"
    expected = base64.b64encode(hmac.digest(DINGTALK_SECRET.encode(), to_sign.encode(), "sha256")).decode()
    if query.get("sign") != expected or abs(int(query["timestamp"]) - NOW * 1000) > 3_600_000:
        return says(200, {"errcode": 310000, "errmsg": f"sign not match, {posted.query}"})
    if mood is Mood.REJECTING:
        return says(200, {"errcode": 310000, "errmsg": f"keywords not in content, more: {posted.query}"})
    body = as_json(posted)
    if len(posted.body) > 20_000:
        return says(200, {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"})
    if body["msgtype"] != "markdown" or not body["markdown"]["title"] or not body["markdown"]["text"]:
        return says(200, {"errcode": 40035, "errmsg": "缺少参数 json"})
    assert not body["at"].get("isAtAll")
    assert not body["at"].get("atMobiles")
    return says(200, {"errcode": 0, "errmsg": "ok"}, markdown(body["markdown"]["text"]))


# Feishu: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot


def feishu(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(200, {"code": 11232, "data": {}, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"})
    if mood is Mood.GONE or posted.path != "/open-apis/bot/v2/hook/secretsecret":
        return says(200, {"code": 19001, "data": {}, "msg": "param invalid: incoming webhook access token invalid"})
    body = as_json(posted)
    key = f"{body.get('timestamp')}\n{FEISHU_SECRET}".encode()
    signed = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
    if body.get("sign") != signed or abs(int(body["timestamp"]) - NOW) > 3600:
        return says(200, {"code": 19021, "data": {}, "msg": "sign match fail or timestamp is not within one hour"})
    if mood is Mood.REJECTING:
        return says(200, {"code": 19024, "data": {}, "msg": f"Key Words Not Found, sign={body['sign']}"})
    if len(posted.body) > 20 * 1024:
        return says(400, {"code": 9499, "data": {}, "msg": "Bad Request: body too large"})
    try:
        shown = _feishu_shown(body)
    except (Refusal, KeyError) as error:
        return says(400, {"code": 9499, "data": {}, "msg": f"Bad Request: {error!r}"})
    return says(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}, shown)


def _feishu_shown(body: dict[str, Any]) -> Shown:
    if body["msg_type"] == "interactive":
        (element,) = body["card"]["elements"]
        return Shown(text=element["content"])
    need(body["msg_type"] == "post", "msg_type")
    post = body["content"]["post"]["zh_cn"]
    shown = Shown(text=post["title"] + "\n")
    need(post["content"], "empty")
    for paragraph in post["content"]:
        for element in paragraph:
            need(element["tag"] in ("text", "a") and element["text"], "element")
            shown.text += element["text"]
            if element["tag"] == "a":
                shown.links.append((element["text"], element["href"]))
        shown.text += "\n"
    return shown


# WeCom: https://developer.work.weixin.qq.com/document/path/91770


def wecom(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(200, {"errcode": 45009, "errmsg": "api freq out of limit, hint: [170], from ip: 192.0.2.1"})
    if mood is Mood.GONE or parse_qs(posted.query).get("key") != ["secretsecret"]:
        return says(200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [170], from ip: 192.0.2.1"})
    if mood is Mood.REJECTING:
        return says(200, {"errcode": 40058, "errmsg": f"invalid Request Parameter, {posted.query}"})
    body = as_json(posted)
    content = body["markdown"]["content"]
    if len(content.encode()) > 4096:
        return says(200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"})
    if body["msgtype"] != "markdown" or not content:
        return says(200, {"errcode": 44004, "errmsg": "empty content"})
    without_fonts = re.sub(r'<font color="(?:info|comment|warning)">|</font>', "", content)
    assert "<" not in without_fonts, "what stands in angle brackets pings, or is dropped"
    shown = Shown(links=re.findall(r"\[([^\]]*)\]\(([^)\s]*)\)", without_fonts))
    shown.text = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", without_fonts).replace("**", "")
    return says(200, {"errcode": 0, "errmsg": "ok"}, shown)


# Teams: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook


def teams(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(429, {"error": {"code": "TooManyRequests"}}, **{"Retry-After": "20"})
    if mood is Mood.REJECTING:
        return Answer(
            status=200,
            body=b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 400",
        )
    if mood is Mood.GONE or "sig=secretsecret" not in posted.query:
        return says(404, {"error": {"code": "WorkflowNotFound", "message": f"not found: {posted.query}"}})
    if len(posted.body.decode().encode("utf-16-le")) > 28 * 1024 or len(posted.body) > 28 * 1024:
        return says(413, {"error": {"code": "RequestEntityTooLarge"}})
    try:
        body = as_json(posted)
        (attachment,) = body["attachments"]
        need(body["type"] == "message", "type")
        need(attachment["contentType"] == "application/vnd.microsoft.card.adaptive", "contentType")
        card = attachment["content"]
        need(card["type"] == "AdaptiveCard" and card["version"] == "1.4", "card")
        # A mention needs an entity here besides its text.
        need("entities" not in card["msteams"], "mentions")
        shown = Shown()
        for element in card["body"]:
            _teams_element(element, shown)
    except (Refusal, KeyError, ValueError) as error:
        return says(400, {"error": {"code": "InvalidRequestContent", "message": repr(error)}})
    return Answer(status=202, body=b"", shown=shown)


def _teams_element(element: dict[str, Any], shown: Shown) -> None:
    if element["type"] == "Image":
        shown.pictures.append(element["url"])
    elif element["type"] == "TextBlock":
        shown.text += element["text"]
    elif element["type"] == "Container":
        need(element["selectAction"]["type"] == "Action.OpenUrl", "action")
        inner = Shown()
        for item in element["items"]:
            _teams_element(item, inner)
        shown.text += inner.text
        shown.links.append((inner.text, element["selectAction"]["url"]))
    else:
        need(element["type"] == "RichTextBlock", element["type"])
        for run in element["inlines"]:
            need(run["type"] == "TextRun" and run["text"], "run")
            # Teams does not show these as links.
            need("selectAction" not in run, "a link that nobody sees")
            shown.text += run["text"]
        shown.text += "\n"


# ntfy: https://docs.ntfy.sh/publish/#publish-as-json


def ntfy(posted: Posted, mood: Mood) -> Answer:
    if mood is Mood.LIMITED:
        return says(429, {"code": 42901, "http": 429, "error": "limit reached: too many requests"})
    if mood is not Mood.WELL or posted.headers.get("authorization") != f"Bearer {NTFY_TOKEN}":
        return says(403, {"code": 40301, "http": 403, "error": "forbidden"})
    body = json.loads(posted.body)
    if posted.path != "/" or not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", body["topic"]):
        return says(400, {"code": 40009, "http": 400, "error": "invalid request: topic invalid"})
    # Beyond 4096 bytes the text would become a file.
    if len(posted.body) > 8192 or len(body["message"].encode()) > 4096 or not body["message"]:
        return says(413, {"code": 41303, "http": 413, "error": "JSON body too large"})
    shown = Shown(text=f"{body.get('title', '')}\n{body['message']}")
    shown.links = [(body["title"], body["click"])] if "click" in body else []
    lines = body["message"].split("\n")
    shown.links += [
        (above.removeprefix("• "), line.strip())
        for above, line in itertools.pairwise(lines)
        if line.startswith("  http")
    ]
    shown.pictures = [body["attach"]] if "attach" in body else []
    return says(200, {"id": "x", "topic": body["topic"]}, shown)


RULES: dict[str, Callable[[Posted, Mood], Answer]] = {
    "slack": slack,
    "discord": discord,
    "telegram": telegram,
    "teams": teams,
    "feishu": feishu,
    "dingtalk": dingtalk,
    "wecom": wecom,
    "ntfy": ntfy,
}


def markdown(text: str) -> Shown:
    """What a CommonMark reader sees."""
    shown = Shown()
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        if token.type == "inline":
            _inline(token.children or [], shown)
            shown.text += "\n"
    return shown


def _inline(tokens: Iterable[Any], shown: Shown) -> None:
    href = None
    for token in tokens:
        if token.type == "link_open":
            href = token.attrs["href"]
            shown.links.append(("", href))
        elif token.type == "link_close":
            href = None
        elif token.type == "image":
            shown.pictures.append(token.attrs["src"])
        elif token.type in ("softbreak", "hardbreak"):
            shown.text += "\n"
        else:
            assert token.type in ("text", "text_special"), f"markup that nobody meant: {token.type} {token.content!r}"
            shown.text += token.content
            if href is not None:
                shown.links[-1] = (shown.links[-1][0] + token.content, href)
