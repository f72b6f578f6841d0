{#
    Why a key of `brands`, known to be wrong, cannot be a brand_id: a sentence.
#}
{% macro wrong_brand_id_text(brand_id) %}
    {% set shown = shown_value(brand_id) %}
    {% if brand_id is boolean %}
        {{ return(
            shown ~ ' is not a brand id (YAML also reads yes, no, on and off as booleans); write the id in quotes.'
        ) }}
    {% elif not (brand_id is string or brand_id is integer) %}
        {{ return(shown ~ ' is not a brand id; write the id in quotes.') }}
    {% elif not brand_id | string | trim %}
        {{ return(shown ~ ' is blank; a brand id is text.') }}
    {% elif (brand_id | string | trim) != (brand_id | string) %}
        {{ return(
            shown ~ ' begins or ends with a space; ids in the data are trimmed, so write '
            ~ shown_value(brand_id | trim) ~ '.'
        ) }}
    {% endif %}
    {{ return(shown ~ ' appears twice, as a number and as text.') }}
{% endmacro %}
