"""What is sent in every row, and to whom: bodies of 3 kB, and endpoints that are each a host of its own."""

import json

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLLSw"
BODY_BYTES = 3000
_WORDS = "央行宣布下调存款准备金率，释放长期资金。"


def host(number: int) -> str:
    """Return the loopback address of endpoint `number`."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def hosts(count: int) -> list[str]:
    """Return the addresses of the first endpoints."""
    return [host(number) for number in range(count)]


def endpoint_name(number: int) -> str:
    """Return what endpoint `number` is called."""
    return f"endpoint-{number:04d}"


def message_id(number: int) -> str:
    """Return the id of message `number`."""
    return f"msg_bench{number:08d}"


def body(number: int) -> str:
    """Return the body of message `number`: JSON of 3,000 bytes, give or take two."""
    post = {"id": f"tag:site.example,2022:{number}", "url": f"https://site.example/{number}", "content_html": ""}
    content = {"type": "post.published", "timestamp": "2022-02-23T10:46:18Z", "data": {"post": post, "feeds": []}}
    left = BODY_BYTES - len(json.dumps(content).encode())
    post["content_html"] = (_WORDS * (left // len(_WORDS)))[: left // 3]
    return json.dumps(content, ensure_ascii=False)
