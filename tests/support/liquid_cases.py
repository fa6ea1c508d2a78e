"""A small Jekyll site and pieces of Liquid, to be rendered by Jekyll and by us."""
# ruff: noqa: E501 - each case is one line, so that a failing one is found by its text

FRONT = """title: "A <b>title</b> & 'more'"
date: 2021-12-08 10:46:18 +0800
categories: [News, "Fast 中文"]
tags: [x, y]
int: 3
float: 2.50
big: 1e20
neg: -7
good: true
bad: false
nothing:
quoted: "12"
day: 2021-12-05
moment: 2021-12-05 23:30:00
zoned: 2021-12-05T23:30:00-05:00
zulu: 2021-12-05T23:30:00Z
list: [3, 1, 2]
words: [banana, Apple, cherry]
nested: [[1, 2], [3, [4]]]
map: {a: 1, b: two, c: [x, y]}
people:
  - {name: Ann, age: 30, city: Rome}
  - {name: Bob, age: 25, city: Oslo}
  - {name: Cyd, city: Rome}
octal: 0777
hex: 0x1F
commas: 1,000
sixty: 1:30
kind: note
text: "  spaced   out  "
cjk: "你好hello世界 안녕 hi"
html: "<p>Some <em>text</em></p><script>x</script><!-- c -->"
slug-me: "Hello, Wörld! It's 100% ~fine_ok ñ"
"""

SITE = {
    "_config.yml": """title: Liquid & Co
url: https://example.org
baseurl: /base
timezone: Asia/Shanghai
permalink: /:year/:title.html
author: {name: Ann, email: ann@example.org}
version: 1.10
launched: 2020-02-02
excerpt_separator: "<!--never-->"
plugins: []
""",
    "_includes/plain.html": "[plain {{ page.kind }}]",
    "_includes/given.html": "[{{ include.a }}|{{ include.b }}|{{ include.none }}]",
    "_includes/note.html": "<i>{{ include.text | upcase }}</i>",
    "_includes/assigns.html": "{% assign leaked = include.v %}",
    "_includes/sub/outer.html": "({% include given.html a=include.x b='in' %})",
    "_includes/tree.html": "{{ include.n }}{% if include.n > 0 %}{% assign m = include.n | minus: 1 %},{% include tree.html n=m %}{% endif %}",
    "_includes/breaks.html": "{% if item == 2 %}{% break %}{% endif %}",
    "_posts/beside.html": "",
    "_posts/part.txt": "part of {{ page.int }}",
    "_posts/2021-01-01-first.html": "---\ntitle: First\ncategories: [One]\ntags: [x, z]\n---\nFirst.",
    "_posts/sub/2021-01-02-second.html": "---\ntitle: Second\ncategories: [Two, One]\ntags: [x]\n---\nSecond.",
    "about.html": "---\nlayout: null\n---\nAbout.",
    "assets/a.css": "a {}",
    "_data/people.yml": "- {name: Ann, age: 30}\n- {name: Bob, age: 5}\n",
    "_data/table.csv": "name,age\nAnn,30\nBob,\n",
    "_data/tabs.tsv": "name\tage\nAnn\t30\n",
    "_data/deep/facts.json": '{"a": {"b": [1, 2.5, null, true]}, "t": "é"}',
    "_data/with space.yaml": "x: 1\n",
}

_OUTPUTS = [
    "plain text {{ page.title }} {{page.int}}{{ page.float }} {{ page.big }} {{ page.neg }}",
    "{{ page.good }} {{ page.bad }} [{{ page.nothing }}] [{{ page.missing.deeper }}] [{{ missing }}]",
    "{{ page.day }} {{ page.moment }} {{ page.zoned }} {{ page.zulu }} {{ page.date }}",
    "{{ page.list }} {{ page.words }} {{ page.nested }} {{ page.map }} {{ page.people }}",
    "{{ page.octal }} {{ page.hex }} {{ page.commas }} {{ page.sixty }}",
    "{{ page.list[0] }} {{ page.list[-1] }} {{ page.list[9] }} {{ page['title'] }} {{ page[page.kind] }}",
    "{{ page.list.first }} {{ page.list.last }} {{ page.list.size }} {{ page.title.size }} {{ page.map.size }}",
    "{{ page.map.first }} {{ page.map['b'] }} {{ page.map.c[1] }} {{ page.nested[1][1][0] }}",
    "{{ 'single' }} {{ \"double\" }} {{ 12 }} {{ -1.50 }} {{ true }} {{ nil }} {{ (1..4) }} {{ empty }}",
    "{{ site.title }} {{ site.version }} {{ site.launched }} {{ site.author.name }} {{ site.url }}{{ site.baseurl }}",
    "{{ site.permalink }} {{ site.markdown }} {{ site.future }} {{ site.nothing }}",
    "{{ jekyll.version }} {{ jekyll.environment }} {{ layout.x }} {{ paginator.page }}",
    "{{ page.url }} {{ page.id }} {{ page.path }} {{ page.slug }} {{ page.categories }} {{ page.tags | join: '-' }}",
    "{{ page.quoted | plus: 1 }} {{ page.quoted }}",
]
_LAX = [
    "{{ }} a {{}}",
    "{{ $scope.name }} {{ .Name }} {{ range .Items }} {{ t('key') }}",
    "{{ page.title | }} {{ page.title | . | upcase }}",
    "{{ page.int plus }} {{ page.int, 3 }}",
    "{{ 'a' | append: 'b' 'c' }} {{ 'a' | append: 'b' | upcase | }}",
    "{{ page.map.标题.x }} {{ 标题 }} {{ 1.2.3 }} {{ a-b }} {{ -nothing }}",
    "{% if page.int == 3 && page.bad %}one{% else %}two{% endif %}",
    "{% for i in page.list, limit:2 %}{{ i }}{% endfor %}",
    "{% for i in (1..3) reversed limit:2 offset:1 %}{{ i }}{% endfor %}",
    "{% assign x = page.list|first %}{{x}} {%assign y='z'%}{{y}}",
    "{{ page.words | join:', ' | upcase|downcase }}",
    "{{ 'a|b' | upcase }} {{ 'a' | append: '%' }} {{ 'lone }} {{ a = 1 }} {{ 1 + 1 }} {{ item in list }}",
    "{{{ page.int }}} {{ page.int }}}",
    "{{ page.list [0] }} {{ page . title }}",
    "{% if page.int==3 %}y{% endif %}{% if page.int>2 and page.int<4 %}y{% endif %}",
    "{{ page.title | replace: '<', '(' | replace: '>', ')' }}",
]
_BLOCKS = [
    "{% if page.good %}a{% elsif page.bad %}b{% else %}c{% endif %}{% unless page.bad %}d{% else %}e{% endunless %}",
    "{% if page.nothing %}a{% elsif page.int == 3 %}b{% else %}c{% endif %}",
    "{% if page.good and page.bad or page.int %}a{% else %}b{% endif %}{% if page.bad and page.bad or page.good %}c{% else %}d{% endif %}",
    "{% if page.title contains 'title' %}a{% endif %}{% if page.words contains 'Apple' %}b{% endif %}{% if page.map contains 'a' %}c{% endif %}",
    "{% if page.int > 2.5 %}a{% endif %}{% if page.nothing < 1 %}b{% else %}c{% endif %}{% if page.float <= 2.5 %}d{% endif %}",
    "{% if page.list == empty %}a{% else %}b{% endif %}{% if '' == empty %}c{% endif %}{% if page.nothing == empty %}d{% else %}e{% endif %}",
    "{% if page.missing == blank %}a{% else %}b{% endif %}{% if '' == blank %}c{% else %}d{% endif %}{% if page.int != blank %}e{% endif %}",
    "{% if page.missing == nil %}a{% endif %}{% if page.int <> 3 %}b{% else %}c{% endif %}{% if 1 == 1.0 %}d{% endif %}{% if page.quoted == 12 %}e{% else %}f{% endif %}",
    "{% if 0 %}a{% endif %}{% if '' %}b{% endif %}{% if page.map %}c{% endif %}{% if false %}d{% endif %}",
    "{% if page.day < page.day %}a{% else %}b{% endif %}{% if 'a' < 'b' %}c{% endif %}",
    "{% case page.kind %}{% when 'x' %}1{% when 'note', 'other' %}2{% else %}3{% endcase %}",
    "{% case page.int %} junk {% when 1 or 3 %}a{% when 3 %}b{% else %}c{% endcase %}{% case 9 %}{% when 1 %}{% else %}z{% endcase %}",
    "{% for i in page.list %}{{ forloop.index }}{{ i }}{% if forloop.last %}!{% else %},{% endif %}{% endfor %}",
    "{% for i in page.missing %}x{% else %}none{% endfor %}{% for i in page.title %}[{{ i }}]{% endfor %}",
    "{% for i in page.map %}{{ i[0] }}={{ i[1] }};{{ i }}{% endfor %}{% for i in (page.neg..-5) %}{{ i }}{% endfor %}",
    "{% for i in (1..5) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in (1..6) limit:2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset:continue limit:2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset:continue %}{{ i }}{% endfor %}",
    "{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.parentloop.index }}{{ forloop.rindex0 }}{{ forloop.length }} {% endfor %}{% endfor %}",
    "{% for i in page.list reversed %}{{ i }}{{ forloop.first }}{{ forloop.rindex }}{% endfor %}",
    "{% for p in page.people %}{% cycle 'a', 'b' %}{% cycle 'g': 'x', 'y', 'z' %}{% endfor %}{% cycle 'a', 'b' %}",
    "{% increment n %}{% increment n %}{{ n }}{% decrement m %}{% decrement m %}{{ m }}",
    "{% for i in page.nested[0] %}{% ifchanged %}a{% endifchanged %}{% endfor %}",
    "<table>{% tablerow i in (1..5) cols:2 %}{{ i }}{{ tablerowloop.col }}{% endtablerow %}</table>",
    "{% capture c %} x {{ page.int }} {% endcapture %}[{{ c }}]{% capture 'q' %}  {% endcapture %}[{{ q }}]",
    "{% assign a = 'x' | append: 'y' %}{{ a }}{% for i in (1..2) %}{% assign a = i %}{% endfor %}{{ a }}{% assign b.c = 1 %}[{{ b.c }}]",
    "a {% comment %} {{ no }} {% if x %}{% endif %} {% comment %}{% endcomment %} {% endcomment %} b",
    "{% raw %}{{ kept }} {% if %} {% endraw %}|{% raw %} a {% endraw %}",
    "a  {%- if true -%}  b  {%- endif -%}  c {{- 1 -}} d\n\n{%- assign x = 1 -%}\n\n e 　{%- comment -%} x {%- endcomment -%}　f",
    "x {% if true %} {% endif %} y {% if true %} {% assign a = 1 %} {% endif %} z {% for i in (1..3) %} {% endfor %} w",
    "x {% if true %} {{ nothing }} {% endif %} {% unless false %}\n{% assign b = 2 %}\n{% endunless %}{{ b }}",
    "{% if true\n%}multi{%\nendif %}{{\n page.int\n}}",
    "{% assign seo = 1 %}{{ seo }}",
    "{% if page.good %}{% for i in (1..2) %}{% case i %}{% when 1 %}one{% else %}more{% endcase %}{% endfor %}{% endif %}",
    "{% assign v = page.list | where_exp: 'i', 'i > 1' %}{{ v }}{% assign w = v.size %}{{ w }}",
]
_JEKYLL_TAGS = [
    '{% highlight ruby %}\ndef x\n  1 < 2 && "a"\nend\n{% endhighlight %}',
    "{% highlight c++ %}\n\n  int a;\n\n\n  b &= c;  \n{% endhighlight %} after",
    "{% highlight liquid %}{% raw %}{{ page.title }}{% endraw %} {{ page.int }}{% endhighlight %}",
    "{% highlight unknownlang %}<b>{% endhighlight %}{% highlight JS %}x{% endhighlight %}",
    "{% post_url 2021-01-01-first %} {% post_url /2021-01-01-first %} {% post_url sub/2021-01-02-second %}",
    "{% link about.html %} {% link assets/a.css %} {% link _posts/2021-01-01-first.html %}",
    "{% assign f = 'about' %}{% link {{ f }}.html %}",
    '{% include plain.html %} {%include plain.html%} {% include given.html a="x y" b=page.int %}',
    '{% include given.html a=\'it\\\'s\' b="say \\"hi\\"" %}',
    "{% assign n = 'plain' %}{% include {{ n }}.html %} {% include {{ page.kind }}.html text=\"t\" %}",
    "{% include sub/outer.html x=page.kind %} {% include given.html %}",
    "{% include assigns.html v='out' %}{{ leaked }}{{ include.v }}",
    "{% include tree.html n=4 %}",
    "{% for item in (1..3) %}{{ item }}{% include breaks.html %}{% endfor %}",
    "{% include given.html a=true b=1.5 %} {% include given.html\n  a='1'\n  b='2' %}",
    "{% include_relative part.txt %}",
]
_TEXT = [
    "{{ page.title | escape }} {{ page.title | escape | escape_once }} {{ page.title | xml_escape }} {{ 'a&b<\"' | h }}",
    "{{ page.title | strip_html }} {{ page.html | strip_html }} {{ '<a <b> c> <' | strip_html }} {{ 'a<!-- b' | strip_html }}",
    "[{{ page.text | strip }}] [{{ page.text | lstrip }}] [{{ page.text | rstrip }}] [{{ page.text | normalize_whitespace }}]",
    "{{ page.kind | upcase }} {{ 'ÀB' | downcase }} {{ 'hELLO wORLD' | capitalize }} {{ 12 | upcase }} {{ page.words | upcase }}",
    "{{ 'a-b-c' | replace: '-', '+' }} {{ 'a-b-c' | replace_first: '-', '+' }} {{ 'a-b-c' | remove: '-' }} {{ 'a-b-c' | remove_first: '-' }} {{ 'ab' | replace: '', '.' }}",
    "{{ 'x' | append: 1 | prepend: page.float }} {{ nil | append: 'x' }} {{ page.list | append: 'x' }}",
    "{{ 'The quick brown fox' | truncate: 10 }} {{ 'The quick brown fox' | truncate: 10, '' }} {{ 'short' | truncate }} {{ 'abcdef' | truncate: 2 }}",
    "{{ 'The quick  brown fox' | truncatewords: 3 }} {{ 'one two' | truncatewords: 2 }} {{ ' a b c' | truncatewords: 0, '--' }} {{ nil | truncatewords }}",
    "{{ 'a,b,,c,,' | split: ',' | jsonify }} {{ ' a  b ' | split: ' ' | jsonify }} {{ 'abc' | split: '' | jsonify }} {{ '' | split: ',' | jsonify }}",
    "{{ page.slug-me | slugify }} {{ page.slug-me | slugify: 'pretty' }} {{ page.slug-me | slugify: 'raw' }} {{ page.slug-me | slugify: 'ascii' }} {{ page.slug-me | slugify: 'latin' }} {{ page.slug-me | slugify: 'none' }}",
    "{{ '中文 标题' | slugify }} {{ '中文 a' | slugify: 'latin' }} {{ 'Æsop œ ß Łódź' | slugify: 'latin' }} {{ nil | slugify }}",
    "{{ page.cjk | number_of_words }} {{ page.cjk | number_of_words: 'cjk' }} {{ page.cjk | number_of_words: 'auto' }} {{ 'one two' | number_of_words: 'auto' }}",
    "{{ 'a b/ä+~*' | cgi_escape }} {{ 'a b/ä+~*' | url_encode }} {{ 'a+b%C3%A4' | url_decode }} {{ 'foo, bar \\baz?ä' | uri_escape }} {{ 'a%20b' | uri_escape }}",
    '{{ "a\nb\r\nc" | newline_to_br }} {{ "a\nb\r\nc" | strip_newlines }}',
    "{{ page.map | jsonify }} {{ page.people | jsonify }} {{ page.title | jsonify }} {{ page.day | jsonify }} {{ page.date | jsonify }} {{ nil | jsonify }} {{ 1.0 | jsonify }}",
    "{{ page.map | inspect }} {{ page.title | inspect }} {{ nil | inspect }} {{ page.float | inspect }} {{ 'a\n#$b\\' | inspect }}",
    "{{ 'some *text*' | markdownify }}",
    "{{ page.kind | smartify }} {{ 'a -- b --- c ... d' | smartify }}",
    "{{ page.title | size }} {{ page.list | size }} {{ page.map | size }} {{ nil | size }} {{ 5 | size }} {{ true | size }}",
    "{{ 'abc' | slice: 1 }} {{ 'abcdef' | slice: -3, 2 }} {{ page.list | slice: 1, 5 | jsonify }} {{ 'abc' | slice: 9 }} {{ 'abc' | slice: 3, 1 | jsonify }}",
    "{{ nil | default: 'd' }} {{ '' | default: 'd' }} {{ false | default: 'd' }} {{ false | default: 'd', allow_false: true }} {{ page.int | default: 9 }}",
    "{{ 'abc' | first }} [{{ 'abc' | last }}] {{ page.list | first }} {{ page.map | first }}",
]
_NUMBERS = [
    "{{ 3 | plus: 4 }} {{ 3 | plus: 4.5 }} {{ '3.2' | plus: '1' }} {{ 'x' | plus: 1 }} {{ nil | plus: 1 }} {{ 0.1 | plus: 0.2 }}",
    "{{ 7 | minus: 9 }} {{ 7 | times: 3 }} {{ 7 | times: 0.5 }} {{ 7 | divided_by: 2 }} {{ -7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ 20 | divided_by: 7.0 }}",
    "{{ 7 | modulo: 3 }} {{ -7 | modulo: 3 }} {{ 7.5 | modulo: 2 }} {{ -7.5 | modulo: 2 }}",
    "{{ 1.5 | round }} {{ 2.5 | round }} {{ -2.5 | round }} {{ 2.345 | round: 2 }} {{ 183.357 | round: 2 }} {{ 3 | round: 1 }} {{ '4.6' | round }}",
    "{{ 1.2 | ceil }} {{ -1.2 | ceil }} {{ 1.8 | floor }} {{ -1.2 | floor }} {{ '3.5' | ceil }} {{ -17 | abs }} {{ '-1.50' | abs }}",
    "{{ 4 | at_least: 5 }} {{ 4 | at_most: 3.5 }} {{ 5 | at_least: 2 }} {{ 1.0 | times: 1 }} {{ 1000000 | times: 1000000000000 }}",
    "{{ '12abc' | to_integer }} {{ 3.9 | to_integer }} {{ true | to_integer }} {{ false | to_integer }} {{ nil | to_integer }} {{ 'x' | to_integer }}",
    "{{ 100000000000000000000.0 | times: 1 }} {{ 0.00001 | times: 1 }} {{ 1.0 | divided_by: 3 }} {{ 1e3 | plus: 1 }}",
]
_LISTS = [
    "{{ page.list | sort | jsonify }} {{ page.words | sort | jsonify }} {{ page.words | sort_natural | jsonify }} {{ page.list | reverse | jsonify }}",
    "{{ page.people | sort: 'age' | map: 'name' | jsonify }} {{ page.people | sort: 'age', 'last' | map: 'name' | jsonify }} {{ page.people | sort: 'name' | map: 'age' | jsonify }}",
    "{{ page.people | where: 'city', 'Rome' | map: 'name' | jsonify }} {{ page.people | where: 'age', 30 | size }} {{ page.people | where: 'age', nil | map: 'name' | jsonify }} {{ page.people | where: 'age', '25' | size }}",
    "{{ page.people | where_exp: 'p', 'p.age > 26' | map: 'name' | jsonify }} {{ page.people | where_exp: 'p', \"p.city == 'Rome' and p.age\" | size }} {{ page.words | where_exp: 'w', \"w contains 'an'\" }}",
    "{{ page.people | find: 'city', 'Rome' | jsonify }} {{ page.people | find: 'city', 'X' | jsonify }} {{ page.people | find_exp: 'p', 'p.age < 28' | jsonify }}",
    "{{ page.people | group_by: 'city' | jsonify }}",
    "{{ page.people | group_by_exp: 'p', 'p.name | size' | jsonify }} {{ page.list | group_by_exp: 'i', \"i | modulo: 2\" | jsonify }}",
    "{{ page.tags | concat: page.words | jsonify }} {{ page.nested | concat: page.nested | jsonify }}",
    "{{ page.nested | join: '-' }} {{ page.list | join }} {{ page.words | uniq | size }} {{ 'a,b,a' | split: ',' | uniq | join }} {{ page.nested | compact | jsonify }}",
    "{{ page.people | map: 'age' | compact | jsonify }} {{ page.map | map: 'a' | jsonify }} {{ page.people | uniq: 'city' | map: 'name' | jsonify }}",
    "{{ page.list | push: 9 | jsonify }} {{ page.list | unshift: 'x' | jsonify }} {{ page.list | pop | jsonify }} {{ page.list | pop: 2 | jsonify }} {{ page.list | shift | jsonify }} {{ page.list | shift: 5 | jsonify }} {{ 'x' | push: 1 }}",
    "{{ page.words | array_to_sentence_string }} {{ page.words | array_to_sentence_string: 'or' }} {{ page.tags | array_to_sentence_string }} {{ page.nested[0] | first }}",
    "{{ page.list | first }} {{ page.list | last }} {{ (1..4) | join: ',' }} {{ (1..4) | size }} {{ (1..4) | first }}{% assign r = (1..3) %}{{ r }}{{ r | reverse | jsonify }}",
    "{{ page.list | sort | reverse | slice: 0, 2 | join: '+' }}",
    "{{ 'x' | split: ',' | sample }}",
    "{{ site.data.people | sort: 'age' | map: 'name' | join }} {{ site.data.people[0].name }} {{ site.data['people'].size }}",
    "{{ site.data.table | jsonify }} {{ site.data.tabs | jsonify }} {{ site.data.deep.facts | jsonify }} {{ site.data.deep.facts.a.b[1] }} {{ site.data.with_space.x }}",
    "{% for p in site.data.table %}{{ p.name }}:{{ p.age | default: '?' }} {% endfor %}{{ site.data.missing.x }}",
    "{% for p in site.posts %}{% unless p.slug contains 'case' %}{{ p.title }} {{ p.url }} {{ p.date | date: '%F' }} {{ p.id }};{% endunless %}{% endfor %}",
    "{{ site.categories['Two'].size }} {{ site.categories.Two[0].title }} {{ site.tags['z'][0].url }} {{ site.tags.nothing | jsonify }}",
    "{% assign p = site.posts | where: 'title', 'First' | first %}{{ p.title }} {{ p.url | relative_url }} {{ p | absolute_url }}",
]
_DATES = [
    "{{ page.date | date: '%Y-%m-%d %H:%M:%S %z' }} {{ page.date | date: '%a, %b %-d, %y' }} {{ page.date | date: '%A %B %e %j %U %W %V %G %u %w' }}",
    "{{ page.date | date: '%I:%M %p %P %l %k %L %N %3N %s %Z %:z %::z' }} {{ page.date | date: '%c | %D | %F | %T | %R | %r | %x | %X | %v | %+' }}",
    "{{ page.date | date: '%^a %^B %#p %05d %-m %_m %10A %-H%% %n%t %Q %C %h %E %Ey' }}",
    "{{ '2021-02-03' | date: '%d.%m.%Y' }} {{ 'March 14, 2016' | date: '%b %d, %y' }} {{ 'no date' | date: '%Y' }} {{ '' | date: '%Y' }} {{ nil | date: '%Y' }} {{ page.date | date: '' }}",
    "{{ 1152098955 | date: '%m/%d/%Y %H' }} {{ '1152098955' | date: '%m/%d/%Y' }} {{ page.day | date: '%d %b %Y %H' }} {{ '2021-02-03 10:00 +0200' | date: '%H %z' }}",
    "{{ page.date | date_to_string }} {{ page.date | date_to_long_string }} {{ page.date | date_to_string: 'ordinal' }} {{ page.date | date_to_string: 'ordinal', 'US' }} {{ page.date | date_to_long_string: 'ordinal', 'US' }} {{ page.date | date_to_long_string: 'ordinal' }}",
    "{{ page.date | date_to_xmlschema }} {{ page.date | date_to_rfc822 }} {{ page.day | date_to_xmlschema }} {{ page.zoned | date_to_xmlschema }} {{ page.zulu | date_to_rfc822 }} {{ '2021-02-03' | date_to_xmlschema }} {{ nil | date_to_string }}",
    "{{ page.moment | date_to_long_string }} {{ page.zoned | date: '%F %T %z' }} {{ page.zulu | date: '%F %T %Z' }} {{ page.moment | date: '%F %T %Z' }}",
    "{% if page.zoned > page.zulu %}later{% endif %}{% if page.date > page.moment %}later{% endif %}{% if page.day == page.day %}same{% endif %}",
]
_URLS = [
    "{{ '/a' | relative_url }} {{ 'a b.html' | relative_url }} {{ '' | relative_url }} {{ '/' | relative_url }} {{ 'https://x.org/a' | relative_url }} {{ '//x.org/y' | relative_url }} {{ nil | relative_url }}",
    "{{ '/a' | absolute_url }} {{ 'ä/b?c=d e#f g' | absolute_url }} {{ '' | absolute_url }} {{ 'mailto:a@b.c' | absolute_url }} {{ '/a/../b/./c' | absolute_url }} {{ '//x.org/y' | absolute_url }}",
    "{{ page.url | relative_url }} {{ page.url | absolute_url }} {{ '/x/index.html' | strip_index }} {{ '/x/index.htm?y' | strip_index }} {{ 'index.html' | strip_index }} {{ '#top' | relative_url }} {{ '?q=1' | relative_url }}",
    "{{ '/中文/%E4%B8%AD' | relative_url }} {{ '/a%2Fb' | absolute_url }} {{ '/a|b' | relative_url }} {{ page.title | cgi_escape }}",
]

CASES = [*_OUTPUTS, *_LAX, *_BLOCKS, *_JEKYLL_TAGS, *_TEXT, *_NUMBERS, *_LISTS, *_DATES, *_URLS]
