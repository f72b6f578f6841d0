"""The report: one self-contained HTML page per brand, from the published marts. `scripts/report.py` is its command.

source.py     reads a publication, from the DuckDB file or from Postgres
data.py       the queries, and their rows by brand
texts.py      the report's words in English, Korean and Chinese (texts/), and numbers as each language writes them
charts.py     the pictures, as Vega-Lite
page.py       what a page is made of
headlines.py  the figures on top, and what they mean
sections/     what the rest says: sentences, pictures and tables, or why there is none
pages.py      HTML from all that (templates/, report.css, report.js), and files from HTML
"""
