#!/usr/bin/env python3
"""Draw the pictures of docs/results.md from the marts of the built sample into docs/images/.

    python tools/docs/plot_results.py          # after `dbt build`; needs requirements-plots.txt

Every figure in a picture, its title's too, is read from the marts; the statements in titles are true for the committed
sample. The same version of matplotlib draws the same bytes.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from io import BytesIO
from pathlib import Path

import duckdb
import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patches import Rectangle
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
BRAND = "atelier"
INK, SOFT, PAPER = "#222222", "#5f6368", "#ffffff"
# from bottom to top; also distinguishable by lightness
STAGE_COLOURS = {
    "advocacy": "#004488",
    "retention": "#6699cc",
    "purchase": "#eecc66",
    "consideration": "#c4c4c4",
    "awareness": "#e3e3e3",
    "churned": "#994455",
}
BLUES = LinearSegmentedColormap.from_list("blues", ["#f4f7fb", "#b9d0e8", "#6699cc", "#2a64a5", "#003366"])
FRAME = {"fill": False, "edgecolor": "#994455", "linewidth": 2.2, "clip_on": False}
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": "#bbbbbb",
    "axes.linewidth": 0.8,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


def head(figure: plt.Figure, title: str, subtitle: str) -> None:
    """The finding, and below it what is shown."""
    figure.text(0.015, 0.975, title, fontsize=13.5, fontweight="bold", va="top")
    figure.text(0.015, 0.915, subtitle, fontsize=10, color=SOFT, va="top")


def save(figure: plt.Figure, name: str) -> None:
    """Save a picture without anything that changes from run to run."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=160)
    plt.close(figure)
    # a palette: a third of the size, with no visible difference
    Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)
    print(f"{(IMAGES / name).relative_to(ROOT)}: {(IMAGES / name).stat().st_size // 1024} KB")


def one(connection: duckdb.DuckDBPyConnection, query: str):
    """The one value that a query gives."""
    return connection.execute(query).fetchone()[0]


def draw_stage_mix(connection: duckdb.DuckDBPyConnection) -> None:
    """Customers by lifecycle stage at the end of each month, stacked."""
    rows = connection.execute(
        f"""
        select period_end, stage, customers from marts.lifecycle_stages
        where brand_id = '{BRAND}' and period_grain = 'month' and is_complete_period
        order by period_start
        """
    ).fetchall()
    days = sorted({day for day, _, _ in rows})
    by_stage = {stage: [] for stage in STAGE_COLOURS}
    for _, stage, customers in rows:
        by_stage[stage].append(customers)
    live_buyers = one(
        connection,
        f"""
        select sum(acquired_customers) from marts.acquisition_channels
        where brand_id = '{BRAND}' and channel = 'instagram_live' and period_start = '2025-12-01'
        """,
    )
    leavers = one(
        connection,
        f"""
        select customers from marts.lifecycle_transitions
        where brand_id = '{BRAND}' and period_grain = 'month' and period_start = '2026-06-01'
            and from_stage = 'purchase' and to_stage = 'churned'
        """,
    )

    figure, axes = plt.subplots(figsize=(9.4, 5.0))
    figure.subplots_adjust(left=0.075, right=0.83, top=0.86, bottom=0.07)
    axes.stackplot(days, by_stage.values(), colors=STAGE_COLOURS.values(), edgecolor=PAPER, linewidth=0.8)
    bottom = 0
    for stage, counts in by_stage.items():
        axes.annotate(
            f"{stage}  {counts[-1]}",
            (days[-1], bottom + counts[-1] / 2),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=10,
            annotation_clip=False,
        )
        bottom += counts[-1]

    def top_of(stage: str, day: date) -> int:
        names = list(STAGE_COLOURS)
        return sum(by_stage[name][days.index(day)] for name in names[: names.index(stage) + 1])

    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 4, "shrinkB": 2}
    december, june = date(2025, 12, 31), date(2026, 6, 30)
    axes.annotate(
        f"December: a live campaign\nbrings {live_buyers:.0f} first buyers",
        (december, top_of("purchase", december) - 30),
        xytext=(date(2025, 6, 5), 600),
        fontsize=10,
        arrowprops=arrow,
    )
    axes.annotate(
        f"June: {leavers} first buyers\ncount as lost",
        (date(2026, 6, 22), top_of("churned", june) - 190),
        xytext=(date(2025, 10, 5), 850),
        fontsize=10,
        arrowprops=arrow,
    )
    axes.set_xlim(days[0], days[-1])
    axes.set_ylim(0, 940)
    axes.set_ylabel("known customers at the end of the month")
    axes.xaxis.set_major_locator(mdates.MonthLocator(bymonth=(1, 4, 7, 10), bymonthday=-1))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b %Y"))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    head(
        figure,
        "A campaign's one-time buyers swell the purchase stage, and leave half a year later",
        "Customers by lifecycle stage, marts.lifecycle_stages, the sample's synthetic brand",
    )
    save(figure, "stage_mix.png")


def ink_on(colour: tuple[float, ...]) -> str:
    """Dark or light ink, whichever reads better on a colour."""
    red, green, blue = colour[:3]
    return PAPER if 0.299 * red + 0.587 * green + 0.114 * blue < 0.53 else INK


def draw_cohorts(connection: duckdb.DuckDBPyConnection) -> None:
    """Share of a month's first buyers who bought in each later month."""
    rows = connection.execute(
        f"""
        select cohort_start, cohort_size, period_index, retention_rate from marts.cohort_retention
        where brand_id = '{BRAND}' and cohort_grain = 'month' and is_complete_period and period_index between 1 and 12
        order by cohort_start, period_index
        """
    ).fetchall()
    cohorts = sorted({(start, size) for start, size, _, _ in rows})
    place = {start: number for number, (start, _) in enumerate(cohorts)}
    norm = plt.Normalize(0, 0.6)

    figure, axes = plt.subplots(figsize=(9.4, 6.2))
    figure.subplots_adjust(left=0.175, right=0.985, top=0.80, bottom=0.02)
    for start, _, index, rate in rows:
        colour = BLUES(norm(rate))
        cell = Rectangle((index - 0.5, place[start] - 0.5), 1, 1, facecolor=colour, edgecolor=PAPER, linewidth=1.2)
        axes.add_patch(cell)
        axes.text(
            index,
            place[start],
            f"{100 * rate:.0f}%",
            ha="center",
            va="center_baseline",
            fontsize=9,
            color=ink_on(colour),
        )
    for start in (date(2025, 4, 1), date(2025, 12, 1)):
        width = sum(1 for row in rows if row[0] == start)
        axes.add_patch(Rectangle((0.5, place[start] - 0.5), width, 1, zorder=3, **FRAME))
    axes.set_xlim(0.5, 12.5)
    axes.set_ylim(len(cohorts) - 0.5, -0.5)
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(1, 13))
    axes.set_xlabel("months after the month of the first order")
    axes.set_yticks(range(len(cohorts)), [f"{start:%b %Y}  ({size})" for start, size in cohorts])
    axes.set_ylabel("month of the first order (first buyers)")
    for label, (start, _) in zip(axes.get_yticklabels(), cohorts):
        if start in (date(2025, 4, 1), date(2025, 12, 1)):
            label.set_color(INK)
            label.set_fontweight("bold")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    head(
        figure,
        "Two cohorts hardly come back: a sizing fault in April, a live campaign in December",
        "Share of first buyers who bought again in a later month, marts.cohort_retention, the sample's synthetic brand",
    )
    save(figure, "cohort_retention.png")


def draw_transitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Where customers are a month later, by the stage they were in."""
    rows = connection.execute(
        f"""
        select from_stage, to_stage, sum(customers) as customers from marts.lifecycle_transitions
        where brand_id = '{BRAND}' and period_grain = 'month' and is_complete_period
            and period_start >= (
                select max(period_start) - interval 11 month from marts.lifecycle_transitions
                where brand_id = '{BRAND}' and period_grain = 'month' and is_complete_period
            )
        group by all
        """
    ).fetchall()
    counts = {(before, after): int(customers) for before, after, customers in rows}
    columns = ["awareness", "consideration", "purchase", "retention", "advocacy", "churned"]
    totals = {before: sum(counts.get((before, after), 0) for after in columns) for before in ["unknown", *columns]}
    shares = {pair: customers / totals[pair[0]] for pair, customers in counts.items()}
    norm = PowerNorm(0.5, 0, 0.7)

    figure, axes = plt.subplots(figsize=(9.4, 5.6))
    figure.subplots_adjust(left=0.155, right=0.98, top=0.76, bottom=0.03)
    places = {"unknown": -0.25, **{stage: number + 1 for number, stage in enumerate(columns)}}
    for before, row in places.items():
        for column, after in enumerate(columns):
            share = shares.get((before, after))
            stays = before == after
            colour = (0.93, 0.93, 0.93, 1) if stays else BLUES(norm(share)) if share else (0.985, 0.985, 0.985, 1)
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=PAPER, linewidth=1.6))
            if share:
                ink = SOFT if stays else ink_on(colour)
                centred = {"ha": "center", "va": "center", "color": ink}
                axes.text(column, row - 0.12, f"{100 * share:.1f}%", fontsize=11, **centred)
                axes.text(column, row + 0.24, f"{counts[before, after]:,}", fontsize=8, **centred)
    for column in (columns.index("retention"), columns.index("advocacy"), columns.index("churned")):
        axes.add_patch(Rectangle((column - 0.5, places["purchase"] - 0.5), 1, 1, zorder=3, **FRAME))
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(columns) + 0.5, -0.75)
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_xlabel("stage at the end of the month")
    axes.set_yticks(list(places.values()), ["not yet known" if name == "unknown" else name for name in places])
    axes.set_ylabel("stage at the start of the month")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    went_on = shares["purchase", "retention"] + shares["purchase", "advocacy"]
    head(
        figure,
        f"Of those in the purchase stage, {100 * went_on:.0f}% move on each month and"
        f" {100 * shares['purchase', 'churned']:.0f}% are lost",
        "Share of a stage's customers, and how many, from month to month over a year; grey: stayed.\n"
        "marts.lifecycle_transitions, the sample's synthetic brand",
    )
    save(figure, "stage_transitions.png")


def main() -> None:
    path = os.environ.get("LIFECYCLE_DUCKDB_PATH", str(ROOT / "lifecycle.duckdb"))
    if not Path(path).exists():
        sys.exit(f"there is no {path}: run `dbt build` first")
    with plt.rc_context(STYLE), duckdb.connect(path, read_only=True) as connection:
        draw_stage_mix(connection)
        draw_cohorts(connection)
        draw_transitions(connection)


if __name__ == "__main__":
    main()
