"""What a JavaScript file says in so many words, found by its look: nothing of it is run."""

import re

from feeds.yaml_text import Node, Scalar

_COMMENT = re.compile(r"(?<![:\"'`\w])//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_TEXT = r"""(?:"([^"\n\\]{0,500})"|'([^'\n\\]{0,500})'|`([^`$\\]{0,500})`)"""
_LONGEST = 200_000
_VALUE = re.compile(_TEXT)
_FILLED = re.compile(r"\$\{([^{}]{1,200})\}")
_NAMED = re.compile(r"(?<![\w$.])([A-Za-z]\w{0,60})[\"']?\s*[:=]")
_ASSIGNED = re.compile(r"\b(?:const|let|var)\s+(\w{1,60})\s*=")


def without_comments(text: str) -> str:
    """Return a script without its comments."""
    return _COMMENT.sub("", text[:_LONGEST])


def text_of_key(script: str, key: str) -> str | None:
    """Return the text that stands behind a key, as in `title: "Name"`."""
    found = re.search(rf"(?<![\w$.])[\"']?{key}[\"']?\s*:\s*{_TEXT}", script)
    return next((part for part in found.groups() if part is not None), None) if found is not None else None


def node_of_key(script: str, key: str) -> Node | None:
    """Return what stands behind a key: a text, a list of texts, true or false."""
    text = text_of_key(script, key)
    if text is not None:
        return Scalar(text, False)
    found = re.search(rf"(?<![\w$.])[\"']?{key}[\"']?\s*:\s*(?:\[([^\]\[]{{0,2000}})\]|(true|false)\b)", script)
    if found is None:
        return None
    if found[2]:
        return Scalar(found[2], True)
    return [Scalar(one[1] or one[2] or one[3] or "", False) for one in _VALUE.finditer(found[1])]


def nodes_of(script: str) -> dict[str, Node]:
    """Return what a script of front matter says: `const title = "Name";` or `{ title: "Name" }`."""
    script = without_comments(script)
    keys = dict.fromkeys(_NAMED.findall(script[:20_000]))
    plain = _ASSIGNED.sub(r"\1:", script)
    found = ((key, node_of_key(plain, key)) for key in list(keys)[:50])
    return {key: node for key, node in found if node is not None}


def returned_template(script: str, key: str) -> str | None:
    """Return the text that a function of one line makes, `${name}` in it written as `{{ name }}`."""
    head = rf"(?<![\w$.])[\"']?{key}[\"']?\s*(?::\s*)?(?:async\s+)?(?:function\b\s*\w{{0,40}}\s*)?\([^()]{{0,200}}\)\s*"
    found = re.search(head + r"(?:=>\s*)?(?:\{\s*return\b\s*)?\(?\s*`([^`]{0,500})`\s*\)?\s*;?\s*[,}]", script)
    if found is None:
        return None
    return _FILLED.sub(lambda one: "{{ " + one[1].strip().removeprefix("data.") + " }}", found[1])
