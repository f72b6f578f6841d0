"""What the DAG customer_lifecycle is made of.

settings.py    where the dbt project and its environment are, and when it runs
operators.py   tasks that run the project's own commands, and the one that sends alerts
notifiers.py   how an alert goes out: to the log, to a webhook, by e-mail
"""
