"""Records of `logging`, and warnings, as structured events for the clients that want them.

Nothing is installed before the first client wants them. No handler is added: `logging.basicConfig`
of the user's code finds the root logger as it would elsewhere.
"""

from __future__ import annotations

from pyproxy_runtime.calls.attribution import running_call

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from typing import Any, TextIO

# Level, logger, message, file, line, function, class of a warning, traceback.
Record = tuple[int, str, str, str, int, str, str, str]


class LogRelay:
    """Hands records to the server, which knows who wants them."""

    def __init__(self, send: Callable[[int, Record], bool], want: Callable[[int, int], None]):
        """`send` says whether anyone has taken the record of a call."""
        self._send = send
        self._want = want
        self._is_installed = False

    def subscribe(self, level: int) -> None:
        """The client of the current call wants records from this level on."""
        self._want(running_call(), level)
        if not self._is_installed:
            self._is_installed = True
            self._install()
        import logging

        # Loggers discard what is below their level before anyone sees it.
        root = logging.getLogger()
        if root.level > level:
            root.setLevel(level)

    def _install(self) -> None:
        # Only now: it takes longer than all else that a server does when it starts.
        import logging
        import warnings

        call_handlers = logging.Logger.callHandlers
        show_warning = warnings.showwarning

        def relay_and_call(logger: logging.Logger, record: logging.LogRecord) -> None:
            # What would have gone to standard error for want of a handler need not go there twice.
            if self._relay(record) and not logger.hasHandlers():
                return
            call_handlers(logger, record)

        def relay_or_show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            record = (
                logging.WARNING,
                "py.warnings",
                _clean(str(message)),
                _clean(filename),
                lineno,
                "",
                category.__qualname__,
                "",
            )
            if file is not None or not self._send(running_call(), record):
                show_warning(message, category, filename, lineno, file, line)

        logging.Logger.callHandlers = relay_and_call  # type: ignore[method-assign, assignment]
        warnings.showwarning = relay_or_show

    def _relay(self, record: logging.LogRecord) -> bool:
        try:
            exception = ""
            if record.exc_info and record.exc_info[0] is not None:
                import logging

                exception = logging.Formatter().formatException(record.exc_info)
            return self._send(
                running_call(),
                (
                    max(record.levelno, 0),
                    _clean(record.name),
                    _clean(record.getMessage()),
                    _clean(record.pathname),
                    max(record.lineno, 0),
                    _clean(record.funcName or ""),
                    "",
                    _clean(exception),
                ),
            )
        except Exception:
            # A record that cannot be formatted: logging itself reports it, where it usually does.
            return False


def _clean(text: Any) -> str:
    return str(text).encode("utf-8", "backslashreplace").decode()
