"""Tasks that run the project's own commands in its own environment, and the one that sends alerts."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from typing import Any, Iterator, Mapping, Sequence

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from lifecycle.notifiers import Alert, chosen_notifier

FAILURES_IN_A_ROW = 3


class CommandOperator(BaseOperator):
    """Runs a command; its exit code says whether to try again.

    Takes: the command; its arguments, as templates, of which those that render to nothing are left out; the folder to
    run it in; from the exit codes that another try would only repeat to what they mean.
    """

    template_fields: Sequence[str] = ("arguments",)

    def __init__(
        self,
        *,
        command: Sequence[str],
        arguments: Sequence[str],
        folder: str,
        final_exit_codes: Mapping[int, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.command = list(command)
        self.arguments = list(arguments)
        self.folder = folder
        self.final_exit_codes = dict(final_exit_codes)
        self.hook = SubprocessHook()

    def execute(self, context: Mapping[str, Any]) -> None:
        """Runs it, its output in the task's log.

        Raises AirflowFailException for an exit code that is final, or where there is no such command; AirflowException
        for any other code but 0.
        """
        arguments = [argument for argument in self.arguments if argument]
        environment = {**os.environ, "DBT_USE_COLORS": "false"}  # codes of colours are litter in a log
        try:
            code = self.hook.run_command([*self.command, *arguments], env=environment, cwd=self.folder).exit_code
        except FileNotFoundError as error:
            raise AirflowFailException(
                f"There is no {error.filename}: run `make build` in the project, or set LIFECYCLE_DBT_PYTHON and "
                "LIFECYCLE_PROJECT_DIR."
            ) from None
        if code in self.final_exit_codes:
            raise AirflowFailException(f"{self.final_exit_codes[code]} (exit code {code}; the log above says more)")
        if code:
            raise AirflowException(f"The command ended with exit code {code}; the log above says why.")

    def on_kill(self) -> None:
        """Ends the command when Airflow ends the task."""
        self.hook.send_sigterm()


class SendAlertsOperator(BaseOperator):
    """Sends each alert of the current publication that was not sent before, and records each as soon as it is out.

    So a try that fails half way leaves the rest, and only the rest, to the next. One alert that cannot be sent does not
    hold up the others; three in a row do, for then it is the receiver that is down.
    Takes: the command `publish.py alerts` with its options; as templates, more of them; the folder to run it in.
    """

    template_fields: Sequence[str] = ("arguments",)

    def __init__(self, *, command: Sequence[str], arguments: Sequence[str], folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.command = list(command)
        self.arguments = list(arguments)
        self.folder = folder

    def execute(self, context: Mapping[str, Any]) -> None:
        """Sends them. Raises AirflowException where one could not be sent, after the others, or not be recorded."""
        notifier_of = chosen_notifier()
        with self.process("--pending", "--json") as listing:
            pending: list[Alert] = [json.loads(line) for line in listing.stdout]
        failed = in_a_row = 0
        with self.process("--mark-sent", "-") as record:
            for alert in pending:
                try:
                    # not called, which would render the alert's text as a template
                    notifier_of(alert).notify(context)
                except Exception as error:  # whatever a hook may raise
                    self.log.error("Alert %s was not sent: %s", alert["alert_id"], error)
                    failed += 1
                    in_a_row += 1
                    if in_a_row == FAILURES_IN_A_ROW:
                        raise AirflowException(f"{in_a_row} alerts in a row could not be sent.") from error
                else:
                    in_a_row = 0
                    record_sent(record, alert["alert_id"])
        self.log.info("%d alerts sent, %d not", len(pending) - failed, failed)
        if failed:
            raise AirflowException(f"{failed} of {len(pending)} alerts could not be sent.")

    @contextmanager
    def process(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The command with these options as a process. Raises AirflowException where it fails; the log says why."""
        arguments = [argument for argument in self.arguments if argument]
        with subprocess.Popen(
            [*self.command, *arguments, *options],
            cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        ) as process:
            yield process
        if process.returncode:
            raise AirflowException(f"publish.py alerts ended with exit code {process.returncode}.")


def record_sent(record: subprocess.Popen[str], alert_id: str) -> None:
    """Has an alert recorded, and waits until it is. Raises AirflowException where that did not work."""
    record.stdin.write(alert_id + "\n")
    record.stdin.flush()
    if record.stdout.readline().strip() != alert_id:
        raise AirflowException(f"Alert {alert_id} was sent, but that could not be recorded.")
