{#
    A text of message_texts() in a language, as an SQL expression that is null where one of its values is.

    Arguments: the name of the text; `en`, `ko` or `zh`; an expression for each placeholder, by its name.
#}
{% macro message_text(name, language, values={}) -%}
    {%- set pieces = [] -%}
    {%- for piece in modules.re.split('([{][a-z_]+[}])', message_texts()[name][language]) if piece -%}
        {%- if piece.startswith('{') -%}
            {%- do pieces.append(_value_text(piece[1:-1], values[piece[1:-1]], language)) -%}
        {%- else -%}
            {%- do pieces.append(sql_text(piece)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ pieces | join(' || ') }}
{%- endmacro %}

{# What a placeholder holds follows from the last word of its name. #}
{% macro _value_text(placeholder, value, language) -%}
    {%- set kind = placeholder.split('_')[-1] -%}
    {%- if kind == 'day' -%} {{- day_text(value, language) -}}
    {%- elif kind == 'month' -%} {{- month_text(value, language) -}}
    {%- elif kind == 'share' -%} {{- percent_text(value) -}}
    {%- elif kind == 'amount' -%} {{- money_text(value, language) -}}
    {%- elif kind == 'score' -%} {{- _score_text(value) -}}
    {%- elif kind in ['table', 'hint'] -%} {{- value -}}
    {%- else -%} {{- whole_number_text(value) -}}
    {%- endif -%}
{%- endmacro %}

{# Scores are whole numbers, as a rule. #}
{% macro _score_text(score) -%}
    case
        when {{ score }} = floor({{ score }}) then {{ whole_number_text(score) }}
        else {{ decimal_text(score, 1) }}
    end
{%- endmacro %}
