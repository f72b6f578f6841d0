{% test key_exists_in(model, to, columns, to_columns=none) %}

select distinct
    {%- for column in columns %}
    here.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ model }} as here
left join {{ to }} as there
    on
    {%- for column in to_columns or columns %}
        {{ 'and ' if not loop.first }}here.{{ columns[loop.index0] }} = there.{{ column }}
    {%- endfor %}
where there.{{ (to_columns or columns)[0] }} is null

{% endtest %}
