{#-
    Why the value is not a number of days, or none: a positive whole number,
    1,000,000 at most (beyond it dates run out).

    Takes: value, anything.  Gives: a sentence, or none.  Raises: nothing.
-#}
{% macro days_problem(value) %}
    {% if value is integer and 1 <= value <= 1000000 %}
        {% do return(none) %}
    {% elif value is integer and value > 1000000 %}
        {% do return(
            shown_value(value) ~ ' is more than 1000000 days, the most there can be.'
        ) %}
    {% elif value is float and value > 0 and value == value // 1
            and value < 1e308 %}
        {% do return(
            shown_value(value) ~ ' is not a positive whole number; write '
            ~ 'it without a decimal point.'
        ) %}
    {% elif value is integer or value is float %}
        {% do return(
            shown_value(value) ~ ' is not a positive whole number.'
        ) %}
    {% endif %}
    {% do return(
        number_problem(value, none, none, 'a positive whole number')
    ) %}
{% endmacro %}
