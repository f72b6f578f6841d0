select
    mart,
    column_name,
    language,
    metric,
    label,
    definition,
    formula
from {{ ref('glossary') }}
