{{ read_raw_table('feedback') }}
