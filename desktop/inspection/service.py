"""RecordedStreams: what the inspector's window needs, over the recordings of this run."""

from pathlib import Path

from desktop.domain.inspection import Examination
from desktop.domain.recording import Exchange, shown
from desktop.inspection.curl import body_of, curl_command
from desktop.inspection.examination import RecordedAnswer
from desktop.inspection.tape import write_tape
from desktop.providers.registry import all_providers


class RecordedStreams:
    """Examines, writes down and saves exchanges."""

    def examine(self, exchange: Exchange) -> Examination:
        """Begin to examine an exchange."""
        endpoint = exchange.recording.endpoint
        # An instance of its own: what providers learn while they read is not for the inspector to change.
        provider = all_providers().get(endpoint.provider)
        return RecordedAnswer(exchange, provider, endpoint)

    def curl(self, exchange: Exchange) -> str:
        """Return the request as a command for a POSIX shell."""
        return curl_command(exchange)

    def body(self, exchange: Exchange, most: int | None = None) -> str:
        """Return the body of the request, or its beginning."""
        return shown(body_of(exchange, most))

    def save(self, exchange: Exchange, file: Path) -> None:
        """Write an exchange to a file. Raises InspectionError."""
        write_tape(exchange, file)
