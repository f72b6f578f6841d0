{{ clv_coarse_groups_sql(ref('fct_clv_groups'), 5) }}
