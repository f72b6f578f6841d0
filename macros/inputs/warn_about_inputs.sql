{#- Only what this run has built is looked at, so every relation is there and nothing is said twice. -#}
{% macro warn_about_inputs(results) %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% set built = {} %}
        {% for result in results if result.status == 'success' %}
            {% do built.update({result.node.name: result.node.relation_name}) %}
        {% endfor %}
        {% for result in results
           if result.node.name == 'as_of_date_is_not_in_the_future' and result.status == 'warn'
           and 'as_of_date' in built %}
            {% do _warn_about_future(built.as_of_date) %}
        {% endfor %}
        {% if 'stg_interactions' in built %}
            {% do _warn_about_unknown_types(built.stg_interactions) %}
        {% endif %}
        {% if 'input_reconciliation' in built and 'rejected_rows' in built %}
            {% do _warn_about_rejected_rows(built.input_reconciliation, built.rejected_rows) %}
        {% endif %}
    {% endif %}
    {{ return('') }}
{% endmacro %}

{% macro _warn_about_future(as_of_date) %}
    {% set day = run_query('select as_of_date from ' ~ as_of_date).columns[0].values()[0] %}
    {% do exceptions.warn(
        'as_of_date is ' ~ day ~ ', a day that has not come, and everything is measured at it. '
        ~ ('It is the var as_of_date.' if project_settings().as_of_date is not none
           else 'It is the day of the latest order: mend the date of that order, or set the var as_of_date.')
    ) %}
{% endmacro %}

{% macro _warn_about_unknown_types(interactions) %}
    {% set found = run_query(
        'select interaction_type, count(*) as times from ' ~ interactions
        ~ " where interaction_group = 'other' group by interaction_type order by count(*) desc, interaction_type"
    ).rows %}
    {% if found %}
        {% set types = [] %}
        {% for interaction_type, times in found %}
            {% do types.append(shown_value(interaction_type) ~ ' (' ~ times ~ ')') %}
        {% endfor %}
        {% do exceptions.warn(
            'Interactions of a type that the seed interaction_types lacks: ' ~ types[:20] | join(', ')
            ~ (' and ' ~ (types | length - 20) ~ ' more types' if types | length > 20 else '')
            ~ ". They count as group 'other' with weight 0 and are never a signal."
        ) %}
    {% endif %}
{% endmacro %}

{% macro _warn_about_rejected_rows(reconciliation, rejected) %}
    {% set max_share = project_settings().max_rejected_share %}
    {% set tables = run_query(
        'select source_table, sum(raw_rows) as raw_rows, sum(rejected_rows) as rejected_rows from '
        ~ reconciliation ~ ' group by source_table order by source_table'
    ).rows %}
    {% for source_table, raw_rows, rejected_rows in tables
        if (rejected_rows | float) / (raw_rows | float) > max_share %}
        {% set reasons = [] %}
        {% for reason, times in run_query(
            'select reason, count(*) as times from ' ~ rejected
            ~ " where source_table = '" ~ source_table ~ "' group by reason order by count(*) desc, reason"
        ).rows %}
            {% do reasons.append(reason ~ ' (' ~ times ~ ')') %}
        {% endfor %}
        {% do exceptions.warn(
            'Of ' ~ raw_rows ~ ' rows of the raw table ' ~ source_table ~ ' ' ~ rejected_rows ~ ' were rejected, '
            ~ 'a share of ' ~ '%.4f' | format((rejected_rows | float) / (raw_rows | float))
            ~ ', above max_rejected_share (' ~ max_share ~ '): ' ~ reasons | join(', ')
            ~ '. They are in ' ~ rejected ~ '.'
        ) %}
    {% endfor %}
{% endmacro %}
