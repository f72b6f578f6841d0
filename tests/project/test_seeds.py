"""The written seeds under seeds/reference: whole, reachable, and in the right languages."""

from __future__ import annotations

import csv
import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds" / "reference"
LANGUAGES = ("en", "ko", "zh")

HANGUL = re.compile("[\uac00-\ud7a3]")
HAN = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z]")

# The ways to have more active customers, and the strategies for the loyal.
WAYS_TO_MORE_ACTIVE_CUSTOMERS = {
    "loyalty programme": "invite_to_loyalty_programme",
    "better service": "recover_service",
    "automated personal messages": "start_personal_message_series",
    "exclusive offers": "make_exclusive_offer",
    "social channels": "invite_to_social_channels",
    "asking for feedback": "ask_for_feedback",
}
STRATEGIES_FOR_THE_LOYAL = {
    "tailored benefits": "grant_tailored_benefit",
    "personal messages": "send_personal_message",
    "drawing them into taking part": "invite_to_take_part",
    "gathering feedback": "invite_to_customer_panel",
}

BRAND_ALERTS = {
    "churn_rate_high",
    "repeat_rate_drop",
    "revenue_drop",
    "churn_window_off",
    "rejected_rows_high",
    "input_finding",
}
# The loyalty classes that a customer of each stage can have. Someone whose
# orders the brand counts for neither base nor stage can have any class while
# in awareness or consideration.
CLASSES_OF_STAGE = {
    "awareness": {"none", "one_time", "repeat"},
    "consideration": {"none", "one_time", "repeat"},
    "purchase": {"one_time", "loyal"},
    "retention": {"repeat", "loyal"},
    "advocacy": {"repeat", "loyal"},
    "churned": {"none", "one_time", "repeat"},
}


def seed(name):
    """The rows of a seed, nothing in place of an empty cell."""
    with open(SEEDS / f"{name}.csv", newline="", encoding="utf-8") as file:
        return [{column: value or None for column, value in row.items()} for row in csv.DictReader(file, strict=True)]


PLAYBOOK = sorted(seed("playbook"), key=lambda row: int(row["line"]))
GENERAL_LINES = [row for row in PLAYBOOK if row["brand_id"] is None]
GLOSSARY = seed("glossary")


def assert_script(text, language):
    """A text is in the script of its language, whatever names it holds."""
    assert bool(HANGUL.search(text)) == (language == "ko"), text
    assert bool(HAN.search(text)) == (language == "zh"), text
    if language == "en":
        assert LATIN.search(text), text


@pytest.mark.parametrize("name", sorted(path.stem for path in SEEDS.glob("*.csv")))
def test_cells_read_the_same_on_every_engine(name):
    """No cell is blanks alone, has blanks around it or a line break in it."""
    with open(SEEDS / f"{name}.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, strict=True)
    for row in rows:
        assert len(row) == len(header), row
        for cell in row:
            assert cell == cell.strip(), row
            assert "\n" not in cell and "\r" not in cell, row
            assert cell.lower() != "null", row


# Segments


def test_segments_cover_the_grid():
    """Each of the 25 pairs of scores is there once."""
    cells = [(int(row["r_score"]), int(row["f_score"])) for row in seed("rfm_grid")]
    assert sorted(cells) == [(r, f) for r in range(1, 6) for f in range(1, 6)]


# Playbook


def wins(stage, loyalty_class, alerts):
    """The general line that a customer gets."""
    for row in GENERAL_LINES:
        if (
            row["stage"] in (None, stage)
            and row["loyalty_class"] in (None, loyalty_class)
            and (row["alert_type"] is None or row["alert_type"] in alerts)
        ):
            return row["line"]
    raise AssertionError(f"no line for {stage}, {loyalty_class}, {alerts}")


@pytest.mark.parametrize("row", PLAYBOOK, ids=lambda row: row["line"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_written_out(row, language):
    """A message has one place for a name, and is in its language's script."""
    message = row[f"message_{language}"]
    name = "brand_name" if row["channel"] == "team" else "customer_name"
    assert re.findall("{.*?}", message) == [f"{{{name}}}"]
    text = message.replace(f"{{{name}}}", "")
    assert not re.search("[{}]", text)
    assert_script(text, language)
    if language == "en":
        assert text.isascii()


def test_playbook_knows_the_ways_and_strategies():
    """Each way to more active customers has its action, and each strategy
    for the loyal is there for loyal customers."""
    of_customers = {row["action_code"] for row in GENERAL_LINES if row["channel"] != "team"}
    of_the_loyal = {row["action_code"] for row in GENERAL_LINES if row["loyalty_class"] == "loyal"}
    assert set(WAYS_TO_MORE_ACTIVE_CUSTOMERS.values()) <= of_customers
    assert set(STRATEGIES_FOR_THE_LOYAL.values()) <= of_the_loyal


def test_one_code_is_one_action():
    """A code stands for one action, and an action has one code."""
    pairs = {(row["action_code"], row["action"]) for row in PLAYBOOK}
    assert len({code for code, _ in pairs}) == len(pairs)
    assert len({action for _, action in pairs}) == len(pairs)


def test_lines_leave_room_for_those_of_a_brand():
    """The general lines are numbered so that four or more fit between two; a
    line that came later does not renumber those that brands have replaced."""
    lines = [0, *(int(row["line"]) for row in GENERAL_LINES)]
    assert all(after - line >= 5 for line, after in pairwise(lines))


def test_every_line_is_someone_s_best():
    """No customer is without a line, and no line without a customer; the
    lines of the brand's alerts are for the team and match no customer."""
    alert_types = {row["alert_type"] for row in GENERAL_LINES} - {None}
    customer_alerts = sorted(alert_types - BRAND_ALERTS)
    reached = {
        wins(stage, loyalty_class, alerts)
        for stage, classes in CLASSES_OF_STAGE.items()
        for loyalty_class in classes
        for count in (0, 1, 2)
        for alerts in combinations(customer_alerts, count)
    }
    of_the_team = {row["line"] for row in GENERAL_LINES if row["alert_type"] in BRAND_ALERTS}
    assert reached == {row["line"] for row in GENERAL_LINES} - of_the_team
    assert of_the_team == {row["line"] for row in GENERAL_LINES if row["channel"] == "team"}


# Glossary


def test_glossary_has_every_metric_in_every_language():
    """A column has one metric, and that a row in each of the languages."""
    columns = {}
    for row in GLOSSARY:
        assert all(row.values()), row
        columns.setdefault((row["mart"], row["column_name"], row["metric"]), []).append(row["language"])
    assert all(sorted(languages) == list(LANGUAGES) for languages in columns.values())
    assert len({column[:2] for column in columns}) == len(columns)
    assert len({metric for *_, metric in columns}) == len(columns)


def test_labels_tell_metrics_apart():
    """Within a language no two metrics are called the same."""
    labels = [(row["language"], row["label"]) for row in GLOSSARY]
    assert len(set(labels)) == len(labels)


def test_glossary_is_in_the_right_scripts():
    """Labels and definitions are in the script of their row's language."""
    for row in GLOSSARY:
        assert_script(row["label"], row["language"])
        assert_script(row["definition"], row["language"])
