"""The pictures, as Vega-Lite made with Altair. Text in a picture is formatted in Python, in the report's language and
the brand's currency. Colours are the variables of the page's style sheet, so that a picture follows the page into dark
mode and onto paper. Legends, titles and the description for screen readers are HTML around it: they wrap on a phone,
and are read out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any
from unicodedata import east_asian_width

import altair as alt

Spec = dict[str, Any]

# how many shades a heat map has: --heat-0 to --heat-6 of the style sheet
SHADES = 7

# below this width a picture is on a phone
NARROW = 480

# how long a line of a name may be, so that it is read in full on a phone: in letters of Latin, which are half as wide
# as those of Korean and Chinese
LINE = 44


def data(rows: list[dict[str, Any]]) -> alt.Data:
    """Give rows as a chart's data."""
    return alt.Data(values=rows)


def tooltip(**titles: str) -> list[alt.Tooltip]:
    """Give the tooltip that shows the given fields under the given titles."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def colours(variables: dict[str, str]) -> alt.Scale:
    """Give the scale that paints each key in a variable of the style sheet."""
    return alt.Scale(domain=list(variables), range=[f"var(--{name})" for name in variables.values()])


def finished(chart: alt.Chart | alt.LayerChart, description: str, height: int) -> Spec:
    """Give a chart as Vega-Lite, as wide as its place on the page."""
    chart = chart.properties(width="container", height=height, description=description)
    with alt.data_transformers.enable("default", consolidate_datasets=False):
        spec: Spec = chart.to_dict()
    # the page sets one look for all pictures, and one version of Vega-Lite
    spec.pop("config", None)
    spec.pop("$schema", None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def width_of(text: str) -> int:
    """Give the width of a text, in letters of Latin."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def lines_of(name: str) -> list[str]:
    """Give a name in lines that fit on a phone: broken between words, or anywhere where there are none."""
    lines, line = [], ""
    for word in re.findall(r"\S+\s*|\s+", name):
        if line and width_of(line + word.rstrip()) > LINE:
            lines.append(line.rstrip())
            line = ""
        for letter in word:
            if width_of((line + letter).rstrip()) > LINE:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line.rstrip()]


def names_of(categories: Iterable[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Give the lines of the names of categories, each with its place, and the places: the last line of a name stands
    next to its bar."""
    lines = {category: lines_of(category) for category in categories}
    most = max(map(len, lines.values()))
    places = [f"name{place}" for place in range(most)]
    rows = [
        {"category": category, "place": places[most - len(own) + number], "line": line}
        for category, own in lines.items()
        for number, line in enumerate(own)
    ]
    return rows, places


def months_axis() -> alt.Axis:
    """Give an axis of months that leaves out labels where they would overlap."""
    return alt.Axis(title=None, labelAngle=0, labelOverlap=True, labelSeparation=12, labelFlush=True)


def waterfall(rows: list[dict[str, Any]], kinds: dict[str, str], description: str, titles: dict[str, str]) -> Spec:
    """Draw how one level becomes another. Each row has `step`, `low`, `high`, `kind` and the `text` above its bar."""
    base = alt.Chart(data(rows)).encode(
        x=alt.X("step:N", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelPadding=6)),
        tooltip=tooltip(**titles),
    )
    bars = base.mark_bar(cornerRadius=2).encode(
        y=alt.Y("low:Q", axis=None), y2="high:Q", color=alt.Color("kind:N", scale=colours(kinds), legend=None)
    )
    texts = base.mark_text(dy=-9, fontSize=13, fontWeight="bold").encode(y="high:Q", text="text:N")
    return finished(bars + texts, description, height=250)


def stacked_months(rows: list[dict[str, Any]], kinds: dict[str, str], description: str, titles: dict[str, str]) -> Spec:
    """Draw counts of several kinds by month, stacked; negative ones downwards. Each row has `month`, `kind`, `value`,
    `order` (0 lies at the bottom), what the tooltip shows, and `ink` if it is not fully opaque."""
    bars = (
        alt.Chart(data([{"ink": 1, **row} for row in rows]))
        .mark_bar()
        .encode(
            x=alt.X("month:N", sort=None, axis=months_axis(), scale=alt.Scale(paddingInner=0.18)),
            y=alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=5, labelExpr="format(abs(datum.value), ',d')")),
            color=alt.Color("kind:N", scale=colours(kinds), legend=None),
            order=alt.Order("order:Q"),
            opacity=alt.Opacity("ink:Q", scale=None, legend=None),
            tooltip=tooltip(**titles),
        )
    )
    zero = alt.Chart(data([{"zero": 0}])).mark_rule(color="var(--soft)").encode(y="zero:Q")
    return finished(bars + zero, description, height=270)


def monthly_line(rows: list[dict[str, Any]], threshold: float | None, description: str, titles: dict[str, str]) -> Spec:
    """Draw a rate by month, with the threshold from which it is an alert. Each row has `month`, `value`, `text` and
    `point`, the variable of its colour."""
    base = alt.Chart(data(rows)).encode(
        x=alt.X("month:N", sort=None, axis=months_axis()),
        y=alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=5, format=".0%"), scale=alt.Scale(zero=True)),
        tooltip=tooltip(**titles),
    )
    line = base.mark_line(color="var(--loss)", strokeWidth=2)
    ink = alt.Color("point:N", scale=colours({"loss": "loss", "one-time": "one-time"}), legend=None)
    points = base.mark_point(filled=True, size=46, opacity=1).encode(color=ink)
    layers = line + points
    if threshold is not None:
        limit = alt.Chart(data([{"threshold": threshold}]))
        layers += limit.mark_rule(strokeDash=[4, 3], color="var(--soft)").encode(y="threshold:Q")
    return finished(layers, description, height=200)


def heat_map(
    rows: list[dict[str, Any]],
    description: str,
    titles: dict[str, str],
    x_title: str | None,
    long_columns: bool = False,
) -> Spec:
    """Draw a table of shaded cells. Each row has `row`, `column`, `text`, `shade` (0 to SHADES - 1, or `stay`).

    Names of columns that are `long_columns` are slanted on a phone.
    """
    shades = {**{str(shade): f"heat-{shade}" for shade in range(SHADES)}, "stay": "stay"}
    inks = {**{str(shade): f"heat-ink-{shade}" for shade in range(SHADES)}, "stay": "soft"}
    slant: dict[str, Any] = {"labelAngle": 0}
    if long_columns:
        slant = {
            "labelAngle": {"expr": f"width < {NARROW} ? -32 : 0"},
            "labelAlign": {"expr": f"width < {NARROW} ? 'left' : 'center'"},
            "labelBaseline": "bottom",
        }
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "column:N",
            sort=None,
            scale=alt.Scale(padding=0),
            axis=alt.Axis(orient="top", title=x_title, titleAlign="left", titleAnchor="start", **slant),
        ),
        y=alt.Y(
            "row:N",
            sort=None,
            scale=alt.Scale(padding=0),
            axis=alt.Axis(title=None),
        ),
        tooltip=tooltip(**titles),
    )
    cells = base.mark_rect(stroke="var(--paper)", strokeWidth=2, cornerRadius=3).encode(
        color=alt.Color("shade:N", scale=colours(shades), legend=None)
    )
    texts = base.mark_text(fontSize={"expr": f"width < {NARROW} ? 10 : 12"}).encode(
        text="text:N", color=alt.Color("shade:N", scale=colours(inks), legend=None)
    )
    layers = alt.layer(cells, texts).resolve_scale(color="independent")
    return finished(layers, description, height=26 * len({row["row"] for row in rows}))


def bars(
    rows: list[dict[str, Any]],
    measures: dict[str, str],
    description: str,
    titles: dict[str, str],
    top: float | None = None,
) -> Spec:
    """Draw the bars of each category under its name: names of any length fit on a phone.

    Each row has `category`, `measure`, `value` and the `text` behind its bar. `top` is the value of a full width.
    """
    highest = top or max(row["value"] for row in rows) or 1
    categories = dict.fromkeys(row["category"] for row in rows)
    # if no category has two bars, leave no empty space for a second one
    places = ["bar"] if len(categories) == len(rows) else list(measures)
    rows = [{**row, "place": row["measure"] if len(places) > 1 else "bar"} for row in rows]
    names, name_places = names_of(categories)
    slots = [*name_places, *places]
    y = alt.Y("category:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.22, paddingOuter=0.05))
    offset = alt.YOffset("place:N", sort=slots, scale=alt.Scale(domain=slots, paddingInner=0.12))
    # room behind the longest bar for its figure
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, highest * 1.28], nice=False))
    base = alt.Chart(data(rows)).encode(y=y, yOffset=offset, tooltip=tooltip(**titles))
    drawn = base.mark_bar(cornerRadiusEnd=2).encode(
        x=x, color=alt.Color("measure:N", scale=colours(measures), legend=None)
    )
    texts = base.mark_text(align="left", dx=5).encode(x=x, text="text:N")
    labels = (
        alt.Chart(data(names))
        .mark_text(align="left", fontWeight="bold")
        .encode(y=y, yOffset=offset, x=alt.value(0), text="line:N")
    )
    return finished(drawn + texts + labels, description, height=len(categories) * (19 * len(slots) + 12))


def columns(rows: list[dict[str, Any]], colour: str, description: str, titles: dict[str, str], x_title: str) -> Spec:
    """Draw upright bars with their figure on top. Each row has `step`, `value` and `text`."""
    base = alt.Chart(data(rows)).encode(
        x=alt.X("step:O", sort=None, axis=alt.Axis(title=x_title, labelAngle=0)),
        y=alt.Y("value:Q", axis=None),
        tooltip=tooltip(**titles),
    )
    drawn = base.mark_bar(color=f"var(--{colour})", cornerRadiusEnd=2)
    texts = base.mark_text(dy=-8, fontSize={"expr": f"width < {NARROW} ? 10 : 12"}).encode(text="text:N")
    return finished(drawn + texts, description, height=210)


def spans(
    rows: list[dict[str, Any]],
    kinds: dict[str, str],
    description: str,
    titles: dict[str, str],
    baseline: float = 0,
) -> Spec:
    """Draw bars that begin and end anywhere, each under its name: the steps of a change, or effects to both sides of a
    baseline. Each row has `category`, `low`, `high`, `kind` and the `text` behind its bar."""
    left = min([baseline, *(row["low"] for row in rows)])
    right = max([baseline, *(row["high"] for row in rows)])
    names, name_places = names_of(row["category"] for row in rows)
    slots = [*name_places, "bar"]
    y = alt.Y("category:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.22, paddingOuter=0.05))
    offset = alt.YOffset("place:N", sort=slots, scale=alt.Scale(domain=slots, paddingInner=0.12))
    # room behind the longest bar for its figure
    scale = alt.Scale(domain=[left, right + 0.28 * (right - left or 1)], nice=False)
    base = alt.Chart(data([{**row, "place": "bar"} for row in rows])).encode(
        y=y, yOffset=offset, tooltip=tooltip(**titles)
    )
    drawn = base.mark_bar(cornerRadius=2).encode(
        x=alt.X("low:Q", axis=None, scale=scale),
        x2="high:Q",
        color=alt.Color("kind:N", scale=colours(kinds), legend=None),
    )
    texts = base.mark_text(align="left", dx=5).encode(x=alt.X("high:Q", axis=None, scale=scale), text="text:N")
    labels = (
        alt.Chart(data(names))
        .mark_text(align="left", fontWeight="bold")
        .encode(y=y, yOffset=offset, x=alt.value(0), text="line:N")
    )
    # under the names, which may cross it
    line = alt.Chart(data([{"baseline": baseline}])).mark_rule(color="var(--soft)", opacity=0.5)
    line = line.encode(x=alt.X("baseline:Q", axis=None, scale=scale))
    return finished(
        alt.layer(line, alt.layer(drawn, texts), labels), description, height=len(rows) * (19 * len(slots) + 12)
    )


def curves(
    rows: list[dict[str, Any]],
    kinds: dict[str, str],
    marks: dict[str, int],
    description: str,
    titles: dict[str, str],
    x_title: str,
) -> Spec:
    """Draw shares that rise in steps, day by day, and upright lines at the days of `marks`, by their kind. Each row has
    `day`, `kind`, `value` and what the tooltip shows."""
    last = max([*(row["day"] for row in rows), *marks.values()])
    ink = alt.Color("kind:N", scale=colours(kinds), legend=None)
    x = alt.X(
        "day:Q",
        axis=alt.Axis(title=x_title, tickCount=6, grid=False),
        scale=alt.Scale(domain=[0, last], nice=False),
    )
    base = alt.Chart(data(rows)).encode(
        x=x,
        y=alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=5, format=".0%"), scale=alt.Scale(domain=[0, 1])),
        color=ink,
    )
    lines = base.mark_line(interpolate="step-after", strokeWidth=2)
    # a line has one tooltip for all of its days, a point has its own
    points = base.mark_point(filled=True, opacity=0, size=60).encode(tooltip=tooltip(**titles))
    days = [{"day": day, "kind": kind} for kind, day in marks.items()]
    windows = alt.Chart(data(days)).mark_rule(strokeDash=[4, 3], strokeWidth=1.5).encode(x=x, color=ink)
    return finished(alt.layer(alt.layer(lines, points), windows), description, height=270)


def ticks(highest: float) -> list[float]:
    """Give round values from 0 to a height, at most six of them."""
    if highest <= 0:
        return [0]
    power = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * 5 >= highest)
    return [step * place for place in range(int(highest / step) + 1)]


def stacked_areas(
    rows: list[dict[str, Any]],
    kinds: dict[str, str],
    labels: dict[float, str],
    description: str,
    titles: dict[str, str],
) -> Spec:
    """Draw amounts of several kinds by period, as layers. Each row has `period`, `kind`, `value`, `order` (0 lies at
    the bottom) and what the tooltip shows. `labels` are the values of the axis, as they are written."""
    texts = json.dumps(list(labels.values()), ensure_ascii=False)
    places = json.dumps(list(labels))
    axis = alt.Axis(title=None, values=list(labels), labelExpr=f"{texts}[indexof({places}, datum.value)]")
    base = alt.Chart(data(rows)).encode(
        x=alt.X("period:O", sort=None, axis=months_axis()),
        y=alt.Y("value:Q", stack="zero", axis=axis),
        color=alt.Color("kind:N", scale=colours(kinds), legend=None),
        order=alt.Order("order:Q"),
    )
    # the first shade is nearly that of the page: only its edge shows
    areas = base.mark_area(stroke="var(--soft)", strokeWidth=0.5)
    # an area has one tooltip for all of its periods, a point has its own
    points = base.mark_point(filled=True, opacity=0, size=140).encode(tooltip=tooltip(**titles))
    return finished(areas + points, description, height=270)


def sparkline(values: list[float | None]) -> list[str]:
    """Give the points of a small line, in a box of 100 by 24, as one text per run without gaps."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    stretches: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
            continue
        x = 100 * place / (len(values) - 1)
        y = 22 - 20 * (value - low) / (high - low) if high > low else 12
        stretches[-1].append(f"{x:.1f},{y:.1f}")
    return [" ".join(points) for points in stretches if len(points) > 1]
