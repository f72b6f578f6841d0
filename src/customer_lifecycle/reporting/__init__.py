"""The report: one self-contained HTML page per brand, from the published marts. `lifecycle report` writes it.

source.py     reads a publication, from the DuckDB file or from Postgres
data.py       the queries, and their rows by brand
texts.py      the report's words in English, Korean and Chinese (texts/), and numbers as each language writes them
charts.py     the pictures, as Vega-Lite
colours.py    a brand's own colour, made readable
page.py       the parts of a page
headlines.py  the figures at the top, of each month, and what they mean
sections/     the rest: sentences, pictures and tables, or why there are none
pages.py      HTML from all that (templates/, report.css, report.js), in one language and packed in the others, and
              files from HTML
"""

from pathlib import Path

# the languages of the pages: each has a file of texts
LANGUAGES = sorted(path.stem for path in (Path(__file__).resolve().parent / "texts").glob("*.yml"))
