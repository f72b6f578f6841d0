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
        "title": "[{brand}] {count} new {alerts}{high}{stake}{day}",
        "alerts.one": "alert",
        "alerts.more": "alerts",
        "title.high": ", {high} of high severity",
        "title.stake": ", {stake} at stake",
        "title.day": ", as of {day}",
        "title.alert": "[{brand}] {type}: {about}",
        "group": "{type} ({severity} severity): {count}{stake}",
        "item.stake": " ({stake})",
        "silent": "Has not agreed to be written to.",
        "proposed": "Proposed: {action}.",
        "at_stake": "At stake: {stake}.",
        "as_of": "As of {day}.",
        "item": "{about}{stake}: {message}",
        "to_do": "What to do: {actions}",
        "to_do.of": "{action} ({count})",
        "to_do.between": "; ",
        "silent.count": "Not to be contacted, for lack of consent: {count}",
        "report": "Report: {url}",
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
        "happened.about_to_churn": "Customers who will leave the base within days unless they act.",
        "happened.loyal_at_risk": "Loyal customers who are likely to leave, or whose time runs out.",
        "happened.no_second_purchase": "Customers who bought once, longer ago than most take to buy again.",
        "happened.cart_abandoned": "Carts of the last few days that no order has recovered.",
        "happened.negative_feedback_open": "Poor scores that nobody has answered yet.",
        "happened.subscription_cancelled": "Subscriptions that ended in the last few days.",
        "happened.churn_rate_high": "More repeat customers were lost in the last complete month than before.",
        "happened.repeat_rate_drop": "Fewer of the month's buyers bought again than before.",
        "happened.revenue_drop": "The last complete month brought less than before.",
        "happened.churn_window_off": "Customers count as lost too early or too late.",
        "happened.rejected_rows_high": "So many rows could not be read that figures may be incomplete.",
        "happened.input_finding": "Rows were read, but something about them leaves figures empty or wrong.",
    },
    "ko": {
        "brand": "브랜드 전체",
        "title": "[{brand}] 새 {alerts} {count}건{high}{stake}{day}",
        "alerts.one": "알림",
        "alerts.more": "알림",
        "title.high": ", 심각도 높음 {high}건",
        "title.stake": ", 영향 매출 {stake}",
        "title.day": ", {day} 기준",
        "title.alert": "[{brand}] {type}: {about}",
        "group": "{type}(심각도 {severity}): {count}건{stake}",
        "item.stake": "({stake})",
        "silent": "마케팅 수신에 동의하지 않았습니다.",
        "proposed": "할 일: {action}.",
        "at_stake": "영향 매출: {stake}.",
        "as_of": "{day} 기준.",
        "item": "{about}{stake}: {message}",
        "to_do": "할 일: {actions}",
        "to_do.of": "{action}({count}건)",
        "to_do.between": ", ",
        "silent.count": "마케팅 수신 미동의로 연락 금지: {count}건",
        "report": "리포트: {url}",
        "more": "외 {more}건",
        "severity.high": "높음",
        "severity.normal": "보통",
        "alert.about_to_churn": "이탈 임박",
        "alert.loyal_at_risk": "이탈 위험 충성 고객",
        "alert.no_second_purchase": "두 번째 구매 없음",
        "alert.cart_abandoned": "장바구니 포기",
        "alert.negative_feedback_open": "미답변 부정적 피드백",
        "alert.subscription_cancelled": "구독 해지",
        "alert.churn_rate_high": "재구매 고객 이탈률 높음",
        "alert.repeat_rate_drop": "재구매 고객 비율 하락",
        "alert.revenue_drop": "매출 감소",
        "alert.churn_window_off": "이탈 판정 기간 부적합",
        "alert.rejected_rows_high": "거부된 행 과다",
        "alert.input_finding": "데이터 점검 필요",
        "happened.about_to_churn": "새로운 활동이 없으면 며칠 안에 이탈로 집계될 고객입니다.",
        "happened.loyal_at_risk": "이탈할 가능성이 높거나 이탈 판정 기간이 곧 끝나는 충성 고객입니다.",
        "happened.no_second_purchase": "한 번 구매한 뒤, 고객 대부분이 재구매하는 기간을 넘긴 고객입니다.",
        "happened.cart_abandoned": "최근 며칠 사이에 포기했고 아직 주문으로 이어지지 않은 장바구니입니다.",
        "happened.negative_feedback_open": "점수가 낮지만 아직 답변하지 않은 피드백입니다.",
        "happened.subscription_cancelled": "최근 며칠 사이에 종료된 구독입니다.",
        "happened.churn_rate_high": "최근 마감된 달에 이탈한 재구매 고객이 이전보다 많습니다.",
        "happened.repeat_rate_drop": "최근 마감된 달의 구매 고객 가운데 다시 구매한 고객이 이전보다 적습니다.",
        "happened.revenue_drop": "최근 마감된 달의 매출이 이전보다 적습니다.",
        "happened.churn_window_off": "고객이 너무 일찍, 또는 너무 늦게 이탈로 집계됩니다.",
        "happened.rejected_rows_high": "읽지 못한 행이 많아 수치가 불완전할 수 있습니다.",
        "happened.input_finding": "데이터를 읽었지만 지표가 비거나 틀릴 수 있는 문제가 있습니다.",
    },
    "zh": {
        "brand": "品牌整体",
        "title": "[{brand}] 新{alerts} {count} 条{high}{stake}{day}",
        "alerts.one": "预警",
        "alerts.more": "预警",
        "title.high": "，严重程度高 {high} 条",
        "title.stake": "，涉及价值 {stake}",
        "title.day": "，截至{day}",
        "title.alert": "[{brand}] {type}：{about}",
        "group": "{type}（严重程度{severity}）：{count} 条{stake}",
        "item.stake": "（{stake}）",
        "silent": "未同意营销联系。",
        "proposed": "建议：{action}。",
        "at_stake": "涉及价值：{stake}。",
        "as_of": "截至{day}。",
        "item": "{about}{stake}：{message}",
        "to_do": "建议：{actions}",
        "to_do.of": "{action}（{count} 条）",
        "to_do.between": "；",
        "silent.count": "未同意营销联系，请勿联系：{count} 条",
        "report": "报告：{url}",
        "more": "另有 {more} 条",
        "severity.high": "高",
        "severity.normal": "一般",
        "alert.about_to_churn": "即将流失",
        "alert.loyal_at_risk": "忠诚客户有流失风险",
        "alert.no_second_purchase": "首购后未复购",
        "alert.cart_abandoned": "弃购购物车",
        "alert.negative_feedback_open": "负面反馈未回复",
        "alert.subscription_cancelled": "订阅取消",
        "alert.churn_rate_high": "复购客户流失率偏高",
        "alert.repeat_rate_drop": "复购率下降",
        "alert.revenue_drop": "收入下降",
        "alert.churn_window_off": "流失窗口不合适",
        "alert.rejected_rows_high": "被拒绝的行过多",
        "alert.input_finding": "数据存在问题",
        "happened.about_to_churn": "若无新的活动，几天之内将计为流失的客户。",
        "happened.loyal_at_risk": "很可能流失或即将到期的忠诚客户。",
        "happened.no_second_purchase": "只购买过一次、且已超过多数客户复购所需时间的客户。",
        "happened.cart_abandoned": "最近几天弃购、尚未下单挽回的购物车。",
        "happened.negative_feedback_open": "评分偏低、尚未回复的反馈。",
        "happened.subscription_cancelled": "最近几天结束的订阅。",
        "happened.churn_rate_high": "最近一个完整月流失的复购客户多于以往。",
        "happened.repeat_rate_drop": "最近一个完整月的购买客户中，复购的少于以往。",
        "happened.revenue_drop": "最近一个完整月的收入低于以往。",
        "happened.churn_window_off": "客户被过早或过晚地计为流失。",
        "happened.rejected_rows_high": "无法读取的行过多，数据可能不完整。",
        "happened.input_finding": "数据已读入，但存在会使指标为空或出错的问题。",
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
