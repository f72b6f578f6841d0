{#
    Text with its line breaks and tabs written out, so that each message stays on one line.
#}
{% macro one_line(text) %}
    {{ return(text | replace('\n', '\\n') | replace('\r', '\\r') | replace('\t', '\\t')) }}
{% endmacro %}
