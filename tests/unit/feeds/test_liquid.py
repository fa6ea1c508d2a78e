"""Liquid's small rule, by cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.liquid import without_liquid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no liquid", "no liquid"),
        ("a {% raw %}{{ kept }} {% if %}{% endraw %} b", "a {{ kept }} {% if %} b"),
        ("a {%- comment -%}gone {{ x }}{%- endcomment -%} b", "a  b"),
        ("{% if x %}yes{% else %}no{% endif %}", "yesno"),
        ("![]({{ site.url }}/a.png)", "![](/a.png)"),
        ('[x]({{ "/about/" | relative_url }})', "[x](/about/)"),
        ("[x]({{ '/about/' | relative_url }})", "[x](/about/)"),
        ("{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}", "\n\n```ruby\nputs 1\n```\n\n"),
        ("{% highlight %}```{% endhighlight %}", "\n\n````\n```\n````\n\n"),
        ("{% highlight html %}{% raw %}{{ x }}{% endraw %}{% endhighlight %}", "\n\n```html\n{{ x }}\n```\n\n"),
        ("{% include never closed\nnext", "\nnext"),
        ("{% raw %} not closed", " not closed"),
        ("{{ ", ""),
        ("{%%}x{{}}", "x"),
    ],
)
def test_the_words_stay_and_the_tags_go(text: str, expected: str) -> None:
    assert without_liquid(text, is_markdown=True) == expected


def test_code_in_html_is_escaped() -> None:
    text = "{% highlight html %}<b>&{% endhighlight %}"
    assert without_liquid(text, is_markdown=False) == '<pre><code class="language-html">&lt;b&gt;&amp;</code></pre>'


@given(
    st.lists(st.sampled_from(["{%", "%}", "{{", "}}", " raw ", " endraw ", " highlight ", "endhighlight", "x", "\n"]))
)
def test_any_order_of_pieces_ends(pieces: list[str]) -> None:
    without_liquid("".join(pieces), is_markdown=True)


@pytest.mark.parametrize("piece", ["{%", "{{", "{% raw %}", "{% comment %}", "{% highlight x %}", "{% endraw", "{% %}"])
def test_long_texts_of_openings_end(piece: str) -> None:
    assert "{%" not in without_liquid(piece * 20_000, is_markdown=True)
