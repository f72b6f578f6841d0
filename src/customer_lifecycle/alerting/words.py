"""The words of messages in every language, and numbers and dates as each writes them.

What an alert itself says, and what to do, comes from the marts, in the same languages.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

DEFAULT_LANGUAGE = "en"

WORDS = {
    "en": {
        "brand": "the brand",
        "of": "{subject} of {customer}",
        "title": "[{brand}] {count} new {alerts}{high}{stake}{day}",
        "alerts.one": "alert",
        "alerts.more": "alerts",
        "title.high": ", {high} of high severity",
        "title.stake": ", {stake} at stake",
        "title.day": ", as of {day}",
        "title.alert": "[{brand}] {type}: {about}",
        "group": "{type} ({severity}): {count}{stake}",
        "line": "{type}: {about}{stake}: {message}",
        "line.stake": " ({stake})",
        "silent": " Has not agreed to be written to.",
        "proposed": " Proposed: {action}.",
        "at_stake": "At stake: {stake}.",
        "as_of": "As of {day}.",
        "more": "and {more} more",
        "severity.high": "high",
        "severity.normal": "normal",
        "alert.about_to_churn": "About to churn",
        "alert.loyal_at_risk": "Loyal, at risk",
        "alert.no_second_purchase": "No second purchase",
        "alert.cart_abandoned": "Cart abandoned",
        "alert.negative_feedback_open": "Negative feedback, unanswered",
        "alert.subscription_cancelled": "Subscription cancelled",
        "alert.churn_rate_high": "Repeat churn rate is high",
        "alert.repeat_rate_drop": "Repeat rate dropped",
        "alert.revenue_drop": "Revenue dropped",
        "alert.churn_window_off": "Churn window does not fit",
        "alert.rejected_rows_high": "Many rejected rows",
        "alert.input_finding": "Something wrong with the data",
    },
    "ko": {
        "brand": "브랜드 전체",
        "of": "{customer}의 {subject}",
        "title": "[{brand}] 새 {alerts} {count}건{high}{stake}{day}",
        "alerts.one": "알림",
        "alerts.more": "알림",
        "title.high": ", 심각도 높음 {high}건",
        "title.stake": ", 영향 매출 {stake}",
        "title.day": ", {day} 기준",
        "title.alert": "[{brand}] {type}: {about}",
        "group": "{type}(심각도 {severity}): {count}건{stake}",
        "line": "{type}: {about}{stake}: {message}",
        "line.stake": "({stake})",
        "silent": " 마케팅 수신에 동의하지 않았습니다.",
        "proposed": " 할 일: {action}.",
        "at_stake": "영향 매출: {stake}.",
        "as_of": "{day} 기준.",
        "more": "그 밖에 {more}건",
        "severity.high": "높음",
        "severity.normal": "보통",
        "alert.about_to_churn": "곧 이탈",
        "alert.loyal_at_risk": "위험한 충성 고객",
        "alert.no_second_purchase": "두 번째 구매 없음",
        "alert.cart_abandoned": "장바구니 포기",
        "alert.negative_feedback_open": "답변 없는 부정적 피드백",
        "alert.subscription_cancelled": "구독 해지",
        "alert.churn_rate_high": "높은 재구매 고객 이탈률",
        "alert.repeat_rate_drop": "재구매 고객 비율 하락",
        "alert.revenue_drop": "매출 하락",
        "alert.churn_window_off": "맞지 않는 이탈 판정 기간",
        "alert.rejected_rows_high": "거부된 행 과다",
        "alert.input_finding": "데이터 점검 필요",
    },
    "zh": {
        "brand": "品牌整体",
        "of": "{customer} 的 {subject}",
        "title": "[{brand}] 新{alerts} {count} 条{high}{stake}{day}",
        "alerts.one": "预警",
        "alerts.more": "预警",
        "title.high": "，严重程度高 {high} 条",
        "title.stake": "，涉及价值 {stake}",
        "title.day": "，截至{day}",
        "title.alert": "[{brand}] {type}：{about}",
        "group": "{type}（严重程度{severity}）：{count} 条{stake}",
        "line": "{type}：{about}{stake}：{message}",
        "line.stake": "（{stake}）",
        "silent": "未同意营销联系。",
        "proposed": "建议：{action}。",
        "at_stake": "涉及价值：{stake}。",
        "as_of": "截至{day}。",
        "more": "另有 {more} 条",
        "severity.high": "高",
        "severity.normal": "一般",
        "alert.about_to_churn": "即将流失",
        "alert.loyal_at_risk": "忠诚客户有风险",
        "alert.no_second_purchase": "没有第二次购买",
        "alert.cart_abandoned": "弃购购物车",
        "alert.negative_feedback_open": "负面反馈未回复",
        "alert.subscription_cancelled": "订阅取消",
        "alert.churn_rate_high": "复购客户流失率偏高",
        "alert.repeat_rate_drop": "复购率下降",
        "alert.revenue_drop": "收入下降",
        "alert.churn_window_off": "流失窗口不合适",
        "alert.rejected_rows_high": "被拒绝的行过多",
        "alert.input_finding": "数据存在问题",
    },
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# the currencies whose amounts have no decimals
WHOLE = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
UNITS = {("ko", "KRW"): "{figure}원", ("zh", "CNY"): "{figure} 元"}


class Words:
    """The words of one language; English for one that nothing is written in."""

    def __init__(self, language: Any = None) -> None:
        """Takes one of the languages of WORDS."""
        self.language = language if language in WORDS else DEFAULT_LANGUAGE
        self.words = WORDS[self.language]

    def __call__(self, key: str, **values: Any) -> str:
        """Gives a text with values in its places."""
        return self.words[key].format(**values)

    def name(self, kind: str, code: Any) -> str:
        """Gives the name of a code, such as that of an alert type; one that is not known is its own name."""
        return self.words.get(f"{kind}.{code}", str(code))

    def day(self, value: Any) -> str:
        """Gives a date, or its text in ISO 8601, as the language writes it; what is neither as it is."""
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value[:10])
            except ValueError:
                return str(value)
        if not isinstance(value, (date, datetime)):
            return str(value)
        if self.language == "ko":
            return f"{value.year}년 {value.month}월 {value.day}일"
        if self.language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{MONTHS[value.month - 1]} {value.day}, {value.year}"

    def money(self, value: Any, currency: str | None) -> str:
        """Gives an amount as people read it: decimals only where it is small and the currency has some."""
        amount = float(value)
        is_whole = abs(amount) >= 1000 or amount == round(amount) or currency in WHOLE
        figure = f"{amount:,.0f}" if is_whole else f"{amount:,.2f}"
        if not currency:
            return figure
        return UNITS.get((self.language, currency), "{figure} {currency}").format(figure=figure, currency=currency)
