{#
    What alerts and actions say, in every language: the only place where these sentences are written. To translate them,
    add a language to each, and columns for it to the marts.

    A {placeholder} is written as the language writes it; the last word of its name says what it is: a day, a month, a
    share, an amount, a score, a table, a hint, or else a whole number. Hints of input findings are English; the other
    languages say them in short, and where to read on.
#}
{% macro message_texts() %}
    {{ return({
        'about_to_churn': {
            'en': 'Will leave the base after {day} without new activity (days left: {days}).',
            'ko': '새로운 활동이 없으면 {day} 이후 이탈로 집계됩니다(남은 기간 {days}일).',
            'zh': '若无新的活动，{day}之后将计为流失（剩余 {days} 天）。',
        },
        'loyal_at_risk_likely': {
            'en': 'Loyal customer, {share} likely to leave the base without another order; last order: {day}.',
            'ko': '다시 주문하지 않고 이탈할 확률이 {share}인 충성 고객입니다. 마지막 주문일: {day}.',
            'zh': '忠诚客户，不再下单而流失的概率为 {share}；末次下单：{day}。',
        },
        'loyal_at_risk_leaving': {
            'en': 'Loyal customer who will leave the base after {end_day}; last order: {day}.',
            'ko': '{end_day} 이후 이탈로 집계될 충성 고객입니다. 마지막 주문일: {day}.',
            'zh': '忠诚客户，{end_day}之后将计为流失；末次下单：{day}。',
        },
        'loyal_at_risk_leaving_without_order': {
            'en': 'Loyal customer who will leave the base after {end_day}; last order: none.',
            'ko': '{end_day} 이후 이탈로 집계될 충성 고객입니다. 마지막 주문일: 없음.',
            'zh': '忠诚客户，{end_day}之后将计为流失；末次下单：无。',
        },
        'no_second_purchase': {
            'en': 'Bought once, {days} days ago; most customers who buy again do so within {usual_days} days.',
            'ko': '{days}일 전에 한 번 구매했습니다. 재구매하는 고객은 대부분 {usual_days}일 안에 다시 구매합니다.',
            'zh': '{days} 天前购买过一次；会复购的客户大多在 {usual_days} 天内再次购买。',
        },
        'cart_abandoned': {
            'en': 'Abandoned a cart worth {amount} on {day}; no order has recovered it.',
            'ko': '{day}에 {amount} 상당의 장바구니를 포기했고, 아직 주문으로 이어지지 않았습니다.',
            'zh': '{day}弃购，购物车金额 {amount}，尚未下单挽回。',
        },
        'cart_abandoned_without_amount': {
            'en': 'Abandoned a cart on {day}; no order has recovered it.',
            'ko': '{day}에 장바구니를 포기했고, 아직 주문으로 이어지지 않았습니다.',
            'zh': '{day}弃购，尚未下单挽回。',
        },
        'negative_feedback_open': {
            'en': 'Gave a score of {score} on {day}; not answered yet.',
            'ko': '{day}에 {score}점을 주었고, 아직 답변을 받지 못했습니다.',
            'zh': '{day}评分 {score} 分，尚未得到回复。',
        },
        'product_subscription_ended': {
            'en': 'Their product subscription ended on {day}.',
            'ko': '제품 구독이 {day}에 종료되었습니다.',
            'zh': '产品订阅已于{day}结束。',
        },
        'service_subscription_ended': {
            'en': 'Their service subscription ended on {day}.',
            'ko': '서비스 구독이 {day}에 종료되었습니다.',
            'zh': '服务订阅已于{day}结束。',
        },
        'churn_rate_high': {
            'en': 'In {month}, {share} of the opening repeat customers were lost; {earlier_share} in the period it is '
                ~ 'compared with.',
            'ko': '{month}의 재구매 고객 이탈률은 {share}, 비교 기간은 {earlier_share}입니다.',
            'zh': '{month}的复购客户流失率为 {share}，对比期为 {earlier_share}。',
        },
        'repeat_rate_drop': {
            'en': 'The repeat customer rate of {month} is {share} below what the months before and the season let '
                ~ 'expect.',
            'ko': '{month}의 재구매 고객 비율이 이전 추이와 계절성을 고려한 예상보다 {share} 낮습니다.',
            'zh': '{month}的复购率比按此前各月和季节推算的预期低 {share}。',
        },
        'revenue_drop': {
            'en': 'Net revenue of {month} is {share} below what the months before and the season let expect.',
            'ko': '{month}의 순매출이 이전 추이와 계절성을 고려한 예상보다 {share} 적습니다.',
            'zh': '{month}的净收入比按此前各月和季节推算的预期低 {share}。',
        },
        'churn_window_off_by_advice': {
            'en': 'The churn window is {days} days; orders so far advise {advised_days}.',
            'ko': '이탈 판정 기간은 {days}일이지만, 지금까지의 주문에 따른 권장 기간은 {advised_days}일입니다.',
            'zh': '流失窗口为 {days} 天，按现有订单建议设为 {advised_days} 天。',
        },
        'churn_window_off_by_false_churns': {
            'en': 'The churn window is {days} days; {share} of {customers} customers who left came back soon after.',
            'ko': '이탈 판정 기간은 {days}일이지만, 이탈한 고객 {customers}명 가운데 {share}가 얼마 지나지 않아 돌아왔습니다.',
            'zh': '流失窗口为 {days} 天，流失的 {customers} 位客户中有 {share} 不久便回流。',
        },
        'rejected_rows_high': {
            'en': '{share} of the rows of {table} were rejected; see quality.rejected_rows for the reasons.',
            'ko': '{table} 테이블의 행 가운데 {share}가 거부되었습니다. 사유는 quality.rejected_rows에 있습니다.',
            'zh': '{table} 表中有 {share} 的行被拒绝，原因见 quality.rejected_rows。',
        },
        'input_finding': {'en': '{hint}', 'ko': '{hint}', 'zh': '{hint}'},
        'input_finding_no_order_counts': {
            'en': '{hint}',
            'ko': '구매로 인정되는 주문이 없습니다(주문 {rows}건). 주문의 상태와 금액이 설정과 맞는지 확인하세요. '
                ~ '예시와 해결 방법은 quality.input_findings에 있습니다.',
            'zh': '没有任何订单计为购买（共 {rows} 笔）。请检查订单的状态和金额是否与设置相符，示例和处理建议见 '
                ~ 'quality.input_findings。',
        },
        'input_finding_ids_never_meet': {
            'en': '{hint}',
            'ko': '{table} 테이블의 고객 {rows}명 가운데 주문에도 있는 고객이 거의 없습니다. 두 테이블의 customer_id를 '
                ~ '같은 형식으로 맞추세요. 예시는 quality.input_findings에 있습니다.',
            'zh': '{table} 表的 {rows} 位客户中，几乎没有人出现在订单里。请统一两张表的 customer_id 格式，示例见 '
                ~ 'quality.input_findings。',
        },
        'do_not_contact': {
            'en': ' Do not contact: no marketing consent.',
            'ko': ' 마케팅 수신에 동의하지 않았으므로 연락하지 마세요.',
            'zh': '未同意营销联系，请勿联系。',
        },
        'no_consent': {
            'en': 'No marketing consent.',
            'ko': '마케팅 수신에 동의하지 않았습니다.',
            'zh': '未同意营销联系。',
        },
        'no_line_applies': {
            'en': 'No line of the playbook applies.',
            'ko': '플레이북에 해당하는 항목이 없습니다.',
            'zh': '行动手册中没有适用的条目。',
        },
        'no_action': {
            'en': 'none',
            'ko': '없음',
            'zh': '无',
        },
    }) }}
{% endmacro %}
