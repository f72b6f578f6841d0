{#- the loop: settings are vars. Each value is cast by itself, since a column of `values` has one type -#}
{%- set rows = [] -%}
{%- for row in flat_brand_settings() -%}
    {%- set value = 'cast(' ~ sql_literal(row.value) ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- do rows.append([sql_text(row.brand_id), sql_text(row.setting), value]) -%}
{%- endfor -%}

select
    brand_id,
    setting,
    value
from {{ values_table(rows, 'settings', ['brand_id', 'setting', 'value']) }}
