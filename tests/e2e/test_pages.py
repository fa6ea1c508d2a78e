"""The pages for people, in a real browser: without scripts, with them, on a phone, in the dark, for everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.browser import chromium
from tests.support.site import Flow, post

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
HOSTILE = "<b>קטגוריה</b> \u202e " + "很长的名字" * 40
PHONE = {"width": 360, "height": 700}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module", params=["en", "zh-CN"])
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The feeds of a site in one of our languages."""
    folder = tmp_path_factory.mktemp("pages")
    config = f"title: 测试 & Test\nurl: https://site.example/sub\nlang: {request.param}\nauthor: 张三\n"
    flow = Flow(folder, f"sqlite:///{folder}/pages.db", config=config)
    tags = ("[东财新闻]", f"['{HOSTILE}', Ｆｕｌｌ]")
    flow.write(**{f"p{n}": post(f"Post {n}", categories="[emnews]", tags=tags[n % 2]) for n in range(40)})
    flow.write(
        hostile=f"---\ntitle: '<script>alert(1)</script>{HOSTILE}'\nlang: he\ndate: 2024-05-01 10:00\n---\nשלום\n"
    )
    flow.run()
    yield flow.out
    flow.close()


def opened(browser: Browser, file: Path, **options: object) -> Page:
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    page.goto(file.as_uri())
    return page


def pages_of(out: Path) -> list[Path]:
    hostile = next(path for path in (out / "feeds/tag").glob("*.html") if "很长" in path.name)
    return [out / "feeds/index.html", out / "feeds/all.html", out / "feeds/category/emnews.html", hostile]


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1200), ("dark", 360)])
def test_everybody_can_use_them(browser: Browser, out: Path, scheme: str, width: int) -> None:
    """WCAG 2.2, level AA, as far as a machine can tell (axe-core); and nothing leaves the screen."""
    for file in pages_of(out):
        page = opened(browser, file, color_scheme=scheme, viewport={"width": width, "height": 700})
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{file.name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
        page.context.close()


def test_they_can_be_read_without_scripts(browser: Browser, out: Path) -> None:
    page = opened(browser, out / "feeds/index.html", java_script_enabled=False)
    assert not page.locator("#find").is_visible()
    page.get_by_role("link", name="emnews").first.click()
    assert page.url == (out / "feeds/category/emnews.html").as_uri()
    assert page.locator("article").count() == 30
    assert page.locator("button:visible").count() == 0
    assert page.locator("#rss").input_value() == "https://site.example/sub/feeds/category/emnews.rss"
    page.locator("a.back").click()
    assert page.url == (out / "feeds/index.html").as_uri()
    page.context.close()


@pytest.mark.parametrize(
    ("words", "left"), [("东财", ["东财新闻"]), ("full", ["Ｆｕｌｌ"]), ("张三", ["张三"]), ("zzz", [])]
)
def test_a_search_finds_names_in_any_script(browser: Browser, out: Path, words: str, left: list[str]) -> None:
    page = opened(browser, out / "feeds/index.html")
    page.locator("#find").fill(words)
    rows = page.locator("tbody tr:visible th")
    assert [row.split("\n")[0] for row in rows.all_inner_texts() if "emnews" not in row] == left
    assert page.locator("#nothing").is_visible() == (not left)
    page.context.close()


def test_an_address_is_copied(browser: Browser, out: Path) -> None:
    page = opened(browser, out / "feeds/all.html", permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("button[data-of=atom]")
    named = button.text_content()
    # It says so for two seconds, which a busy machine may miss.
    button.evaluate(
        """button => {
            window.said = [];
            new MutationObserver(() => said.push(button.textContent)).observe(button, {childList: true});
        }"""
    )
    button.click()
    button.click()
    page.wait_for_function("said.length === 4")
    done = button.get_attribute("data-done")
    said = page.evaluate("said")
    assert (said.count(done), said[-1]) == (2, named)
    assert page.evaluate("navigator.clipboard.readText()") == "https://site.example/sub/feeds/all.atom"
    page.context.close()


def test_nothing_goes_wrong_in_them(browser: Browser, out: Path) -> None:
    for file in pages_of(out):
        page = browser.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("requestfailed", lambda request, said=said: said.append(request.url))
        page.goto(file.as_uri())
        assert said == [], file.name
        page.close()


def test_keys_alone_are_enough(browser: Browser, out: Path) -> None:
    page = opened(browser, out / "feeds/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.context.close()


def test_hostile_names_stay_text(browser: Browser, out: Path) -> None:
    page = opened(browser, out / "feeds/all.html", viewport=PHONE)
    hostile = page.locator("article[lang=he] h3")
    assert "<script>alert(1)</script>" in (hostile.text_content() or "")
    assert hostile.get_attribute("dir") == "auto"
    page.context.close()
