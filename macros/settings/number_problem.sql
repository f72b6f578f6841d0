{#-
    Why the value is not a finite number between two bounds, or none.

    Takes: value, anything; lowest and highest, the bounds, which are allowed
    themselves (none: no bound); wanted, what the value should be, in words.
    Gives: a sentence, or none.  Raises: nothing.
-#}
{% macro number_problem(value, lowest, highest, wanted) %}
    {#- neither infinities nor .nan lie between these two -#}
    {% if (value is integer or value is float)
          and value >= (lowest if lowest is not none else -1e308)
          and value <= (highest if highest is not none else 1e308) %}
        {% do return(none) %}
    {% endif %}
    {% set problem = shown_value(value) ~ ' is not ' ~ wanted %}
    {% if value is string %}
        {% do return(problem ~ _number_in_text_hint(value)) %}
    {% endif %}
    {% do return(problem ~ '.') %}
{% endmacro %}


{#- What to write in place of a text that reads as a number. -#}
{% macro _number_in_text_hint(value) %}
    {% set number = '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)' %}
    {% if modules.re.fullmatch(number, value) %}
        {% do return(': it is text; write it without quotes.') %}
    {% elif modules.re.fullmatch(number ~ '[eE][+-]?[0-9]+', value) %}
        {#- YAML takes 1e-7 for text: it wants a point and a sign -#}
        {% do return(
            ': YAML takes it for text; write it out, or as 1.0e-7.'
        ) %}
    {% endif %}
    {% do return('.') %}
{% endmacro %}
