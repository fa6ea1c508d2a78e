"""Categories within categories are as the generator has them: a parent holds its children's posts where it does."""

from pathlib import Path

import pytest

from tests.support.site import Flow, feed_files, post, titles, write

PELICAN = 'SITENAME = "S"\nSITEURL = "https://site.example"\nPATH = "content"\n'


@pytest.mark.parametrize("plugin", ["more_categories", "pelican.plugins.more_categories", "subcategory"])
def test_pelicans_plugins_give_a_parent_the_posts_of_its_children(
    tmp_path: Path, database_url: str, plugin: str
) -> None:
    config = f"{PELICAN}PLUGINS = ['sitemap', '{plugin}']\n"
    flow = Flow(tmp_path, database_url, config=config, config_name="pelicanconf.py")
    # The example of the plugin's own documentation.
    write(
        flow.site,
        {
            "content/a.md": "Title: A\nDate: 2024-05-02\nCategory: foo/bar/bazz\n\nText.\n",
            "content/b.md": "Title: B\nDate: 2024-05-01\nCategory: foo\n\nText.\n",
        },
    )
    flow.run()
    assert flow.titles("category/foo") == ["A", "B"]
    assert flow.titles("category/foo-bar") == ["A"]
    assert flow.titles("category/foo-bar-bazz") == ["A"]
    assert flow.all()[0].categories == ("foo/bar/bazz", "foo/bar", "foo")
    flow.close()


def test_without_a_plugin_pelicans_categories_are_flat(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url, config=PELICAN, config_name="pelicanconf.py")
    write(flow.site, {"content/a.md": "Title: A\nDate: 2024-05-02\nCategory: foo/bar\n\nText.\n"})
    flow.run()
    assert [path.name for path in feed_files(flow.out / "feeds/category")] == [
        "foo-bar.atom",
        "foo-bar.html",
        "foo-bar.json",
        "foo-bar.rss",
    ]
    flow.close()


def test_jekylls_categories_are_flat_whatever_the_address_looks_like(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url)
    flow.write(a=post("A", categories="[foo, bar]"))
    flow.run()
    assert flow.all()[0].url == "https://site.example/foo/bar/2024/05/01/a.html"
    names = {path.stem for path in feed_files(flow.out / "feeds/category")}
    assert names == {"foo", "bar"}
    assert titles(flow.out / "feeds/category/foo.atom") == titles(flow.out / "feeds/category/bar.atom") == ["A"]
    flow.close()


def test_a_slash_in_hugos_terms_makes_no_parent(tmp_path: Path, database_url: str) -> None:
    config = 'baseURL = "https://site.example/"\ntitle = "T"\n'
    flow = Flow(tmp_path, database_url, config=config, config_name="hugo.toml")
    write(flow.site, {"content/a.md": "---\ntitle: A\ndate: 2024-05-01\ncategories: [foo/bar]\n---\nText.\n"})
    flow.run()
    assert {path.stem for path in feed_files(flow.out / "feeds/category")} == {"foo-bar"}
    flow.close()
