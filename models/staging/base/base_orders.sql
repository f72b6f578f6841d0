{{ read_raw_table('orders') }}
