{% macro wrong_days_text(value, wanted='a positive whole number') %}
    {% if value is integer and value > 1000000 %}
        {{ return(shown_value(value) ~ ' is more than 1000000 days, the maximum.') }}
    {% elif value is float and value >= 0 and value < 1e308 and value == value // 1
          and (value > 0 or wanted != 'a positive whole number') %}
        {{ return(shown_value(value) ~ ' is not ' ~ wanted ~ '; write it without a decimal point.') }}
    {% endif %}
    {{ return(wrong_number_text(value, wanted)) }}
{% endmacro %}
