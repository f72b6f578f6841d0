{% macro is_left_truncated(start, first_order_date, brand_column='brand_id') -%}
    coalesce(
        not {{ brand_value('history_is_complete', brand_column) }}
        and {{ start }} < {{ add_days(first_order_date, brand_value('churn.window_days', brand_column)) }},
        false
    )
{%- endmacro %}
