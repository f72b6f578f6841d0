{% macro rule_parts(node) %}
    {% if 'not' in node %}
        {{ return([node['not']]) }}
    {% elif 'metric' in node %}
        {{ return([]) }}
    {% endif %}
    {{ return(node['all'] if 'all' in node else node['any'] if 'any' in node else node['of']) }}
{% endmacro %}
