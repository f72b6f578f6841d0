"""Publishing: a build shows itself whole and tested, or not at all. The command is `lifecycle`.

project.py         dbt: where its warehouse is, and running a build
publication.py     what a publication is, and the rules that both warehouses share
store.py           how publishing and restoring go, step by step, for both
duckdb_store.py    the steps with files that are renamed into place
postgres_store.py  the steps with schemas that are swapped in one transaction
commands.py        what each command does; ../cli.py has their options
"""
