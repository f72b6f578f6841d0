{% macro loyalty_record() -%}
    {{ return(adapter.dispatch('loyalty_record', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__loyalty_record() -%}
    {%- set snapshot = ref('loyalty_snapshot') -%}
    {%- if execute and load_relation(snapshot) is none -%}
    -- `dbt run` takes no snapshot: there is no history before the first `dbt build` or `dbt snapshot`
    select
        brand_id,
        customer_id,
        loyalty_class,
        loyalty_tier,
        known_since as valid_from,
        known_since as valid_to
    from {{ ref('customers') }}
    where false
    {%- else -%}
    select
        brand_id,
        customer_id,
        loyalty_class,
        loyalty_tier,
        cast(dbt_valid_from as date) as valid_from,
        cast(dbt_valid_to as date) as valid_to
    from {{ snapshot }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__loyalty_record() -%}
    select
        brand_id,
        customer_id,
        loyalty_class,
        loyalty_tier,
        measured_on as valid_from,
        next_measured_on as valid_to
    from (
        select
            *,
            lead(measured_on) over (partition by brand_id, customer_id order by measured_on) as next_measured_on
        from {{ ref('fct_loyalty_changes') }}
    ) as changes
    where not is_gone
{%- endmacro %}
