"""What hostile and broken answers do: they are bounded, and nothing is opened or fetched because of them.

Each is read in a process of its own that may open no file and no socket.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[4]
# Imports once, and forks for each case.
_READ = """
import gzip, json, os, random, resource, sys
from feeds.sources.upstream.model import UpstreamDocument
from feeds.sources.upstream.reading import read_document
# What is imported late is imported now.
read_document(b"<rss version='2.0'><channel><item><title>a & b \\xe9</title></item></channel></rss>", {}, "https://a.example/")

def refuse(event, arguments):
    if event in ("open", "os.system", "subprocess.Popen") or event.startswith(("socket.", "urllib.")):
        print("touched", event, arguments, flush=True)
        os._exit(1)

def read(name, expression):
    body = eval(expression)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    sys.addaudithook(refuse)
    found = read_document(body, {}, "https://site.example/feed")
    is_read = isinstance(found, UpstreamDocument)
    answer = f"read {len(found.items)} {found.notice or ''}" if is_read else getattr(found, "code", repr(found))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([name, answer, used // 1024]), flush=True)
    os._exit(0)

for case in json.load(sys.stdin).items():
    child = os.fork() or read(*case)
    assert os.waitpid(child, 0)[1] == 0, case[0]
"""
_HEAD = "b'<rss version=\"2.0\"><channel><title>t</title>'"
_TAIL = "b'</channel></rss>'"


def item(content: str) -> str:
    return f"{_HEAD} + b'<item><guid>g</guid>' + {content} + b'</item>' + {_TAIL}"


def atom(content: str) -> str:
    head = 'b\'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>i</id><content type="xhtml">\''
    return f"{head} + {content} + b'</content></entry></feed>'"


def entities(declared: str, used: str) -> str:
    return (
        f"b'<!DOCTYPE r [' + {declared} + b']><rss version=\"2.0\"><channel><title>' + {used} + b'</title>' + {_TAIL}"
    )


_LAUGHS = (
    "b'<!ENTITY a0 \"ha\">' + b''.join(b'<!ENTITY a%d \"%s\">' % (n, b'&a%d;' % (n - 1) * 10) for n in range(1, 10))"
)
CASES = {
    "billion laughs": (entities(_LAUGHS, "b'&a9;'"), "unsafe-entities", 50),
    "quadratic blow-up": (
        entities("b'<!ENTITY a \"' + b'x' * 50_000 + b'\">'", "b'&a;' * 50_000"),
        "unsafe-entities",
        50,
    ),
    "many short entities": (entities("b'<!ENTITY a \"' + b'x' * 99 + b'\">'", "b'&a;' * 500_000"), "broken", 50),
    "a file as an entity": (entities("b'<!ENTITY a SYSTEM \"file:///etc/passwd\">'", "b'&a;'"), "unsafe-entities", 50),
    "an address as one": (
        entities('b\'<!ENTITY a PUBLIC "p" "http://127.0.0.1:9/">\'', "b'&a;'"),
        "unsafe-entities",
        50,
    ),
    "a parameter entity": (entities("b'<!ENTITY % a SYSTEM \"file:///etc/passwd\"> %a;'", "b'x'"), "read 0", 50),
    "an external document type": (
        f"b'<!DOCTYPE rss SYSTEM \"file:///etc/passwd\">' + {_HEAD} + b'<item><title>x</title></item>' + {_TAIL}",
        "read 1",
        50,
    ),
    "a style sheet": (f"b'<?xml-stylesheet href=\"http://127.0.0.1:9/x.xsl\"?>' + {_HEAD} + {_TAIL}", "read 0", 50),
    "a file's name": ("b'/etc/passwd'", "not-a-feed", 50),
    "an address": ("b'http://127.0.0.1:9/feed'", "not-a-feed", 50),
    "200,000 items": (
        f"{_HEAD} + b'<item><title>x</title></item>' * 200_000 + {_TAIL}",
        "read 1000 it has 200000",
        100,
    ),
    "200,000 items of JSON": (
        'b\'{"version": "https://jsonfeed.org/version/1", "items": [\' + b\'{"id": "1"},\' * 200_000 + b\'{}]}\'',
        "read 1000 it has 200001",
        200,
    ),
    "200,000 tags in an item": (item("b'<a>' * 200_000 + b'</a>' * 200_000"), "read 0 1 of its items", 50),
    "200,000 tags around": (f"{_HEAD} + b'<a>' * 200_000 + b'</a>' * 200_000 + {_TAIL}", "too-complex", 50),
    "200,000 open tags": (f"{_HEAD} + b'<a>' * 200_000", "too-complex", 50),
    "200,000 open items": (f"{_HEAD} + b'<item>' * 200_000", "too-complex", 50),
    "200,000 divisions": (atom("b'<div>' * 200_000 + b'</div>' * 200_000"), "read 0 1 of its items", 50),
    "200,000 lists": ("b'[' * 200_000 + b']' * 200_000", "broken", 50),
    "a million values": ("b'{\"items\": [' + b'{},' * 1_500_000 + b'{}]}'", "too-complex", 50),
    "200,000 categories": (item("b'<category>%d</category>' * 200_000"), "read 0 1 of its items", 80),
    "200,000 keywords": (item("b'<keywords>' + b'a,' * 200_000 + b'</keywords>'"), "read 0 1 of its items", 50),
    "a name of a million letters": (item("b'<author>' + b'a' * 1_000_000 + b'</author>'"), "read 0 1 of its items", 50),
    "200,000 attributes": (
        item("b'<a ' + b''.join(b'a%d=\"\" ' % n for n in range(200_000)) + b'/>'"),
        "read 0 1 of",
        80,
    ),
    "50,000 namespaces": (
        "b'<rss ' + b''.join(b'xmlns:a%d=\"u%d\" ' % (n, n) for n in range(50_000)) + b'><channel/></rss>'",
        "too-complex",
        50,
    ),
    "bases on bases": (item("b'<a xml:base=\"aaaaaaaaaa/\">' * 9_000 + b'</a>' * 9_000"), "read 0 1 of its items", 50),
    "a million instructions": (atom("b'<?a?>\\n' * 1_000_000"), "read 1", 150),
    "half a million open comments": (item("b'<!-- ' * 500_000"), "read 0 it is cut short", 50),
    "a hundred thousand sections": (atom("b'<![CDATA[]]>\\n' * 100_000"), "read 1", 150),
    "declarations without end": ("b'<!DOCTYPE r [' + b'<!ENTITY ' * 300_000", "not-a-feed", 50),
    "a million blank lines": (f"b'\\n' * 1_000_000 + {_HEAD} + {_TAIL}", "read 0", 50),
    "references to no character": (item("b'<title>&#99999999;&#xD800;&#0;x</title>' * 10_000"), "read 0 1 of its", 50),
    "ampersands": (item("b'<title>' + b'&' * 400_000 + b'</title>'"), "read 0 1 of its items cannot be read", 50),
    "links without end": ("b'<html>' + b'<link rel=alternate ' * 100_000", "not-a-feed", 50),
    "scripts without end": ("b'<html>' + b'<script>' * 100_000", "not-a-feed", 50),
    "nothing": ("b' \\n'", "empty", 50),
    "zeros": ("b'\\0' * 1_000_000", "not-a-feed", 50),
    "random bytes": ("random.Random(6).randbytes(2_000_000)", "not-a-feed", 50),
    "a picture": ("b'\\x89PNG\\r\\n\\x1a\\n' + b'\\0' * 1_000", "not-a-feed", 50),
    "a compressed feed": ("gzip.compress(b'<rss/>' * 1_000)", "not-a-feed", 50),
    "a sign-in page": ("b'<!doctype html><title>Sign in</title><form><input name=password></form>'", "not-a-feed", 50),
    "an error in JSON": ('b\'{"error": "unauthorised"}\'', "not-a-feed", 50),
    "cut JSON": ('b\'{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}, {"i\'', "broken", 50),
    "another XML": ("b'<?xml version=\"1.0\"?><urlset><url><loc>x</loc></url></urlset>'", "not-a-feed", 50),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[str, int]]:
    """What each is read as, and the megabytes that it took."""
    cases = json.dumps({name: body for name, (body, _, _) in CASES.items()})
    ended = subprocess.run(
        [sys.executable, "-c", _READ], cwd=PROJECT, input=cases, capture_output=True, text=True, timeout=240
    )
    assert ended.returncode == 0, ended.stdout[-500:] + ended.stderr[-2000:]
    return {name: (answer, used) for name, answer, used in map(json.loads, ended.stdout.splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_a_hazard_is_bounded_and_touches_nothing(name: str, answers: dict[str, tuple[str, int]]) -> None:
    _, expected, megabytes = CASES[name]
    answer, used = answers[name]
    assert answer.startswith(expected)
    assert used <= megabytes
