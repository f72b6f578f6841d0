{{ read_raw_table('interactions') }}
