{{ clv_coarse_groups_sql(ref('int_clv_coarse_groups'), 2) }}
