{#-
    Ends the open rows of customers who are no longer in `current`, on the day now being built; if that lies before the
    latest day on record, it changes nothing. dbt could end them itself (hard_deletes), but would use the clock's time,
    and would also do so for every day out of order, for which the snapshot selects no rows. Brands that are not built
    (only_brand, or settings removed) are left alone: nothing is known about them.
-#}
{% macro end_rows_of_the_gone(snapshot, current, as_of_date, brands) %}
    update {{ snapshot }}
    set dbt_valid_to = (select cast(as_of_date as timestamp) from {{ as_of_date }} as reporting_day)
    where
        dbt_valid_to is null
        and brand_id in (select brand_id from {{ brands }})
        and not exists (
            select 1 from {{ current }} as still_there
            where
                still_there.brand_id = {{ snapshot }}.brand_id
                and still_there.customer_id = {{ snapshot }}.customer_id
        )
        and (select cast(as_of_date as timestamp) from {{ as_of_date }} as reporting_day) >= {{ latest_day(snapshot) }}
{% endmacro %}
