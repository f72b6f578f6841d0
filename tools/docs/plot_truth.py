"""The pictures of docs/truth.md, drawn by truth_page.py into docs/images/."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from plot_results import INK, PAPER, SOFT, STAGE_COLOURS, STYLE, head, save

if TYPE_CHECKING:
    from truth_page import Measured, Papers

ACTUAL, NEW, OLD = INK, STAGE_COLOURS["advocacy"], STAGE_COLOURS["churned"]
TENTHS = 10


def draw(all_measured: list[Measured], papers: Papers) -> None:
    """All of them."""
    with plt.rc_context(STYLE):
        draw_tenths(all_measured)
        draw_over_time(papers)


def bare(axes: plt.Axes) -> None:
    """Lines to read values by, and nothing else around the picture."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.yaxis.grid(True, color="#e4e6ea", linewidth=0.8)
    axes.set_axisbelow(True)


def shares_by_tenth(customers: list[dict], score: str) -> list[float]:
    """Who ordered of each tenth of the customers, the highest score first. Equal scores share what they did."""
    means: dict[float, list[bool]] = {}
    for row in customers:
        means.setdefault(row[score], []).append(row["ordered"])
    ranked = [sum(means[value]) / len(means[value]) for value in sorted(means, reverse=True) for _ in means[value]]
    ends = [len(ranked) * number // TENTHS for number in range(TENTHS + 1)]
    return [sum(ranked[start:end]) / (end - start) for start, end in pairwise(ends)]


def draw_tenths(all_measured: list[Measured]) -> None:
    """Who ordered within the 90 days, by tenth of two scores."""
    figure, [panels] = plt.subplots(1, len(all_measured), figsize=(9.4, 4.6), sharey=True, squeeze=False)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.76, bottom=0.13, wspace=0.1)
    for axes, found in zip(panels, all_measured):
        cut = found.cuts[0]
        for score, colour, dashes, label in (
            ("p_order_90d", NEW, (None, None), "the chance to order, p_order_90d"),
            ("old_p_alive", OLD, (3, 1.4), "p_alive of BG/NBD"),
        ):
            axes.plot(
                range(1, TENTHS + 1), shares_by_tenth(cut.customers, score), color=colour, linewidth=2.2, marker="o",
                markersize=4, dashes=dashes, label=label,
            )  # fmt: skip
        axes.set_xticks([1, 5, 10], ["highest\ntenth", "5th", "lowest"], fontsize=9)
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        axes.set_title(f"{found.brand.title}, from {cut.day}", loc="left", fontsize=10, color=INK)
        bare(axes)
    panels[0].set_ylabel("ordered within 90 days")
    panels[0].legend(frameon=False, loc="upper right", fontsize=9)
    head(
        figure,
        "The chance to order tells who will; p_alive of BG/NBD does not",
        "Customers in tenths by what was said of them on the day of the cut, and how many of each ordered in the next "
        "90 days",
    )
    save(figure, "truth_by_tenth.png")


def draw_over_time(papers: Papers) -> None:
    """Repeat orders week by week, before and after the cut."""
    weeks = papers.weeks
    cut = len(weeks) // 2
    figure, axes = plt.subplots(figsize=(9.4, 4.6))
    figure.subplots_adjust(left=0.08, right=0.985, top=0.8, bottom=0.12)
    numbers = range(1, len(weeks) + 1)
    axes.axvspan(cut, len(weeks), color="#f3f5f8", linewidth=0, zorder=0)
    axes.plot(numbers, [week[1] for week in weeks], color=ACTUAL, linewidth=2, label="actual")
    for name, colour, dashes in (("MBG/NBD", NEW, (3, 1.4)), ("BG/NBD", OLD, (1, 1))):
        axes.plot(
            numbers, [week[2][name] for week in weeks], color=colour, linewidth=2.2, dashes=dashes,
            label=f"expected by {name}",
        )  # fmt: skip
    top = 1.1 * max(max(week[1], *week[2].values()) for week in weeks)
    axes.set_xlim(1, len(weeks))
    axes.set_ylim(0, top)
    axes.text(cut - 0.7, 0.955 * top, "fitted on", ha="right", va="center", fontsize=9, color=SOFT)
    axes.text(cut + 0.7, 0.955 * top, "held out", ha="left", va="center", fontsize=9, color=SOFT)
    axes.axvline(cut, color=SOFT, linewidth=0.9)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("weeks since the data begin")
    bare(axes)
    axes.legend(frameon=False, loc="lower right", facecolor=PAPER)
    head(
        figure,
        "In total, both models follow CDNOW for a year and a half",
        "Repeat orders of the sample's customers, added up: actual, and expected from the date of the first order",
    )
    save(figure, "clv_over_time.png")
