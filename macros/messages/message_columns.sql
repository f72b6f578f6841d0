{#
    The columns `message`, `message_ko` and `message_zh` of an alert. `text` is the name of one of message_texts(), or a
    list of [condition, name] of which the first that holds is taken; the last has none as its condition.
#}
{% macro message_columns(text, values) -%}
    {%- for language in ['en', 'ko', 'zh'] -%}
        {%- if text is string -%}
            {{- message_text(text, language, values) }} as message{{ '' if language == 'en' else '_' ~ language }}
        {%- else -%}
            case
            {%- for condition, name in text %}
                {%- if condition is not none %}
                when {{ condition }} then {{ message_text(name, language, values) }}
                {%- else %}
                else {{ message_text(name, language, values) }}
                {%- endif %}
            {%- endfor %}
            end as message{{ '' if language == 'en' else '_' ~ language }}
        {%- endif -%}
        {{- ',\n        ' if not loop.last -}}
    {%- endfor -%}
{%- endmacro %}
