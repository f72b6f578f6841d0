{{ read_raw_table('marketing_spend') }}
