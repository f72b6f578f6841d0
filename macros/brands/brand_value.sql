{#
    A brand's setting as SQL: one literal where all brands agree, else a case on the brand.
    Takes: the setting's path (`churn.window_days`); the column that holds the brand. Gives: an expression whose type is the
    setting's (text, number or boolean; null where the setting is null).
#}
{% macro brand_value(setting, brand_column='brand_id') -%}
    {%- set groups = brands_by_value(setting) -%}
    {%- if groups | length == 1 -%}
        {{- sql_literal(groups[0].value) -}}
    {%- else -%}
        case
        {%- for group in groups %}
            when {{ brand_column }} in ({{ sql_text_list(group.brands) }}) then {{ sql_literal(group.value) }}
        {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}

{#
    The brands, grouped by what a setting of theirs says.
    Takes: the setting's path. Gives: a list of {value, brands}.
#}
{% macro brands_by_value(setting) -%}
    {%- set groups = {} -%}
    {%- for brand_id, settings in brand_settings().items() -%}
        {%- set found = namespace(value=settings) -%}
        {%- for key in setting.split('.') -%}
            {%- set found.value = found.value[key] -%}
        {%- endfor -%}
        {%- set group = groups.setdefault(tojson(found.value), {'value': found.value, 'brands': []}) -%}
        {%- do group.brands.append(brand_id) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{%- endmacro %}

{#
    A setting's value as a literal.
    Takes: a text, a number, a boolean or none. Gives: SQL.
#}
{% macro sql_literal(value) -%}
    {%- if value is none -%} null
    {%- elif value is boolean -%} {{- value | string | lower -}}
    {%- elif value is number -%} {{- sql_number(value) -}}
    {%- else -%} {{- sql_text(value) -}}
    {%- endif -%}
{%- endmacro %}

{#
    Texts as literals with commas between.
    Takes: a list of texts. Gives: SQL.
#}
{% macro sql_text_list(texts) -%}
    {%- for text in texts -%} {{- sql_text(text) -}} {{- ', ' if not loop.last -}} {%- endfor -%}
{%- endmacro %}
