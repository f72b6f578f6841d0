{# Overrides dbt-redshift's `text`, a varchar(256) there: a longer text would be cut. Redshift: Character types. #}
{% macro redshift__type_string() -%}{{ return('varchar(65535)') }}{%- endmacro %}

{# dbt's own casts to `text`, and so would hash the first 256 bytes. #}
{% macro redshift__hash(field) -%} md5(cast({{ field }} as {{ dbt.type_string() }})) {%- endmacro %}
