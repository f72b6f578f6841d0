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
        {% set warned = [] %}
        {% if 'input_reconciliation' in built and 'input_findings' in built %}
            {% do warned.extend(_warn_about_rejected_rows(built.input_reconciliation, built.input_findings)) %}
        {% endif %}
        {% if 'input_findings' in built %}
            {% do _warn_about_findings(built.input_findings, warned) %}
        {% endif %}
    {% endif %}
    {{ return('') }}
{% endmacro %}

{% macro _warn_about_future(as_of_date) %}
    {% set day = run_query('select as_of_date from ' ~ as_of_date ~ ' as reporting_day').columns[0].values()[0] %}
    {% do exceptions.warn(
        'as_of_date is ' ~ day ~ ', a day that has not come, and everything is measured at it. '
        ~ ('It is the var as_of_date.' if project_settings().as_of_date is not none
           else 'It is the day of the latest order: correct the date of that order, or set the var as_of_date.')
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

{# Gives the tables that were warned of: nothing more is said of their reasons. #}
{% macro _warn_about_rejected_rows(reconciliation, findings) %}
    {% set max_share = project_settings().max_rejected_share %}
    {% set warned = [] %}
    {% set tables = run_query(
        'select source_table, sum(raw_rows) as raw_rows, sum(rejected_rows) as rejected_rows from '
        ~ reconciliation ~ ' group by source_table order by source_table'
    ).rows %}
    {% for source_table, raw_rows, rejected_rows in tables
        if (rejected_rows | float) / (raw_rows | float) > max_share %}
        {% do warned.append(source_table) %}
        {% set reasons = {} %}
        {% for finding, row_count, example in run_query(
            'select finding, row_count, example from ' ~ findings ~ " where source_table = '" ~ source_table
            ~ "' and (finding = 'unknown_brand' or finding like 'first_bad_value:%')"
            ~ ' order by row_count desc, finding, brand_id'
        ).rows %}
            {% set reason = reasons.setdefault(
                finding | replace('first_bad_value:', ''), {'rows': [], 'example': example}
            ) %}
            {% do reason.rows.append(row_count | int) %}
        {% endfor %}
        {% set listed = [] %}
        {% for reason, found in reasons.items() %}
            {% do listed.append([-(found.rows | sum), reason ~ ' (' ~ found.rows | sum ~ '), such as '
                ~ one_line(found.example)]) %}
        {% endfor %}
        {% do exceptions.warn(
            'Of ' ~ raw_rows ~ ' rows of the raw table ' ~ source_table ~ ' ' ~ rejected_rows ~ ' were rejected, '
            ~ 'a share of ' ~ '%.4f' | format((rejected_rows | float) / (raw_rows | float))
            ~ ', above max_rejected_share (' ~ max_share ~ '): ' ~ listed | sort | map(attribute=1) | join('; ')
            ~ '. quality.rejected_rows has them.'
        ) %}
    {% endfor %}
    {{ return(warned) }}
{% endmacro %}

{# A line for each finding, and of a kind that has many for the three with the most rows. #}
{% macro _warn_about_findings(findings, warned) %}
    {% set kinds = {} %}
    {% for brand_id, source_table, finding, row_count, example, hint in run_query(
        'select brand_id, source_table, finding, row_count, example, hint from ' ~ findings
        ~ ' order by is_alert desc, row_count desc, source_table, brand_id, finding'
    ).rows %}
        {% set kind = finding.split(':')[0] %}
        {% if not (kind in ['unknown_brand', 'first_bad_value'] and source_table in warned) %}
            {% do kinds.setdefault(kind, []).append(
                finding ~ ' in ' ~ source_table ~ ' of brand ' ~ shown_value(brand_id) ~ ' ('
                ~ row_count ~ (' row): ' if row_count | int == 1 else ' rows): ') ~ one_line(example) ~ '. ' ~ hint
            ) %}
        {% endif %}
    {% endfor %}
    {% for kind, lines in kinds.items() %}
        {% for line in lines[:3] %}
            {% do exceptions.warn(line ~ (
                ' And ' ~ (lines | length - 3) ~ ' more findings of this kind: quality.input_findings has them.'
                if loop.last and lines | length > 3 else ''
            )) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
