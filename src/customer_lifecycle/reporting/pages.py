"""HTML from a publication, and files from HTML."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from customer_lifecycle.file_names import page_of_brand
from customer_lifecycle.progress import counted
from customer_lifecycle.reporting import LANGUAGES
from customer_lifecycle.reporting.brands import compare
from customer_lifecycle.reporting.charts import SHADES
from customer_lifecycle.reporting.colours import accent_style
from customer_lifecycle.reporting.data import Brand, Publication
from customer_lifecycle.reporting.errors import NOT_WRITTEN, ReportError
from customer_lifecycle.reporting.page import Period, display_name
from customer_lifecycle.reporting.sections import page_of
from customer_lifecycle.reporting.texts import DEFAULT_LANGUAGE, NAMES, Texts, Written

FOLDER = Path(__file__).resolve().parent
TEMPLATES = FOLDER / "templates"
# the version of Vega-Lite that Altair writes, as vl-convert names it: 6.1 of v6.1.0
VEGA_LITE = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]


@cache
def script() -> str:
    """Give the page's JavaScript: report.js, bundled with Vega, Vega-Lite and Vega-Embed."""
    bundle: str = vl_convert.javascript_bundle((FOLDER / "report.js").read_text(encoding="utf-8"), vl_version=VEGA_LITE)
    # neither may end the enclosing script element
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def digest(text: str) -> str:
    """Give the hash by which a Content-Security-Policy allows a script or a style sheet."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def as_json(value: Any) -> Markup:
    """Give JSON that may stand in a script element: no character of it can begin or end one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def raw(text: str) -> str:
    """Give what a download writes of a value: a number with a point and no separators, a date as ISO 8601; of text, the
    text."""
    if not isinstance(text, Written):
        return text
    value = text.raw
    if isinstance(value, date):
        # a month, quarter or year is written by its first day
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    if isinstance(value, float):
        # engines differ in the last digits of a double
        return repr(float(f"{value:.10g}") + 0)
    return repr(value)


def as_periods(periods: list[Period]) -> list[dict[str, Any]]:
    """Give months as the script reads them: of each figure how it is written, its value, and its changes."""
    return [
        {
            "intro": period.intro,
            "story": period.story,
            "figures": {
                headline.name: [str(headline.value), raw(headline.value), headline.changes]
                for headline in period.headlines
            },
        }
        for period in periods
    ]


@cache
def environment() -> Environment:
    """Give Jinja with the templates. Everything is escaped; an unknown name is an error."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["as_json"] = as_json
    templates.filters["raw"] = raw
    templates.filters["periods"] = as_periods
    templates.globals["style"] = Markup((FOLDER / "report.css").read_text(encoding="utf-8"))
    return templates


@dataclass(frozen=True)
class Spoken:
    """A brand's page in one language: all that stands in its body, and its title."""

    language: str
    title: str
    body: str

    @property
    def packed(self) -> str:
        """The body as the page carries it until somebody switches to its language: without a time, so that the same
        publication gives the same bytes."""
        return b64encode(gzip.compress(self.body.encode(), mtime=0)).decode()


def spoken_html(publication: Publication, brand: Brand, language: str, languages: dict[str, str]) -> Spoken:
    """Give a brand's page in one language, with the names of those that it can be switched to."""
    texts = Texts(language, brand.settings.get("currency"))
    body = (
        environment()
        .get_template("body.html.j2")
        .render(
            page=page_of(publication, brand, texts),
            publication=publication,
            settings=brand.settings,
            shades=range(SHADES),
            file=Path(page_of_brand(brand.brand_id)).stem,
            languages=languages,
            t=texts,
        )
    )
    title = f"{display_name(brand)} · {texts('report.title')} · {texts.day(publication.as_of_date)}"
    return Spoken(language, title, body)


def brand_html(publication: Publication, brand: Brand, language: str, others: Iterable[str] = ()) -> str:
    """Give a brand's page in a language, and in others to which it can be switched."""
    languages = {code: NAMES[code] for code in NAMES if code == language or code in others}
    spoken = [spoken_html(publication, brand, code, languages) for code in languages]
    first = next(one for one in spoken if one.language == language)
    return (
        environment()
        .get_template("brand.html.j2")
        .render(
            title=first.title,
            body=Markup(first.body),
            others=[one for one in spoken if one is not first],
            accent=Markup(accent_style(brand.settings.get("logo_colour"))),
            t=Texts(language),
            script=Markup(script()),
            script_hash=digest(script()),
        )
    )


def index_html(publication: Publication, files: dict[str, str], language: str) -> str:
    """Give the page that links to those of the brands, by their files, and compares them."""
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            publication=publication,
            comparison=compare(publication, files, language),
            t=Texts(language),
        )
    )


def language_of(brand: Brand) -> str:
    """Give the language that a brand has set; publications of before that setting have none."""
    return brand.settings.get("language") or DEFAULT_LANGUAGE


def write_pages(publication: Publication, only: str | None, language: str | None, output: Path) -> list[Path]:
    """Write the pages of all brands and, last, the index that links to them; or only one brand's page. Without a
    language each page is in the brand's own, and the index in that of all brands, if they have one in common. Each file
    is written whole or not at all. Returns their paths. Raises ReportError if the folder is not writable."""
    own = {brand_id: language or language_of(brand) for brand_id, brand in publication.brands.items()}
    files = {brand_id: page_of_brand(brand_id) for brand_id in ([only] if only is not None else publication.brands)}
    pages = {
        file: brand_html(publication, publication.brands[brand_id], own[brand_id], LANGUAGES)
        for brand_id, file in counted(list(files.items()), "drawing pages")
    }
    if only is None:
        common = set(own.values())
        pages["index.html"] = index_html(publication, files, common.pop() if len(common) == 1 else DEFAULT_LANGUAGE)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, html in pages.items():
            write_whole(output / name, html)
    except OSError as error:
        raise ReportError(f"{output} cannot be written to: {error}", NOT_WRITTEN) from error
    return [output / name for name in pages]


def write_whole(path: Path, text: str) -> None:
    """Write a file under another name and rename it, so that no reader opens half of it. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files that only their owner may read
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
