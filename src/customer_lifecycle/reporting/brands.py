"""The page of all brands: their figures side by side, amounts only among brands of one currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from customer_lifecycle.reporting.data import Brand, Publication
from customer_lifecycle.reporting.headlines import FIRST, change_of, comparable_month, month_before, trend_of
from customer_lifecycle.reporting.page import Writer, display_name
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import Texts

# what else stands beside the figures of the first screen: column of brand_metrics -> how it is written
OTHERS = {"customers_at_end": "count", "repeat_churn_rate": "percent"}
# what of several brands together is their sum; a rate of them is not
ADDED = ("net_revenue", "orders", "new_customers", "customers_at_end")


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


def heads(publication: Publication, language: str) -> list[str]:
    """Give the names of the columns."""
    t = Texts(language)
    terms = [publication.glossary.get((language, "brand_metrics", column)) for column in FIRST]
    labels = [term["label"] if term else column.replace("_", " ") for term, column in zip(terms, FIRST)]
    return [*labels, t("index.customers"), t("index.churn"), t("index.alerts")]


def lines(publication: Publication, files: dict[str, str], language: str) -> Iterator[Line]:
    """Give the brands that have files: those of one currency together, the one with most revenue first, and below
    several of them what they come to."""
    brands = [compared(publication, publication.brands[brand_id], language) for brand_id in files]
    # a brand without a currency is comparable with no other
    brands.sort(key=lambda one: (one.currency is None, one.currency or one.writer.brand.brand_id, -revenue(one)))
    for currency, group in groupby(brands, key=lambda one: one.currency):
        together = list(group)
        for one in together:
            yield Line(display_name(one.writer.brand), files[one.writer.brand.brand_id], list(cells(one)))
        months = {one.month["period_start"] for one in together if one.month}
        if currency is not None and len(together) > 1 and len(months) == 1:
            t = together[0].writer.t
            yield Line(t("index.together", currency=currency), "", list(sums(together)))


def month_of(publication: Publication, files: dict[str, str], language: str) -> str:
    """Give the name of the last complete month, if that is the same of all brands."""
    brands = [compared(publication, publication.brands[brand_id], language) for brand_id in files]
    months = {one.month["period_start"] if one.month else None for one in brands}
    (month,) = months if len(months) == 1 else (None,)
    return Texts(language).month(month) if month else ""


def revenue(one: Compared) -> float:
    """Give the net revenue of a brand's month."""
    return float(one.month["net_revenue"]) if one.month else 0.0


def cells(one: Compared) -> Iterator[Cell]:
    """Give the figures of one brand."""
    t = one.writer.t
    for column, (kind, more_is_good) in FIRST.items():
        value = one.month[column] if one.month else None
        change, trend = "", ""
        if value is not None and column in one.earlier:
            change, difference = change_of(t, kind, value, one.earlier[column][column])
            trend = trend_of(difference, more_is_good)
        yield Cell(getattr(t, kind)(value), change, trend)
    for column, kind in OTHERS.items():
        yield Cell(getattr(t, kind)(one.month[column] if one.month else None))
    yield Cell(t.count(one.alerts))


def sums(together: Iterable[Compared]) -> Iterator[Cell]:
    """Give the figures of several brands of one currency: sums, compared where each of them is."""
    brands = [one for one in together if one.month]
    t = brands[0].writer.t
    for column, kind in {**{name: kind for name, (kind, _) in FIRST.items()}, **OTHERS}.items():
        if column not in ADDED:
            yield Cell("")
            continue
        value = sum(one.month[column] for one in brands if one.month)
        change, trend = "", ""
        if all(column in one.earlier for one in brands):
            earlier = sum(one.earlier[column][column] for one in brands)
            change, difference = change_of(t, kind, value, earlier)
            trend = trend_of(difference, FIRST[column][1])
        yield Cell(getattr(t, kind)(value), change, trend)
    yield Cell(t.count(sum(one.alerts for one in brands)))
