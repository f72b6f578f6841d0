{% macro raw_settings_text() %}
    {% set settings = project_settings() %}
    {% set given = {} %}
    {% for name in ['raw_dir', 'raw_schema', 'raw_database', 'raw_project'] if settings[name] is not none %}
        {% do given.update({name: settings[name] | string}) %}
    {% endfor %}
    {{ return(tojson(given, sort_keys=true) if given else 'the sample') }}
{% endmacro %}
