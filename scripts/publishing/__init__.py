"""Publishing: a build shows itself whole and tested, or not at all. The command is scripts/publish.py.

    project.py       dbt: where its warehouse is, and running a build
    publication.py   what a publication is, and the rules that both warehouses share
    duckdb_store.py  publications as files that are renamed into place
    postgres_store.py  publications as schemas that are swapped in one transaction
    commands.py      the command line
"""
