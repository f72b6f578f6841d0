"""The documentation site has every page, and asks no other host for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

import project

SITE = project.ROOT / "site"
# pages beside what they describe, which the site shows as well
BESIDE = [
    "README.md",
    "CONTRIBUTING.md",
    "DECISIONLOG.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "examples/*/README.md",
    "orchestration/airflow/README.md",
    "bi/superset/README.md",
    "benchmarks/README.md",
]
SECTIONS = ["Start", "Concepts", "Marts", "Operate", "Extend", "Evidence"]
# attributes with which a page loads something; an `a` only leads elsewhere
LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "link": "href",
}
IN_STYLE = re.compile(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)|@import\s+['\"]((?:https?:)?//[^'\"]+)")


class Settings(yaml.SafeLoader):
    """Reads mkdocs.yml without making the Python objects that it names."""


Settings.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)


@pytest.fixture(scope="module")
def settings() -> dict:
    """mkdocs.yml."""
    return yaml.load((project.ROOT / "mkdocs.yml").read_text("utf-8"), Settings)


def pages_of(navigation: object) -> list[str]:
    """The paths in a navigation, in order."""
    if isinstance(navigation, str):
        return [navigation]
    entries = navigation.values() if isinstance(navigation, dict) else navigation
    return [page for entry in entries for page in pages_of(entry)]


class Loads(HTMLParser):
    """Collects what a page loads from another host."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        values = dict(attributes)
        address = values.get(LOADS.get(tag, "")) or ""
        if re.match(r"(https?:)?//", address) and not (tag == "link" and values.get("rel") == "canonical"):
            self.elsewhere.append(f"{tag} {address}")

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.elsewhere += ["style " + "".join(found) for found in IN_STYLE.findall(data)]


def loaded_from_elsewhere(html: str) -> list[str]:
    """What a page loads from another host."""
    page = Loads()
    page.feed(html)
    return page.elsewhere


def test_every_page_is_in_the_navigation(settings):
    """Each once; a new page of docs/ needs a place in mkdocs.yml."""
    docs = project.ROOT / "docs"
    expected = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    expected |= {path.relative_to(project.ROOT).as_posix() for pattern in BESIDE for path in project.ROOT.glob(pattern)}
    listed = pages_of(settings["nav"])
    assert len(listed) == len(set(listed))
    assert expected - set(listed) == set()
    beside = set(listed) - expected - {"dbt/index.html"}
    assert [page for page in sorted(beside) if not (project.ROOT / page).exists()] == []


def test_site_is_strict_and_asks_no_font_server(settings):
    """A broken link fails the build, fonts are those of the reader's system."""
    assert [title for entry in settings["nav"] for title in entry] == SECTIONS
    assert settings["strict"] is True
    assert settings["theme"]["font"] is False
    assert settings["validation"]["links"]["anchors"] == settings["validation"]["links"]["not_found"] == "warn"
    assert settings["validation"]["nav"]["omitted_files"] == "warn"


def test_what_is_loaded_from_elsewhere_is_seen():
    """The check itself: it tells loading from leading elsewhere."""
    assert loaded_from_elsewhere('<a href="https://a.example/"></a><script src="x.js"></script>') == []
    assert loaded_from_elsewhere('<script src="https://a.example/x.js"></script>') == ["script https://a.example/x.js"]
    assert loaded_from_elsewhere('<link rel="stylesheet" href="//a.example/x.css">') == ["link //a.example/x.css"]
    assert loaded_from_elsewhere("<style>@import 'https://a.example/x.css';</style>") == [
        "style https://a.example/x.css"
    ]


@pytest.mark.skipif(not SITE.exists(), reason="`make site` builds it")
def test_built_site_loads_nothing_from_elsewhere():
    """Neither a page nor a style sheet; the diagram's script is the site's own."""
    pages = sorted(SITE.rglob("*.html"))
    assert len(pages) > 60
    elsewhere = {
        page.relative_to(SITE).as_posix(): found
        for page in pages
        if (found := loaded_from_elsewhere(page.read_text("utf-8")))
    }
    assert elsewhere == {}
    for style in SITE.rglob("*.css"):
        assert not IN_STYLE.search(style.read_text("utf-8")), style
    diagram = (SITE / "architecture.html").read_text("utf-8")
    assert 'class="mermaid"' in diagram
    assert diagram.index("mermaid.tiny.js") < diagram.index("assets/javascripts/bundle.")
    assert (SITE / "assets" / "javascripts" / "mermaid.tiny.js").stat().st_size > 1_000_000


@pytest.mark.skipif(not SITE.exists(), reason="`make site` builds it")
def test_dbt_docs_are_in_the_site():
    """With the project's own overview, no usage statistics, and no path of the machine that built them."""
    html = (SITE / "dbt" / "index.html").read_text("utf-8")
    assert '"send_anonymous_usage_stats": false' in html
    assert "Data flows one way" in html
    assert str(Path(project.ROOT)) not in html
