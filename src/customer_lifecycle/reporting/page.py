"""The parts of a page, and what every part needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.charts import SHADES, Spec
from customer_lifecycle.reporting.data import Brand, Publication
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import Number, Texts

# a table with more columns than this writes amounts in short
MANY_COLUMNS = 9


@dataclass(frozen=True)
class Table:
    """A table: the first column names the row, the columns in `numbers` are set flush right."""

    head: list[str]
    rows: list[list[str]]
    numbers: frozenset[int] = frozenset()

    def in_one_format(self, t: Texts) -> Table:
        """Give the table with the amounts of each column in one format; in short, if it has many columns."""
        columns = [t.in_one_format(list(column), len(self.head) > MANY_COLUMNS) for column in zip(*self.rows)]
        return replace(self, rows=[list(row) for row in zip(*columns)])


@dataclass(frozen=True)
class View:
    """A table that can take the place of a figure's own; a download of it has its name."""

    name: str
    label: str
    table: Table


@dataclass(frozen=True)
class Figure:
    """A picture with its sentence and figures, or whichever of these exist.

    `legend` names the variables of the style sheet; `scale` is a legend of shades. `views` can take the place of the
    table, which is then called `table_label`. If there is nothing to show, the summary says why. Two that are `half`
    share a line; `beside` has its table next to it if there is room.
    """

    name: str
    title: str
    summary: str
    chart: Spec | None = None
    legend: dict[str, str] = field(default_factory=dict)
    scale: str = ""
    table: Table | None = None
    table_label: str = ""
    views: list[View] = field(default_factory=list)
    open_table: bool = False
    half: bool = False
    beside: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading, with what the glossary says about it."""

    name: str
    title: str
    figures: list[Figure]
    intro: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Headline:
    """A figure at the top of the page, with its changes as texts, each with its trend: `better`, `worse` or empty."""

    name: str
    label: str
    value: str
    changes: list[tuple[str, str]]
    definition: str
    spark: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Period:
    """The figures of one month that the page can be switched to: what it is of, the figures and the story's sentences
    about it."""

    name: str
    intro: str
    headlines: list[Headline]
    story: list[str]


@dataclass(frozen=True)
class Page:
    """All that a brand's page holds."""

    name: str
    headline_month: str
    first: list[Headline]
    month_story: list[str]
    story: list[str]
    periods: list[Period]
    today: Figure
    today_more: str
    headlines: list[Headline]
    sections: list[Section]
    glossary: Table
    settings: Table
    rows: str


class Writer:
    """What every section needs: a brand's rows, the words, and the glossary in the page's language."""

    def __init__(self, publication: Publication, brand: Brand, texts: Texts) -> None:
        self.publication = publication
        self.brand = brand
        self.t = texts

    def term(self, mart: str, column: str) -> Row | None:
        """Give the glossary's entry of a column, or None."""
        return self.publication.glossary.get((self.t.language, mart, column))

    def label(self, mart: str, column: str) -> str:
        """Give the glossary's label of a column."""
        return label_of(self.publication, self.t.language, mart, column)

    def definition(self, mart: str, column: str) -> str:
        """Give the glossary's definition of a column, or nothing."""
        term = self.term(mart, column)
        return term["definition"] if term else ""

    def complete(self) -> list[Row]:
        """Give the rows of brand_metrics of the complete months."""
        return [row for row in self.brand["metrics"] if row["is_complete_period"]]


def label_of(publication: Publication, language: str, mart: str, column: str) -> str:
    """Give the glossary's label of a column; the column's own name in words where it has none."""
    term = publication.glossary.get((language, mart, column))
    return term["label"] if term else column.replace("_", " ")


def display_name(brand: Brand) -> str:
    """Give what a brand calls itself; publications of before that setting have none."""
    return brand.settings.get("display_name") or brand.brand_id


def truncated_months(writer: Writer, rows: list[Row], column: str) -> str:
    """Say up to which month it is not known who is new, or nothing: `column` is the start of a row's period."""
    starts = [row[column] for row in rows if row["is_left_truncated"]]
    return writer.t("truncated.until", month=writer.t.month(max(starts))) if starts else ""


def starred(name: str, row: Row) -> str:
    """Mark the name of a period of which it is not known who is new."""
    return f"{name} *" if row["is_left_truncated"] else name


def comparable(rows: list[Row]) -> list[Row]:
    """Give the rows of periods that begin late enough after the brand's first order; all, if none does."""
    return [row for row in rows if not row["is_left_truncated"]] or rows


def margin(writer: Writer) -> str:
    """Say whether values are after the cost of goods."""
    rate = float(writer.brand.settings.get("margin_rate") or 1)
    if rate == 1:
        return writer.t("margin.none")
    return writer.t("margin.set", rate=writer.t.percent(rate))


def first_year(brand: Brand) -> Row | None:
    """Give the latest month whose new customers have all had their first year, or None."""
    known = [row for row in brand["metrics"] if row["ltv_365d"] is not None]
    return known[-1] if known else None


def share(part: Number | None, whole: Number | None) -> float | None:
    """Give part / whole, or None if that is undefined."""
    return float(part) / float(whole) if part is not None and whole else None


def shade(value: float, highest: float) -> str:
    """Give the shade of a heat map for a value: the root of it, so that small differences show."""
    return str(min(SHADES - 1, int(SHADES * (value / highest) ** 0.5))) if highest else "0"


def channel_name(t: Texts, channel: str) -> str:
    """Give the name of a channel as the brand has it; `unknown` is the marts' own word."""
    return t("channel.unknown") if channel == "unknown" else channel


def share_bars(t: Texts, groups: dict[str, Row], summary: str, group_title: str) -> tuple[Spec, dict[str, str]]:
    """Give a chart of each group's share of customers and of revenue, and its legend."""
    measures = {
        t("loyalty.customers"): ("share_of_customers", "customers"),
        t("loyalty.revenue"): ("revenue_share", "revenue"),
    }
    drawn = [
        {"category": name, "measure": measure, "value": round(row[column] or 0, 6), "text": t.percent(row[column] or 0)}
        for name, row in groups.items()
        for measure, (column, _) in measures.items()
    ]
    legend = {measure: colour for measure, (_, colour) in measures.items()}
    titles = {"category": group_title, "measure": t("clv.figure"), "text": t("stage.share")}
    return charts.bars(drawn, legend, summary, titles), legend


def has_spend(brand: Brand) -> bool:
    """Return whether any marketing spend of a brand is known: without a row of it, it is null, not 0."""
    return brand["metrics"][-1]["acquisition_spend"] is not None


def predicted_per_customer(brand: Brand) -> float | None:
    """Give the predicted value of a customer on average, or None if nothing is predicted."""
    return share(
        sum(row["predicted_clv_365d"] for row in brand["predicted_value"]),
        sum(row["customers"] for row in brand["predicted_value"]),
    )


def prediction_status(writer: Writer) -> str:
    """Give why nothing is predicted."""
    for row in writer.brand["fit"]:
        for status in (row["fit_status"], row["gamma_gamma_status"]):
            if status not in ("ok", "at_bound", None):
                return writer.t(f"clv.tenths.none.{status}")
    return writer.t("clv.tenths.none.null")


def past_errors(writer: Writer, kind: str = "range") -> str:
    """Give the range of the errors of past predictions, which stands beside every prediction: as a sentence, or in
    short."""
    t = writer.t
    fits = [row for row in writer.brand["fit"] if row["error_cuts"]]
    if not fits:
        return t(f"clv.errors.{kind}_none")
    (fit,) = fits
    return t(
        f"clv.errors.{kind}" if fit["error_cuts"] > 1 else f"clv.errors.{kind}_one",
        lowest=signed(t, fit["lowest_error_90d"]),
        highest=signed(t, fit["highest_error_90d"]),
        tests=t.count(fit["error_cuts"]),
    )


def signed(t: Texts, value: float | None) -> str:
    """Give a share with its sign."""
    return t.signed(t.percent(value))


def signed_money(t: Texts, value: Number | None) -> str:
    """Give an amount with its sign."""
    return t.signed(t.money(value))
