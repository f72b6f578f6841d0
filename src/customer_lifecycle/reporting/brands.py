"""The page of all brands: their figures side by side, amounts only among brands of one currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from customer_lifecycle.reporting.data import Brand, Publication
from customer_lifecycle.reporting.headlines import FIRST, change_of, comparable_month, month_before, trend_of
from customer_lifecycle.reporting.page import Writer, display_name, label_of
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import Number, Texts

# what else stands beside the figures of the first screen: column of brand_metrics -> how it is written
OTHERS = {"customers_at_end": "count", "repeat_churn_rate": "percent"}


@dataclass(frozen=True)
class Cell:
    """A figure, and its change from the same month a year before, with its trend."""

    value: str
    change: str = ""
    trend: str = ""


@dataclass(frozen=True)
class Line:
    """A brand, or all brands of a currency, which have no file."""

    name: str
    file: str
    cells: list[Cell]


@dataclass(frozen=True)
class Comparison:
    """What the page shows: the names of the columns, a line for each brand, and their month if it is the same of all,
    otherwise nothing."""

    heads: list[str]
    lines: list[Line]
    month: str


@dataclass(frozen=True)
class Compared:
    """A brand with its last complete month, and the months a year before with which its figures may be compared."""

    writer: Writer
    month: Row | None
    earlier: dict[str, Row]

    @property
    def currency(self) -> str | None:
        """The brand's currency."""
        return self.writer.brand.settings.get("currency")

    @property
    def alerts(self) -> int:
        """How many alerts are open, of customers and of the brand as a whole."""
        brand = self.writer.brand
        return sum(int(row["alerts"]) for row in brand["alerts"]) + len(brand["brand_alerts"])


def compared(publication: Publication, brand: Brand, language: str) -> Compared:
    """Give a brand as it is compared with others."""
    writer = Writer(publication, brand, Texts(language, brand.settings.get("currency")))
    months = writer.complete()
    if not months:
        return Compared(writer, None, {})
    now = months[-1]
    start = month_before(now["period_start"], 12)
    found = {column: comparable_month(writer, column, now, "year_before", start)[0] for column in FIRST}
    return Compared(writer, now, {column: row for column, row in found.items() if row is not None})


def compare(publication: Publication, files: dict[str, str], language: str) -> Comparison:
    """Give the brands that have files side by side."""
    t = Texts(language)
    brands = [compared(publication, publication.brands[brand_id], language) for brand_id in files]
    labels = [label_of(publication, language, "brand_metrics", column) for column in FIRST]
    months = {one.month["period_start"] if one.month else None for one in brands}
    (month,) = months if len(months) == 1 else (None,)
    return Comparison(
        heads=[*labels, t("index.customers"), t("index.churn"), t("index.alerts")],
        lines=list(lines(brands, files)),
        month=t.month(month) if month else "",
    )


def lines(brands: list[Compared], files: dict[str, str]) -> Iterator[Line]:
    """Give those of one currency together, the one with most revenue first, and below several of them what they come
    to."""
    # a brand without a currency is comparable with no other
    ranked = sorted(
        brands, key=lambda one: (one.currency is None, one.currency or one.writer.brand.brand_id, -revenue(one))
    )
    for currency, group in groupby(ranked, key=lambda one: one.currency):
        together = list(group)
        for one in together:
            yield Line(display_name(one.writer.brand), files[one.writer.brand.brand_id], list(cells(one)))
        months = {one.month["period_start"] for one in together if one.month}
        if currency is not None and len(together) > 1 and len(months) == 1:
            t = together[0].writer.t
            yield Line(t("index.together", currency=currency), "", list(sums(together)))


def revenue(one: Compared) -> float:
    """Give the net revenue of a brand's month."""
    return float(one.month["net_revenue"]) if one.month else 0.0


def cell(t: Texts, column: str, value: Number | None, earlier: Number | None) -> Cell:
    """Give a figure of the first screen, with its change from the year before where that may be compared."""
    kind, more_is_good = FIRST[column]
    written = getattr(t, kind)(value)
    if value is None or earlier is None:
        return Cell(written)
    change, difference = change_of(t, kind, value, earlier)
    return Cell(written, change, trend_of(difference, more_is_good))


def cells(one: Compared) -> Iterator[Cell]:
    """Give the figures of one brand."""
    t, month = one.writer.t, one.month or {}
    for column in FIRST:
        yield cell(t, column, month.get(column), one.earlier.get(column, {}).get(column))
    for column, kind in OTHERS.items():
        yield Cell(getattr(t, kind)(month.get(column)))
    yield Cell(t.count(one.alerts))


def sums(together: Iterable[Compared]) -> Iterator[Cell]:
    """Give the figures of several brands of one currency: sums, compared where each of them is; a rate has none."""
    brands = [one for one in together if one.month]
    t = brands[0].writer.t
    for column, (kind, _) in FIRST.items():
        earlier = [one.earlier[column][column] for one in brands if column in one.earlier]
        comparable = sum(earlier) if len(earlier) == len(brands) else None
        yield Cell("") if kind == "percent" else cell(t, column, total(brands, column), comparable)
    for column, kind in OTHERS.items():
        yield Cell("" if kind == "percent" else getattr(t, kind)(total(brands, column)))
    yield Cell(t.count(sum(one.alerts for one in brands)))


def total(brands: Iterable[Compared], column: str) -> Number:
    """Give what a figure of the month comes to."""
    added: Number = sum(one.month[column] for one in brands if one.month)
    return added
