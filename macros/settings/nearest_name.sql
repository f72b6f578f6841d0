{#
    The name with the fewest letters to insert, drop, replace or swap with a neighbour (at most a third of the given
    letters, between one and three, ignoring case), otherwise the first that contains the given text (of at least four
    letters). Slow compared with the rest of the settings, so only called for a message.
#}
{% macro nearest_name(name, names) %}
    {% if name is not string or (name | length) < 2 or (name | length) > 60 %}
        {{ return(none) }}
    {% endif %}
    {% set given = name | trim | lower %}
    {#- ties keep the first: a later one must be nearer -#}
    {% set best = namespace(name=none, distance=[1, [3, (given | length) // 3] | min] | max + 1) %}
    {% for candidate in names %}
        {% if ((candidate | length) - (given | length)) | abs < best.distance %}
            {% set distance = _edit_distance(given, candidate | lower) %}
            {% if distance < best.distance %}
                {% set best.name = candidate %}
                {% set best.distance = distance %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% if best.name is none and (given | length) >= 4 %}
        {% for candidate in names if given in (candidate | lower) %}
            {{ return(candidate) }}
        {% endfor %}
    {% endif %}
    {{ return(best.name) }}
{% endmacro %}

{#
    How many letters two texts differ by: Levenshtein's distance, with two swapped neighbours counting as one step.
#}
{% macro _edit_distance(one, other) %}
    {% set rows = [range((other | length) + 1) | list] %}
    {% for i in range(one | length) %}
        {% set above = rows[i] %}
        {% set row = [i + 1] %}
        {% for j in range(other | length) %}
            {% set steps = [above[j + 1] + 1, row[j] + 1, above[j] + (0 if one[i] == other[j] else 1)] %}
            {% if i > 0 and j > 0 and one[i] == other[j - 1] and one[i - 1] == other[j] %}
                {% do steps.append(rows[i - 1][j - 1] + 1) %}
            {% endif %}
            {% do row.append(steps | min) %}
        {% endfor %}
        {% do rows.append(row) %}
    {% endfor %}
    {{ return(rows[-1][-1]) }}
{% endmacro %}
