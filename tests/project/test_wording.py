"""The Korean and Chinese of the project: whole, in the right script, and one term for one concept."""

from __future__ import annotations

import csv
import re

import pytest
import yaml

import oracle
import project
from customer_lifecycle.alerting.words import WORDS

LANGUAGES = ("ko", "zh")
REPORT = project.ROOT / "src" / "customer_lifecycle" / "reporting" / "texts"
SEEDS = project.ROOT / "seeds" / "reference"
MESSAGES = oracle.read_message_texts(project.MESSAGE_TEXTS)

# what is not written, and what is written in its place
NOT_WRITTEN = {
    "ko": {
        "얼마나 남는가": "고객이 얼마나 유지되는가",
        "걸린 금액": "영향 매출",
        "걸려 있는": "영향 매출",
        "반복 고객": "재구매 고객",
        "반복 구매": "재구매",
        "수명 주기": "생애주기",
        "수명주기": "생애주기",
        "생애 주기": "생애주기",
        "적합됨": "추정 완료",
        "알려진 고객": "식별된 고객",
        "교과서 공식": "기본 공식",
        "충성고객": "충성 고객",
        "장바구니 방치": "장바구니 포기",
        "경보": "알림",
        "사용자": "고객",
        "고객지원": "고객 지원",
        "행동": "액션, or 상호작용",
        "회복": "복구",
        "모형": "모델",
        "전년 같은 달": "전년 동월",
        "끝난 달": "마감된 달",
        "충성 고객 구분": "충성도 구분",
        "견주": "비교",
    },
    "zh": {
        "忠实": "忠诚客户",
        "回归": "回流",
        "唤回": "回流",
        "召回": "回流",
        "重复购买": "复购",
        "再购买": "再次购买, or 复购",
        "警报": "预警",
        "告警": "预警",
        "按最近、频率和金额分群": "RFM 分群",
        "一位客户值多少": "单客价值",
        "赢得": "获客, or 平均获客成本",
        "教科书": "基本公式",
        "弃置": "弃购",
        "弃购了": "弃购, which takes no object",
        "复购物": "挽回购物车, in which a term was replaced",
        "应执行": "待执行",
        "忠诚计划": "会员计划",
        "电子报": "邮件资讯",
        "用户": "客户",
    },
}
# a term of statistics: regression to the mean
NOT_MEANT = ("均值回归",)
SCRIPTS = {"ko": re.compile("[\uac00-\ud7a3]"), "zh": re.compile("[\u4e00-\u9fff]")}


def rows_of(seed: str) -> list[dict[str, str]]:
    with open(SEEDS / f"{seed}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def texts_of(language: str) -> dict[str, str]:
    """Everything that the project says in a language, by where it is said."""
    found = {
        f"glossary, {row['metric']}, {column}": row[column]
        for row in rows_of("glossary")
        if row["language"] == language
        for column in ("label", "definition", "formula")
    }
    found |= {
        f"playbook, line {row['line']}, {column}": row[column]
        for row in rows_of("playbook")
        for column in row
        if column.endswith(f"_{language}")
    }
    found |= {f"message_texts, {name}": text[language] for name, text in MESSAGES.items()}
    report = yaml.safe_load((REPORT / f"{language}.yml").read_text(encoding="utf-8"))
    found |= {f"alerting, {key}": text for key, text in WORDS[language].items()}
    return found | {f"report, {key}": text for key, text in report.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_concept_has_one_term(language):
    """No text holds a word for which the project has another."""
    wrong = []
    for place, text in texts_of(language).items():
        for meant in NOT_MEANT:
            text = text.replace(meant, "")
        wrong += [f"{place}: {word!r} is {term!r}" for word, term in NOT_WRITTEN[language].items() if word in text]
    assert wrong == []


@pytest.mark.parametrize(
    "word, language", [(word, language) for language in LANGUAGES for word in NOT_WRITTEN[language]]
)
def test_the_term_for_a_word_is_no_such_word_itself(word, language):
    assert not any(other in NOT_WRITTEN[language][word] for other in NOT_WRITTEN[language])


def test_chinese_lists_have_the_comma_for_lists():
    """Names side by side are joined with 、 as Chinese does."""
    report = yaml.safe_load((REPORT / "zh.yml").read_text(encoding="utf-8"))
    assert report["report.between_names"] == "、"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_latin_comma_or_bracket_beside_a_character(language):
    """Chinese has wide punctuation; Korean has that of English."""
    wide = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;!?][\u4e00-\u9fff]")
    narrow = re.compile("[，。；：、！？（）]")
    pattern = wide if language == "zh" else narrow
    assert [place for place, text in texts_of(language).items() if pattern.search(text)] == []


# What alerts and actions say


def test_what_alerts_say_has_the_same_places_in_every_language():
    """A hint is English; of an input finding the others say it in their own words."""
    for name, text in MESSAGES.items():
        assert list(text) == ["en", *LANGUAGES], name
        places = {language: set(re.findall(r"\{(\w+)\}", said)) for language, said in text.items()}
        if places["en"] != {"hint"}:
            assert places["en"] == places["ko"] == places["zh"], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_alerts_say_is_in_the_script_of_its_language(language):
    """No Korean or Chinese text is English, but for the names of tables, columns and settings."""
    for name, text in MESSAGES.items():
        said = re.sub(r"\{\w+\}", "", text[language])
        if text[language] != "{hint}":
            assert SCRIPTS[language].search(said), name
        words = re.findall(r"[A-Za-z]\w*(?:[._]\w+)*", said)
        assert all(re.search(r"[._]", word) for word in words), (name, words)


@pytest.mark.parametrize("row", rows_of("playbook"), ids=lambda row: row["line"])
def test_the_playbook_has_actions_and_reasons_in_every_language(row):
    for column in ("action", "reason"):
        assert row[column].isascii()
        for language in LANGUAGES:
            text = row[f"{column}_{language}"]
            assert SCRIPTS[language].search(text), text
            other = SCRIPTS["zh" if language == "ko" else "ko"]
            assert not other.search(text), text
            assert not set(re.findall(r"[A-Za-z]{2,}", text)) - {"ID", "SNS"}, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_code_is_one_action_in_every_language(language):
    pairs = {(row["action_code"], row[f"action_{language}"]) for row in rows_of("playbook") if not row["brand_id"]}
    assert len({code for code, _ in pairs}) == len(pairs) == len({action for _, action in pairs})
