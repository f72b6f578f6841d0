{#
    What each setting must look like: the same dict as above, with the name of a check instead of each value:
      boolean      true or false                         currency  text, or null
      days         a whole number from 1 to 1,000,000    timezone  a name of the IANA database
      share        a number from 0 to 1                  statuses  a list of texts
      days_or_none a whole number from 0 to 1,000,000
      positive     a number above 0                      signals   a list of signals
      yearly_rate  a number from 0 to below 10           weights   a map from interaction types to numbers from 0
      rule         a tree of rules                       tiers     a list of {name, when}
      time_columns a map from raw tables to lists of their columns that have a business date
      clv_model    'mbg_nbd' or 'bg_nbd'           language  'en', 'ko' or 'zh'
      margin       a number above 0, at most 1           rise      a number from 0
      name_or_none    null or a line of text of at most 60 characters
      colour_or_none  null or a colour as #rrggbb
      recency_shares  three rising numbers above 0 and below 1
#}
{% macro brand_setting_checks() %}
    {{ return({
        'currency': 'currency',
        'timezone': 'timezone',
        'language': 'language',
        'display_name': 'name_or_none',
        'logo_colour': 'colour_or_none',
        'count_zero_value_orders': 'boolean',
        'history_is_complete': 'boolean',
        'valid_order_statuses': 'statuses',
        'active': {'window_days': 'days', 'signals': 'signals'},
        'churn': {'window_days': 'days', 'signals': 'signals'},
        'subscription_renewal_days': 'days',
        'subscription_gap_days': 'days_or_none',
        'advocacy': {'window_days': 'days'},
        'window_advice': {'return_share': 'share', 'follow_up_days': 'days'},
        'engagement': {'window_days': 'days', 'full_score_points': 'positive', 'weights': 'weights'},
        'annual_discount_rate': 'yearly_rate',
        'margin_rate': 'margin',
        'clv': {'model': 'clv_model'},
        'rfm': {'recency_shares': 'recency_shares'},
        'loyal_when': 'rule',
        'tiers': 'tiers',
        'dates_at_midnight': 'time_columns',
        'alerts': {
            'about_to_churn': {'days_ahead': 'days'},
            'loyal_at_risk': {'churn_probability': 'share'},
            'no_second_purchase': {'percentile': 'share'},
            'cart_abandoned': {'days': 'days'},
            'negative_feedback_open': {'days': 'days'},
            'subscription_cancelled': {'days': 'days'},
            'churn_rate_high': {'churn_rate': 'share', 'relative_rise': 'rise'},
            'repeat_rate_drop': {'relative_drop': 'share'},
            'revenue_drop': {'relative_drop': 'share'},
            'churn_window_off': {},
            'rejected_rows_high': {},
            'input_finding': {},
        },
    }) }}
{% endmacro %}
