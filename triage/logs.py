"""Logging: one line per event on standard error, and no line with what people wrote.

An exception is logged as its type and the places it came through, never with its message: the message of a
database or decoding error quotes the values it stumbled over, and those are reporters' texts.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import cast

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from triage.errors import PenjagaError

# Of a long chain of calls the innermost places say what happened.
MAX_PLACES = 12
_NOISY = ("alembic", "kombu", "urllib3", "sentence_transformers", "onnxruntime")
_OURS = ("triage.", "workers.", "models.")
_KEYS = ["timestamp", "level", "event", "logger"]


def configure(level: int = logging.INFO) -> None:
    """Send every log record of this process to standard error; JSON unless a person watches the terminal.

    May be called again; the last call counts.
    """
    lead: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_without_error_texts)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=lead,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer()],
        )
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*lead, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def reason_of(error: BaseException) -> str:
    """Say in one line why something failed, fit for logs and events: our sentence, or the error's type."""
    return str(error) if isinstance(error, PenjagaError) else type(error).__name__


def places_of(error: BaseException) -> str:
    """Say through which places an error came, innermost first; values of variables are left out."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_PLACES:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def place_of(error: BaseException) -> str:
    """Say as `module:line` where an error arose: the innermost place of ours, else the innermost."""
    places = _our_places(error) or _places(error) or ["?"]
    return places[-1]


def _our_places(error: BaseException) -> list[str]:
    return [place for place in _places(error) if place.startswith(_OURS)]


def _places(error: BaseException) -> list[str]:
    """Return the places that an error came through as `module:line`, innermost last."""
    walked = traceback.walk_tb(error.__traceback__)
    return [f"{frame.f_globals.get('__name__', '?')}:{line}" for frame, line in walked]


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return _for_terminals
    # In ASCII: a line end or a change of direction within a value cannot pose as the log's own.
    return structlog.processors.JSONRenderer(ensure_ascii=True)


def _for_terminals(logger: WrappedLogger, method: str, line: EventDict) -> str:
    """Write a line for a person, in which nothing moves the cursor or turns the direction of letters."""
    render = structlog.processors.LogfmtRenderer(key_order=_KEYS, drop_missing=True, bool_as_flag=False)
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in render(logger, method, line))


def _describe_exception(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    error = _error_of(line.pop("exc_info", None))
    if error is not None:
        line["error"] = reason_of(error)
        line["at"] = places_of(error)
    record = line.get("_record")
    if record is not None:
        if error is not None:
            _shorten(line, error)
        # The formatter would add the full text of the traceback of a record that is not ours.
        record.exc_info = record.exc_text = record.stack_info = None
    return line


def _shorten(line: EventDict, error: BaseException) -> None:
    """Keep of a library's report one line; and where no code of ours took part, one place.

    Celery's clock puts its whole stack behind its first line each time that it misses the broker.
    """
    line["event"] = str(line["event"]).partition("\n")[0]
    cause = error.__cause__ or error.__context__
    if cause is not None:
        line["error"] = f"{reason_of(error)}, because of {reason_of(cause)}"
    if not _our_places(error):
        line["at"] = place_of(error)


def _error_of(info: object) -> BaseException | None:
    if info is True:
        return sys.exc_info()[1]
    if isinstance(info, tuple):
        return cast("tuple[type | None, BaseException | None, TracebackType | None]", info)[1]
    return info if isinstance(info, BaseException) else None


def _without_error_texts(record: logging.LogRecord) -> bool:
    """Replace errors among the arguments of a library's record by their one-line reasons."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            reason_of(each) if isinstance(each, BaseException) else each for each in record.args
        )
    return True
