"""The addresses of models: `gpt://folder/model/branch@suffix`, and who may ask for them."""

import re
from dataclasses import dataclass

from bot.sandbox.models.rules import Rules, Unacceptable

_URI = re.compile(
    r"(?P<scheme>\w+)://(?P<folder>[^/]+)/(?P<model>[^/@]+)(?:/(?P<branch>[^/@]+))?(?:@(?P<suffix>[^/@]+))?"
)


@dataclass(frozen=True, slots=True)
class ModelUri:
    """A model's address, taken apart."""

    scheme: str
    folder: str
    model: str
    branch: str
    """`latest` if none was named."""
    suffix: str
    """Of a tuned model; empty: it is none."""

    @property
    def bare(self) -> str:
        """The address without the folder, as the service puts it now and then."""
        tuned = f"@{self.suffix}" if self.suffix else ""
        return f"{self.scheme}://{self.model}/{self.branch}{tuned}"

    @classmethod
    def read(cls, text: str) -> "ModelUri":
        """Take an address apart.

        Raises:
            Unacceptable: it is none.
        """
        found = _URI.fullmatch(text)
        if found is None:
            raise Unacceptable(400, f"Failed to parse model URI: {text}")
        parts = found.groupdict(default="")
        return cls(**(parts | {"branch": parts["branch"] or "latest"}))


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one kind that the operator's folder may ask for."""

    scheme: str
    known: frozenset[str]
    folder_id: str

    def admitted(self, text: str, rules: Rules) -> ModelUri:
        """Let only known models of this folder pass; without a list of models, every name is known.

        Raises:
            Unacceptable: with the words of the service.
        """
        uri = ModelUri.read(text)
        check_folder(uri.folder, self.folder_id)
        if uri.scheme != self.scheme or (rules.models and uri.model not in self.known):
            raise Unacceptable(400, f"invalid model_uri: {text}")
        if uri.model in rules.denied_models:
            raise Unacceptable(403, f"Access to model {uri.bare} denied")
        return uri


def check_folder(named: str, folder_id: str) -> None:
    """Let only the operator's folder pass.

    Raises:
        Unacceptable: another folder was named.
    """
    if named != folder_id:
        raise Unacceptable(
            400,
            f"Specified folder ID '{named}' does not match with service account folder ID '{folder_id}'",
        )


def named_in(body: object) -> str:
    """Return the address of the model that a request names, whatever else is wrong with it."""
    if not isinstance(body, dict):
        return ""
    return next((str(body[name]) for name in ("modelUri", "model_uri", "model") if body.get(name)), "")
