{{ read_raw_table('subscriptions') }}
