{{ read_raw_table('customers', without_brand=true) }}
