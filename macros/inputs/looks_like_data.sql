{% macro looks_like_data(name) -%}
    {%- set last = name.split('/')[-1].lower() -%}
    {{ return(
        '.' not in last or modules.re.search(
            '[.](csv|tsv|tab|psv|txt|dat|parquet|parq|pq|json|jsonl|ndjson|xlsx?|xlsm|ods|avro|orc|feather|arrow'
            ~ '|gz|zst|zstd|zip|bz2|xz|7z|lz4|snappy)$', last
        ) is not none
    ) }}
{%- endmacro %}
