"""Sending alerts: each goes out once, and nothing secret goes into a log.

    texts.py      what a message says, safe for a line of a log, the subject of a mail and a chat
    channels.py   how a message goes out: to the log, a webhook, by e-mail, or to the program that called
    sender.py     which messages go out: what is new, what is tried again, what is set aside

The standard library is all it needs, so that a scheduler can use it in an environment without dbt.
"""
