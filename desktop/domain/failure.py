"""Failure: why a turn did not finish, in the user's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desktop.base.host import is_this_computer
from desktop.base.tongue import QT_TRANSLATE_NOOP, translate


class FailureKind(StrEnum):
    """The kinds of failure that the user can do something different about."""

    NO_KEY = "no_key"
    KEY_REFUSED = "key_refused"
    FORBIDDEN = "forbidden"
    PAYMENT = "payment"
    NO_MODEL = "no_model"
    WRONG_ADDRESS = "wrong_address"
    BAD_ADDRESS = "bad_address"
    RATE_LIMIT = "rate_limit"
    TOO_LONG = "too_long"
    NO_IMAGES = "no_images"
    TOO_MANY_IMAGES = "too_many_images"
    NO_FILES = "no_files"
    BAD_REQUEST = "bad_request"
    OVERLOADED = "overloaded"
    SERVER = "server"
    REFUSED_CONNECTION = "refused_connection"
    DNS = "dns"
    TLS = "tls"
    PROXY = "proxy"
    CONNECT_TIMEOUT = "connect_timeout"
    STALLED = "stalled"
    CUT = "cut"
    NOT_A_STREAM = "not_a_stream"
    GARBLED = "garbled"
    PROVIDER = "provider"
    EMPTY = "empty"
    LOCAL_MODEL = "local_model"
    NO_ENDPOINT = "no_endpoint"
    STORAGE = "storage"
    INTERNAL = "internal"


SENTENCES: dict[FailureKind, str] = {
    FailureKind.NO_KEY: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} needs a key. Add one under Settings, Endpoints, then try again."
    ),
    FailureKind.KEY_REFUSED: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again."
    ),
    FailureKind.FORBIDDEN: QT_TRANSLATE_NOOP(
        "Failure",
        "{endpoint} does not allow this with your key. Check with the service what the key may be used for.",
    ),
    FailureKind.PAYMENT: QT_TRANSLATE_NOOP(
        "Failure", "Your account at {endpoint} has no credit left. Add credit there, then try again."
    ),
    FailureKind.NO_MODEL: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} has no model named “{model}”. Choose another model above."
    ),
    FailureKind.WRONG_ADDRESS: QT_TRANSLATE_NOOP(
        "Failure", "Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1."
    ),
    FailureKind.BAD_ADDRESS: QT_TRANSLATE_NOOP(
        "Failure", "“{address}” is not a web address. It has to look like https://example.com/v1."
    ),
    FailureKind.RATE_LIMIT: QT_TRANSLATE_NOOP("Failure", "{endpoint} asks you to slow down."),
    FailureKind.TOO_LONG: QT_TRANSLATE_NOOP(
        "Failure",
        "The conversation is longer than {model} can read. Start a new one, or choose a "
        "model with a larger context.",
    ),
    FailureKind.NO_IMAGES: QT_TRANSLATE_NOOP(
        "Failure", "Images can't be sent to {model}. Remove them, or choose another model above."
    ),
    FailureKind.TOO_MANY_IMAGES: QT_TRANSLATE_NOOP(
        "Failure",
        "Only one image at a time can be sent to {model}. Remove the others, or choose another model above.",
    ),
    FailureKind.NO_FILES: QT_TRANSLATE_NOOP(
        "Failure", "A file of this kind can't be sent to {model}. Remove it, or choose another model above."
    ),
    FailureKind.BAD_REQUEST: QT_TRANSLATE_NOOP("Failure", "{endpoint} could not use the request."),
    FailureKind.OVERLOADED: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} is overloaded right now. Try again in a moment."
    ),
    FailureKind.SERVER: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} had a fault of its own. Try again in a moment."
    ),
    FailureKind.REFUSED_CONNECTION: QT_TRANSLATE_NOOP(
        "Failure", "Nothing is listening at {address}. Is the server running?"
    ),
    FailureKind.DNS: QT_TRANSLATE_NOOP(
        "Failure", "The name {host} was not found. Check the address and your connection."
    ),
    FailureKind.TLS: QT_TRANSLATE_NOOP(
        "Failure",
        "No secure connection to {host}: its certificate was not accepted. If your company "
        "uses its own certificates, name their file under Settings, Network.",
    ),
    FailureKind.PROXY: QT_TRANSLATE_NOOP(
        "Failure", "The proxy did not let the request to {host} through. Check it under Settings, Network."
    ),
    FailureKind.CONNECT_TIMEOUT: QT_TRANSLATE_NOOP(
        "Failure", "No answer from {host} in time. Check your connection, then try again."
    ),
    FailureKind.STALLED: QT_TRANSLATE_NOOP("Failure", "{endpoint} went silent. What had arrived is kept."),
    FailureKind.CUT: QT_TRANSLATE_NOOP(
        "Failure", "The connection to {endpoint} ended before the reply did. What had arrived is kept."
    ),
    FailureKind.NOT_A_STREAM: QT_TRANSLATE_NOOP(
        "Failure",
        "There is a web page at {address} instead of a reply. Check the endpoint's address, "
        "or sign in to the network first.",
    ),
    FailureKind.GARBLED: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} sent something that is not part of a reply. What had arrived is kept."
    ),
    FailureKind.PROVIDER: QT_TRANSLATE_NOOP("Failure", "{endpoint} reported a problem."),
    FailureKind.EMPTY: QT_TRANSLATE_NOOP(
        "Failure", "{endpoint} sent an empty reply. Try again, or choose another model."
    ),
    FailureKind.LOCAL_MODEL: QT_TRANSLATE_NOOP("Failure", "The model on this computer could not be used."),
    FailureKind.NO_ENDPOINT: QT_TRANSLATE_NOOP(
        "Failure", "The endpoint of this conversation is no longer set up. Choose a model above."
    ),
    FailureKind.STORAGE: QT_TRANSLATE_NOOP(
        "Failure",
        "The conversation could not be saved. The text stays on screen; make room on the "
        "disk or check the folder's permissions.",
    ),
    FailureKind.INTERNAL: QT_TRANSLATE_NOOP(
        "Failure", "Weir made a mistake. What had arrived is kept; the log has the details."
    ),
}


# Too many requests, a time limit, and faults that pass. 529 is Anthropic's "overloaded".
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504, 529})
_AT_THE_SERVICE = frozenset({FailureKind.RATE_LIMIT, FailureKind.OVERLOADED, FailureKind.SERVER})
_ON_THE_WAY = frozenset({FailureKind.REFUSED_CONNECTION, FailureKind.CONNECT_TIMEOUT, FailureKind.CUT})
# What only the user can change, whatever the status beside it.
_LASTING = frozenset(
    {
        FailureKind.NO_KEY,
        FailureKind.KEY_REFUSED,
        FailureKind.FORBIDDEN,
        FailureKind.PAYMENT,
        FailureKind.NO_MODEL,
        FailureKind.TOO_LONG,
        FailureKind.NO_IMAGES,
        FailureKind.TOO_MANY_IMAGES,
        FailureKind.NO_FILES,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a turn did not finish.

    `words` are the provider's own, plain text, shown under the sentence. `retry_after` is in
    seconds, `may_retry` what the service says of another attempt, None where it says nothing.
    `address` never holds a query string or user name.
    """

    kind: FailureKind
    endpoint: str = ""
    model: str = ""
    address: str = ""
    host: str = ""
    status: int | None = None
    words: str = ""
    retry_after: float | None = None
    may_retry: bool | None = None

    @property
    def is_passing(self) -> bool:
        """Whether the same request may well succeed a moment later.

        Only of use before anything of the reply has come. A server on this computer that refuses
        connections is not running, and a lasting cause such as spent credit lasts whatever its status.
        """
        if self.kind in _LASTING or self.may_retry is False:
            return False
        if self.kind is FailureKind.PROXY:
            # A wrong setting stays wrong; a proxy that could not reach the service may do so later.
            return self.status in _PASSING_STATUS
        if self.status is not None and not 200 <= self.status < 300:
            is_said = self.may_retry is True and (self.status == 409 or self.status >= 500)
            return is_said or self.status in _PASSING_STATUS
        if self.kind is FailureKind.REFUSED_CONNECTION:
            return not is_this_computer(self.host)
        return self.kind in _AT_THE_SERVICE or self.kind in _ON_THE_WAY

    @property
    def template(self) -> str:
        """The sentence in the user's language, before its names are filled in."""
        return translate("Failure", SENTENCES[self.kind])

    def fill(self, template: str) -> str:
        """Fill the names of this failure into a (translated) template."""
        return template.format(
            endpoint=self.endpoint or translate("Failure", "The service"),
            model=self.model or translate("Failure", "the model"),
            address=self.address or self.host or translate("Failure", "the address"),
            host=self.host or translate("Failure", "the server"),
        )

    @property
    def sentence(self) -> str:
        """What happened and what to do, in the user's language."""
        return self.fill(self.template)


class TurnFailedError(Exception):
    """Carries a Failure from where it happened to the turn. Its text holds no secret."""

    def __init__(self, failure: Failure) -> None:
        # For the log, which is in English.
        super().__init__(f"{failure.kind}: {failure.fill(SENTENCES[failure.kind])}")
        self.failure = failure


class StorageError(Exception):
    """The disk did not take or give what was asked; its text is fit for the user."""


class AlreadyRunningError(StorageError):
    """Another Weir has this history open, and what was asked for needs it alone."""


class VaultError(Exception):
    """The keyring did not do what was asked; its text is fit for the user and holds no secret."""


class AttachError(Exception):
    """A file can't go with a prompt; its text says why and what to do, fit for the user."""


class FolderGivenError(AttachError):
    """A folder can't go with a prompt, but `files`, the files in it, may."""

    def __init__(self, words: str, files: Sequence[Path]) -> None:
        super().__init__(words)
        self.files = tuple(files)
