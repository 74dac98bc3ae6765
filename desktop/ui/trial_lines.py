"""What the test of an endpoint finds, in lines with a mark each, as it goes on."""

from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QObject

from desktop.base.host import is_this_computer
from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure
from desktop.domain.trial import Finding, Mark, Step
from desktop.ui import wording
from desktop.ui.checks import Checks
from desktop.ui.controls import announce, first_words

_TONES = {Mark.RUNNING: "run", Mark.GOOD: "ok", Mark.BAD: "bad", Mark.OPEN: "muted"}


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Trial", text, comment, n)


class TrialLines(QObject):
    """Fills `checks` while `endpoints` tests the endpoint that `begin` was called with."""

    def __init__(self, checks: Checks, endpoints: Endpoints) -> None:
        super().__init__(checks)
        self._checks = checks
        self._endpoint: Endpoint | None = None
        self._findings: dict[Step, Finding] = {}
        endpoints.step_found.connect(self._on_found)
        endpoints.tested.connect(self._on_tested)

    def begin(self, endpoint: Endpoint) -> None:
        """Show that an endpoint is asked."""
        self._endpoint = endpoint
        self._findings = {}
        host = urlsplit(endpoint.base_url).hostname or endpoint.name
        self._checks.show_lines([("run", tr("Asking {host}…").format(host=host), "")])

    def clear(self) -> None:
        """Show nothing, and follow no test."""
        self._endpoint = None
        self._checks.show_lines([])

    def refuse(self, words: str) -> None:
        """Say why there is nothing to test."""
        self._endpoint = None
        self._checks.show_lines([("bad", words, "")])

    def _on_found(self, endpoint_id: str, finding: Finding) -> None:
        if self._endpoint is None or endpoint_id != self._endpoint.id:
            return
        if finding.step is Step.CONNECTION and finding.mark is Mark.RUNNING:
            self._note_plain()
        before = self._findings.get(finding.step)
        if before is not None and not finding.fact and before.mark is Mark.RUNNING:
            finding = Finding(finding.step, finding.mark, before.fact, finding.milliseconds, finding.failure)
        self._findings[finding.step] = finding
        self._show()

    def _note_plain(self) -> None:
        """Say beforehand that what is sent can be read on the way."""
        parts = urlsplit(self._endpoint.base_url if self._endpoint is not None else "")
        if parts.scheme == "http" and not is_this_computer(parts.hostname or ""):
            self._findings[Step.TLS] = Finding(Step.TLS, Mark.OPEN)

    def _on_tested(self, endpoint_id: str, outcome: object) -> None:
        if self._endpoint is None or endpoint_id != self._endpoint.id:
            return
        done = {step: found for step, found in self._findings.items() if found.mark is not Mark.RUNNING}
        self._findings = done
        self._show()
        lines = self._checks.words
        if lines:
            announce(self._checks, lines[-1] if isinstance(outcome, Failure) else lines[0])
        self._endpoint = None

    def _show(self) -> None:
        lines: list[tuple[str, str, str]] = []
        for step in Step:
            finding = self._findings.get(step)
            if finding is None or (
                finding.mark is Mark.RUNNING and step is Step.ANSWER and self._is_under_way
            ):
                continue
            took = wording.milliseconds(finding.milliseconds) if finding.milliseconds is not None else ""
            lines.append((_TONES[finding.mark], self._words(finding), took))
            if finding.failure is not None and finding.failure.words:
                lines.append(("muted", finding.failure.words, ""))
        self._checks.show_lines(lines)

    @property
    def _is_under_way(self) -> bool:
        """Whether a step before the answer is still being taken."""
        return any(
            found.mark is Mark.RUNNING for step, found in self._findings.items() if step is not Step.ANSWER
        )

    def _words(self, finding: Finding) -> str:
        if finding.failure is not None:
            return finding.failure.sentence
        is_running = finding.mark is Mark.RUNNING
        match finding.step:
            case Step.NAME:
                return self._name_words(finding.fact, is_running)
            case Step.PROXY:
                words = (
                    tr("Through the proxy {proxy}…")
                    if is_running
                    else tr("The proxy {proxy} lets it through")
                )
                return words.format(proxy=finding.fact.rpartition("//")[2])
            case Step.CONNECTION:
                words = tr("Connecting to {address}…") if is_running else tr("Connected to {address}")
                return words.format(address=finding.fact)
            case Step.TLS:
                return self._tls_words(finding, is_running)
            case Step.KEY:
                if finding.mark is Mark.OPEN:
                    return tr(
                        "The models are listed without a key too; the first prompt shows whether it is right"
                    )
                return tr("The key was accepted")
        return self._answer_words(finding.fact, is_running)

    def _name_words(self, fact: str, is_running: bool) -> str:
        if is_running:
            return tr("Looking up {host}…").format(host=fact)
        host, _, rest = fact.partition("\n")
        address, _, more = rest.partition("\n")
        if more in ("", "0"):
            return tr("{host} is {address}").format(host=host, address=address)
        #: A name and the addresses it stands for: how many there are besides the one that is named
        words = tr("{host} is {address} and %n more", "", int(more))
        return words.format(host=host, address=address)

    def _tls_words(self, finding: Finding, is_running: bool) -> str:
        if finding.mark is Mark.OPEN:
            return tr("Not encrypted: the address begins with http://")
        if is_running:
            return tr("Securing the connection…")
        if finding.fact:
            #: {version} is the protocol, such as TLS 1.3
            words = tr("Secure connection, its certificate is trusted ({version})")
            return words.format(version=finding.fact)
        return tr("Secure connection, its certificate is trusted")

    def _answer_words(self, fact: str, is_running: bool) -> str:
        if is_running:
            return tr("Waiting for the answer…")
        if fact.isdigit():
            return tr("%n model(s)", "", int(fact))
        return tr("It says: “{words}”").format(words=first_words(fact))
