"""Abilities: what an endpoint takes besides text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from desktop.base.tongue import number, translate
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import FilePart, ImagePart, Part
from desktop.domain.options import EFFORTS, Option, Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What an endpoint takes besides text, as far as its protocol and its refusals tell.

    `efforts` are the reasoning efforts it tells apart. `refused` says why an option that is not in
    `options` is not sent, in the user's language or as a source text of the context "Provider".
    `images` and `files` are media types, where "image/" or "" stand for all that begin so; a file with
    text in it goes as text everywhere.
    """

    title: str = ""
    options: frozenset[Option] = frozenset(Option)
    efforts: tuple[str, ...] = EFFORTS
    refused: Mapping[Option, str] = field(default_factory=dict)
    images: tuple[str, ...] = ("image/",)
    files: tuple[str, ...] = ("",)
    most_images: int | None = None
    most_temperature: float = 2.0
    least_budget: int = 0

    def sent(self, options: Options) -> Options:
        """Return what is sent of some options: those that are taken, within the service's own limits."""
        left = options.chosen - self.options
        if options.temperature is not None and options.temperature > self.most_temperature:
            left |= {Option.TEMPERATURE}
        if options.reasoning_budget is not None and options.reasoning_budget < self.least_budget:
            left |= {Option.REASONING_BUDGET}
        return options.without(left)

    def why_not(self, option: Option) -> str:
        """Return in words why an option is not sent."""
        if option not in self.options:
            if option in self.refused:
                return translate("Provider", self.refused[option])
            return translate("Provider", "Not known to {title}.").format(
                title=translate("Provider", self.title)
            )
        if option is Option.TEMPERATURE:
            return translate("Provider", "It has to be from 0 to {most}.").format(
                most=number(self.most_temperature, 0 if self.most_temperature.is_integer() else 1)
            )
        return translate("Provider", "It has to be {least} or more.").format(least=self.least_budget)

    def objection(self, parts: Sequence[Part], endpoint: str, model: str) -> Failure | None:
        """Return why a prompt with these parts can't be sent to a model, None where it can."""
        images = [part for part in parts if isinstance(part, ImagePart)]
        files = [part for part in parts if isinstance(part, FilePart) and not part.text]
        wrong: ImagePart | FilePart | None = None
        kind = None
        if images and not self.images:
            kind = FailureKind.NO_IMAGES
        elif self.most_images is not None and len(images) > self.most_images:
            kind = FailureKind.TOO_MANY_IMAGES
        else:
            unfit: list[ImagePart | FilePart] = []
            unfit += [part for part in images if not part.media_type.startswith(self.images)]
            unfit += [part for part in files if not part.media_type.startswith(self.files)]
            wrong = unfit[0] if unfit else None
        if wrong is not None:
            kind = FailureKind.NO_FILES
        words = _named(wrong) if wrong is not None else ""
        if kind is None:
            return None
        return Failure(kind=kind, endpoint=endpoint, model=model, words=words)


def _named(part: ImagePart | FilePart) -> str:
    return f"{part.name} ({part.media_type})" if part.name else part.media_type
