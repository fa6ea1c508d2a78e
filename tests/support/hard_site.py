"""A small site with everything in it that a reader may choke on."""

from tests.support.site import post

CONFIG = "title: 难站 & <Hard>\nurl: https://hard.example\ntimezone: Asia/Shanghai\nlang: zh\nauthor: 站长\n"
FILES: dict[str, str] = {
    "_config.yml": CONFIG,
    "_posts/2024-03-01-chinese.md": post("两部门：稳外贸", date="2024-03-01 08:00:00 +0800", category="新闻"),
    "_posts/2024-03-02-markup.md": "---\ntitle: 'A <b>bold</b> &amp; a]]>b &nbsp;c'\n---\n<p>x]]>y</p>\n",
    "_posts/2024-03-03-emoji.md": post("Rockets 🚀 and families 👩‍👩‍👧", tags="[火箭, 🚀]"),
    "_posts/2024-03-04-zone.md": post("West of everywhere", date="2024-03-04 23:30:15 -0930"),
    "_posts/2024-03-05-no-zone.md": post("No zone", date="2024-03-05 10:46:18"),
    "_posts/2024-03-06-über 中文.md": post("An address not in ASCII", category="Wirtschaft und Geld"),
    "_posts/2024-03-07-authors.md": post("Of several", authors="[Ada Lovelace, 王芳, O'Neil & Sons]"),
    "_posts/2024-03-08-no-title.md": "---\ntitle: ''\n---\nBody of a post without a title.\n",
    "_posts/2024-03-09-no-body.md": "---\ntitle: No body\n---\n",
    "_posts/2024-03-10-image.md": post("An image alone", body="![](../pic.png)"),
    "_posts/2999-01-01-future.md": post("Not yet"),
}
