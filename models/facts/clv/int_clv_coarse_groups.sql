{{ clv_coarse_groups_sql(ref('int_clv_groups'), 5) }}
