{#
    A column reads as one of
      id        text that compares exactly            label     text that compares exactly
      keyword   text that compares without case       currency  text that compares without case, upper case
      choice    a keyword from a list                 flag      true, false, yes, no … (see parse_column)
      time      a date or a time (see parse_time)     money     decimal(18,4), not negative
      seconds   decimal(18,6), not negative           score     0 to 10
      count     a whole number, not negative
    `event_time` is the column that decides whether a row lies after `as_of_date`; `date` names the business date that
    staging derives beside a time; `is_versioned` says that `updated_at` decides between rows of one key; `not_before`
    is the time that comes first: what lies before it is invalid.
#}
{% macro raw_tables() -%}
    {%- set tables = {
        'orders': {
            'key': ['brand_id', 'order_id'],
            'event_time': 'ordered_at',
            'is_versioned': true,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'order_id', 'reads_as': 'id', 'required': true},
                {'name': 'customer_id', 'reads_as': 'id', 'required': true},
                {'name': 'ordered_at', 'reads_as': 'time', 'required': true, 'date': 'order_date'},
                {'name': 'status', 'reads_as': 'keyword', 'required': true},
                {'name': 'gross_amount', 'reads_as': 'money', 'required': true},
                {'name': 'discount_amount', 'reads_as': 'money'},
                {'name': 'refund_amount', 'reads_as': 'money'},
                {'name': 'currency', 'reads_as': 'currency'},
                {'name': 'coupon_code', 'reads_as': 'label'},
                {'name': 'channel', 'reads_as': 'label'},
                {'name': 'updated_at', 'reads_as': 'time'},
            ],
        },
        'customers': {
            'key': ['brand_id', 'customer_id'],
            'event_time': 'signed_up_at',
            'is_versioned': true,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'customer_id', 'reads_as': 'id', 'required': true},
                {'name': 'signed_up_at', 'reads_as': 'time', 'date': 'signed_up_on'},
                {'name': 'acquisition_channel', 'reads_as': 'label'},
                {'name': 'referred_by_customer_id', 'reads_as': 'id'},
                {'name': 'membership_joined_at', 'reads_as': 'time', 'date': 'membership_joined_on'},
                {'name': 'contactable', 'reads_as': 'flag'},
                {'name': 'updated_at', 'reads_as': 'time'},
            ],
        },
        'interactions': {
            'key': ['brand_id', 'interaction_id'],
            'event_time': 'occurred_at',
            'is_versioned': false,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'interaction_id', 'reads_as': 'id', 'required': true},
                {'name': 'customer_id', 'reads_as': 'id', 'required': true},
                {'name': 'occurred_at', 'reads_as': 'time', 'required': true, 'date': 'interaction_date'},
                {'name': 'interaction_type', 'reads_as': 'keyword', 'required': true},
                {'name': 'duration_seconds', 'reads_as': 'seconds'},
                {'name': 'amount', 'reads_as': 'money'},
            ],
        },
        'subscriptions': {
            'key': ['brand_id', 'subscription_id'],
            'event_time': 'started_at',
            'is_versioned': true,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'subscription_id', 'reads_as': 'id', 'required': true},
                {'name': 'customer_id', 'reads_as': 'id', 'required': true},
                {
                    'name': 'subscription_kind', 'reads_as': 'choice', 'required': true,
                    'choices': ['product', 'service'],
                },
                {'name': 'started_at', 'reads_as': 'time', 'required': true, 'date': 'started_on'},
                {'name': 'ended_at', 'reads_as': 'time', 'date': 'ended_on', 'not_before': 'started_at'},
                {'name': 'monthly_amount', 'reads_as': 'money'},
                {'name': 'updated_at', 'reads_as': 'time'},
            ],
        },
        'feedback': {
            'key': ['brand_id', 'feedback_id'],
            'event_time': 'submitted_at',
            'is_versioned': false,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'feedback_id', 'reads_as': 'id', 'required': true},
                {'name': 'customer_id', 'reads_as': 'id', 'required': true},
                {'name': 'submitted_at', 'reads_as': 'time', 'required': true, 'date': 'submitted_on'},
                {'name': 'feedback_kind', 'reads_as': 'choice', 'choices': ['nps', 'csat', 'review']},
                {'name': 'score', 'reads_as': 'score', 'required': true},
            ],
        },
        'marketing_spend': {
            'key': [],
            'event_time': 'spend_date',
            'is_versioned': false,
            'columns': [
                {'name': 'brand_id', 'reads_as': 'id', 'required': true},
                {'name': 'spend_date', 'reads_as': 'time', 'required': true, 'date': 'spent_on'},
                {'name': 'channel', 'reads_as': 'label', 'required': true},
                {'name': 'purpose', 'reads_as': 'choice', 'required': true, 'choices': ['acquisition', 'retention']},
                {'name': 'amount', 'reads_as': 'money', 'required': true},
                {'name': 'impressions', 'reads_as': 'count'},
                {'name': 'clicks', 'reads_as': 'count'},
            ],
        },
    } -%}
    {{ return(tables) }}
{%- endmacro %}
