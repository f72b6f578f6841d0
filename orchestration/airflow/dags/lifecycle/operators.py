"""Tasks that run the project's own commands in its own environment, and the one that sends alerts."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from lifecycle import notifiers
from lifecycle.settings import Settings

WRONG_USAGE = 2


class CommandOperator(BaseOperator):
    """Runs a command; its exit code says whether to try again.

    Takes: the command; its arguments, as templates, of which those that render to nothing are left out; the folder to
    run it in; from the exit codes that another try would only repeat to what they mean; from those with which there is
    nothing to do to why; why not to run it at all, as a template that renders to nothing where there is no reason.
    """

    template_fields: Sequence[str] = ("arguments", "skip_if")

    def __init__(
        self,
        *,
        command: Sequence[str],
        arguments: Sequence[str],
        folder: str,
        final_exit_codes: Mapping[int, str],
        skip_exit_codes: Mapping[int, str] | None = None,
        skip_if: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.command = list(command)
        self.arguments = list(arguments)
        self.folder = folder
        self.final_exit_codes = dict(final_exit_codes)
        self.skip_exit_codes = dict(skip_exit_codes or {})
        self.skip_if = skip_if
        self.hook = SubprocessHook()

    def execute(self, context: Mapping[str, Any]) -> None:
        """Runs it, its output in the task's log.

        Raises AirflowFailException for an exit code that is final, or where there is no such command;
        AirflowSkipException for one with which there is nothing to do; AirflowException for any other code but 0.
        """
        if self.skip_if:
            raise AirflowSkipException(self.skip_if)
        arguments = [argument for argument in self.arguments if argument]
        environment = {**os.environ, "DBT_USE_COLORS": "false"}  # codes of colours are litter in a log
        try:
            code = self.hook.run_command([*self.command, *arguments], env=environment, cwd=self.folder).exit_code
        except FileNotFoundError as error:
            raise AirflowFailException(
                f"There is no {error.filename}: run `make build` in the project, or set LIFECYCLE_DBT_PYTHON and "
                "LIFECYCLE_PROJECT_DIR."
            ) from None
        if code in self.skip_exit_codes:
            raise AirflowSkipException(self.skip_exit_codes[code])
        if code in self.final_exit_codes:
            raise AirflowFailException(f"{self.final_exit_codes[code]} (exit code {code}; the log above says more)")
        if code:
            raise AirflowException(f"The command ended with exit code {code}; the log above says why.")

    def on_kill(self) -> None:
        """Ends the command when Airflow ends the task."""
        self.hook.send_sigterm()


class SendAlertsOperator(BaseOperator):
    """Sends the alerts of the current publication that were not sent before.

    What goes out together, in which order, and what is tried again is decided by `lifecycle alerts --send`, which also
    records it; this process hands each message to the channel that Airflow's Variables and connections describe, and
    answers what became of it.
    Takes: the command `lifecycle alerts` with its options; as templates, more of them; the folder to run it in.
    """

    template_fields: Sequence[str] = ("arguments",)

    def __init__(self, *, command: Sequence[str], arguments: Sequence[str], folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.command = list(command)
        self.arguments = list(arguments)
        self.folder = folder

    def execute(self, context: Mapping[str, Any]) -> None:
        """Sends them. Raises AirflowFailException where the settings are wrong, AirflowException where not all could be
        sent; the next try sends the rest."""
        settings = Settings.from_environment()
        channels = notifiers.alerting(settings).channels
        try:
            channel = notifiers.channel(settings, context)
        except ValueError as error:
            raise AirflowFailException(str(error)) from None
        command = [*self.command, *(argument for argument in self.arguments if argument), "--send"]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **notifiers.environment()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            # else a full pipe would stop both
            teller = threading.Thread(target=self._log_lines, args=[process.stderr])
            teller.start()
            try:
                for message in process.stdout:
                    answer = notifiers.answer_of(channel, message, channels)
                    process.stdin.write(answer + "\n")
                    process.stdin.flush()
            except BrokenPipeError:
                pass  # its exit code says more
            finally:
                with suppress(BrokenPipeError):
                    process.stdin.close()
                teller.join()
        if process.returncode == WRONG_USAGE:
            raise AirflowFailException("The settings are wrong (exit code 2; the log above says more)")
        if process.returncode:
            raise AirflowException(
                f"Not all alerts were sent (exit code {process.returncode}; the log above says why). The next try "
                "sends "
                "the rest."
            )

    def _log_lines(self, lines: Iterable[str]) -> None:
        """Writes lines to the task's log."""
        for line in lines:
            self.log.info("%s", line.rstrip("\n"))
