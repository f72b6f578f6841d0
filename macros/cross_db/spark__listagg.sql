{# Overrides dbt-spark's macro, which warns that it keeps no order. Each key of the clause is a column. #}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set keys = [] -%}
    {%- set cases = [] -%}
    {%- for key in (order_by_clause or '')[9:].split(',') if order_by_clause -%}
        {%- set column = key | trim -%}
        {%- set is_descending = column.endswith(' desc') -%}
        {%- do keys.append(column.replace(' desc', '') ~ ' as key_' ~ loop.index ~ ', ') -%}
        {%- do cases.append(
            'when l.key_' ~ loop.index ~ ' < r.key_' ~ loop.index ~ ' then ' ~ (1 if is_descending else -1)
            ~ ' when l.key_' ~ loop.index ~ ' > r.key_' ~ loop.index ~ ' then ' ~ (-1 if is_descending else 1) ~ ' '
        ) -%}
    {%- endfor -%}
    {%- set parts = 'collect_list(struct(' ~ keys | join ~ measure ~ ' as part))' -%}
    {%- if cases -%}
        {%- set parts = 'array_sort(' ~ parts ~ ', (l, r) -> case ' ~ cases | join ~ 'else 0 end)' -%}
    {%- endif -%}
    {%- if limit_num -%}
        {%- set parts = 'slice(' ~ parts ~ ', 1, ' ~ limit_num ~ ')' -%}
    {%- endif -%}
    array_join(transform({{ parts }}, pair -> pair.part), {{ delimiter_text }})
{%- endmacro %}
