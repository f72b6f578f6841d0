{% test unique_key(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as rows_with_this_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
