{#- the loop: settings are vars -#}
{%- for row in flat_brand_settings() %}
{{ 'union all' if not loop.first }}
select
    {{ sql_text(row.brand_id) }} as brand_id,
    {{ sql_text(row.setting) }} as setting,
    cast({{ sql_literal(row.value) }} as {{ dbt.type_string() }}) as value
{%- endfor %}
