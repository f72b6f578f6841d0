{#-
    The statement that ends the open rows of those who are in `current` no more, on the day now built; where that lies
    before the latest on record, it changes nothing. dbt would end them by itself (hard_deletes), but at the clock's time,
    and on every day out of turn, for which the snapshot selects no rows.
    Brands that are not built (only_brand, or no settings any more) are left alone: nothing is known of them.
-#}
{% macro end_rows_of_the_gone(snapshot, current, as_of_date, brands) %}
    update {{ snapshot }}
    set dbt_valid_to = (select cast(as_of_date as timestamp) from {{ as_of_date }})
    where
        dbt_valid_to is null
        and brand_id in (select brand_id from {{ brands }})
        and not exists (
            select 1 from {{ current }} as still_there
            where
                still_there.brand_id = {{ snapshot }}.brand_id
                and still_there.customer_id = {{ snapshot }}.customer_id
        )
        and (select cast(as_of_date as timestamp) from {{ as_of_date }}) >= {{ latest_day(snapshot) }}
{% endmacro %}
