"""Texts whose beginning Hugo takes as their summary."""

SUMMARIES = (
    "word " * 30 + "\n\n" + "more " * 30 + "\n\n" + "words " * 30 + "\n\nend",
    "中文" * 50 + "\n\n" + "日本" * 50 + "\n\nend",
    "- " + "item " * 80 + "\n\nparagraph\n\nlast",
    "> " + "word " * 80 + "\n>\n> of the quote\n\nnext\n\nlast",
    "> a\n>\n> > " + "word " * 80 + "\n> >\n> > b\n>\n> c\n\nnext",
    "- " + "item " * 80 + "\n\n- b\n\nnext\n\nlast",
    "1. a\n\n   - " + "item " * 80 + "\n\n   - b\n\n   c\n\n2. d\n\nnext",
    "<section><details>\n\n" + "word " * 80 + "\n\nb\n\n</details>\n\nc</section>\n\nnext",
    "<div><!-- <b> --><input>\n<p>" + "word " * 80 + "</p>\n<script>if (a<b) x='</div>'</script>c</div>\n\nnext",
    "<div>\n\n> " + "word " * 80 + "\n>\n> b\n\nthe division never ends\n\nlast",
    "<ul><li>\n\n" + "word " * 80 + "\n\n<li>b</ul>\n\nnext",
    "</div><div/>\n\n" + "word " * 80 + "\n\nb</div></div>\n\nnext",
)
WIDE = (
    "中文" * 34 + "字[链接](https://example.org/a)，" + "中文" * 10 + "\n\n" + "日本" * 50 + "\n\nend",
    "诗歌" * 6 + "  \n" + "诗歌" * 6 + "  \n" + "诗歌" * 6 + "\n\n" + "日本" * 17 + "\n\nend",
    "文<br>字" * 24 + "\n\n" + "日本" * 10 + "\n\nend",
)
