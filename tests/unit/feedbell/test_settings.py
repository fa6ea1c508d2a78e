"""feedbell.toml: every key, plain mistakes, and secrets that never show."""

import re
import tomllib
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from feedbell.settings import ConditionSettings, Settings, SourceSettings, read_settings
from feedbell.subscriptions import ChoiceSettings, SubscriptionSettings, subscription_names
from feedbell.upstream_settings import CategoryRules

EXAMPLE = Path(__file__).parents[3] / "config" / "feedbell.example.toml"


def test_the_example_says_the_defaults() -> None:
    assert read_settings(EXAMPLE) == Settings()


def test_the_example_names_every_key() -> None:
    # With the comment marks of its optional keys taken off, the example is a complete configuration.
    text = re.sub(r"^# (?=[a-z_]+ = |\[)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    written = tomllib.loads(text)
    # One source cannot have the keys of both kinds.
    feed = {key: written["sources"][0].pop(key) for key in ("url", "publish", "poll_seconds", "max_new", "categories")}
    settings = Settings.model_validate(written)
    assert set(feed["categories"]) == set(CategoryRules.model_fields)
    assert SourceSettings.model_validate({"type": "feed", **feed}).url == feed["url"]
    assert {*written["sources"][0], *feed} == set(SourceSettings.model_fields)
    for section, model in [
        (written, settings),
        (written["site"], settings.site),
        (written["sources"][0]["fields"], settings.sources[0].fields),
        (written["sources"][0]["rules"], settings.sources[0].rules),
        (written["feeds"], settings.feeds),
        (written["feeds"]["category"], settings.feeds.category),
        (written["feeds"]["selections"][0], settings.feeds.selections[0]),
        (written["serve"], settings.serve),
        (written["log"], settings.log),
        (written["polling"], settings.polling),
        (written["hub"], settings.hub),
        (written["deliveries"], settings.deliveries),
        (written["endpoints"][0], settings.endpoints[0]),
        (written["subscriptions"][0], settings.subscriptions[0]),
    ]:
        assert set(section) == set(type(model).model_fields)
    parts = written["feeds"]["selections"][0]
    assert {key for part in ("any", "all", "none") for key in parts[part]} == set(ConditionSettings.model_fields)
    parts = written["subscriptions"][0]
    assert {key for part in ("any", "all", "none") for key in parts[part]} == set(ChoiceSettings.model_fields)
    assert parts["events"] == list(SubscriptionSettings.model_fields["events"].default)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[feeds]\ncuont = 5\n", "feeds.cuont: unknown key"),
        ("[feeds]\ncount = 0\n", "feeds.count: "),
        ("[feeds\n", "not TOML"),
        ('[[subscriptions]]\nendpoint = "nobody"\n', "no endpoint is called 'nobody'"),
        (
            '[[endpoints]]\nname = "a"\nurl = "https://x.example"\nsecret = "s"\n'
            '[[subscriptions]]\nendpoint = "a"\nselections = ["none"]\n',
            "no selection is called 'none'",
        ),
        ('[[subscriptions]]\nendpoint = "a"\ncategories = []\n', "categories: "),
        ('[[sources]]\nname = "a"\n[[sources]]\nname = "a"\n', "two have the name 'a'"),
        ('[[sources]]\n[sources.rules]\ndrop = ["p", "p["]\n', "sources.0.rules.drop: 'p[': "),
        ('[[sources]]\n[sources.rules]\nvia = "a:has(p b)"\n', "sources.0.rules.via: 'a:has(p b)': write one simple"),
        ('[[sources]]\n[sources.rules]\ndrop_text = "*"\n', "sources.0.rules.drop_text: '*': it would match every"),
        ('[[sources]]\n[sources.rules]\nauthor_text = "By *"\n', "sources.0.rules.author_text: 'By *': write {name}"),
        ('[[endpoints]]\nname = "a\\nb"\nurl = "https://x.example"\nsecret = "s"\n', "endpoints.0.name: "),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "feedbell.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"feedbell\.toml") as caught:
        read_settings(path)
    assert told in str(caught.value)


def test_a_mistake_beside_a_secret_does_not_show_it(tmp_path: Path) -> None:
    path = tmp_path / "feedbell.toml"
    path.write_text('[[endpoints]]\nname = "a"\nurl = "https://x.example/token-1"\nsecret = ["hush-hush", 5]\n')
    with pytest.raises(ConfigurationError) as caught:
        read_settings(path)
    assert "hush" not in str(caught.value)
    assert "token" not in str(caught.value)


SELECTION = '\nname = "a"\nany = { tags = ["x"] }\n'


@pytest.mark.parametrize("text", [f"[[feeds.selections]]{SELECTION}", f"[[feeds]]{SELECTION}"])
def test_selections_have_two_spellings(tmp_path: Path, text: str) -> None:
    (tmp_path / "feedbell.toml").write_text(text)
    [selection] = read_settings(tmp_path / "feedbell.toml").feeds.selections
    assert selection.name == "a"
    assert selection.any is not None
    assert selection.any.tags == ("x",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"[feeds]\ncount = 3\n[[feeds]]{SELECTION}", r"write \[\[feeds.selections\]\] for each selection"),
        (f"[[feeds]]{SELECTION}[feeds.tag]\nexclude = []\n", r"tag"),
        (f"[[feeds]]{SELECTION}[feeds]\ncount = 3\n", r"write \[\[feeds.selections\]\] for each selection"),
        ('[[feeds]]\nname = "a b"\nany = { tags = ["x"] }\n', "cannot stand in an address"),
        ('[[feeds]]\nname = "../x"\nany = { tags = ["x"] }\n', "cannot stand in an address"),
        ('[[feeds]]\nname = "index"\nany = { tags = ["x"] }\n', "cannot stand in an address"),
        (f'[[feeds]]{SELECTION}[[feeds]]\nname = "A"\nany = {{ tags = ["x"] }}\n', "more than capitals"),
        ('[[feeds]]\nname = "a"\n', "chooses nothing"),
        ('[[feeds]]\nname = "a"\nany = {}\n', "is empty"),
        ('[[feeds]]\nname = "a"\nany = { tag = ["x"] }\n', "any.tag: unknown key"),
        ('[[feeds]]\nname = "a"\nany = { tags = [] }\n', "at least 1 item"),
    ],
)
def test_a_selection_that_cannot_be_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "feedbell.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        read_settings(tmp_path / "feedbell.toml")


ENDPOINT = '[[endpoints]]\nname = "a"\nurl = "https://x.example"\nsecret = "s"\n[[subscriptions]]\nendpoint = "a"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('patterns = ["(a+"]', r"subscriptions.0.patterns: '\(a\+': missing \): \(a\+; see https://"),
        ('patterns = ["ok", "a(?=b)"]', r"'a\(\?=b\)': \(\?= looks ahead or behind"),
        ('patterns = ["(?<!a)b"]', "looks ahead or behind"),
        (r"patterns = ['(a)\1']", "refers back to a group"),
        ("patterns = ['a*']", "it would match every text"),
        ("any = { patterns = ['(?:(?:a{30}){30}){30}'] }", r"subscriptions.0.any.patterns: "),
        (r"patterns = ['(?:\pL{1,50}x){1,19}']", "it needs too much memory"),
        ("patterns = []", "at least 1 item"),
        (
            'events = ["post.deleted"]',
            "events.0: Input should be 'post.published', 'post.updated', 'post.withdrawn' or",
        ),
        ("events = []", "at least 1 item"),
        ("none = {}", "is empty; name sources, categories, "),
        ('none = { events = ["post.updated"] }', "none.events: unknown key"),
        ('none = { selections = ["nowhere"] }', "no selection is called 'nowhere'"),
        ('selections = ["no*"]', "no selection is called 'no\\*'"),
        ('name = "a b"', "name: "),
        ('name = "a-2"\n[[subscriptions]]\nendpoint = "a"', "two have the name 'a-2'"),
    ],
)
def test_a_subscription_that_cannot_be_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "feedbell.toml").write_text(f"{ENDPOINT}{text}\n")
    with pytest.raises(ConfigurationError, match=told):
        read_settings(tmp_path / "feedbell.toml")


def test_each_subscription_has_a_name() -> None:
    given = [("a", None), ("b", None), ("a", "mine"), ("a", None)]
    found = [SubscriptionSettings(endpoint=endpoint, name=name) for endpoint, name in given]
    assert subscription_names(found) == ["a", "b", "mine", "a-3"]
