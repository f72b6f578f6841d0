{{ read_raw_table('customers') }}
