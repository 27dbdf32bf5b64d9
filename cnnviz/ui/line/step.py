"""A step of the line: two networks, and two sentences whose numbers are theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from cnnviz.analysis import Report
from cnnviz.families import Spec
from cnnviz.knobs import Value
from cnnviz.ledger.stories import stories
from cnnviz.text import Text
from cnnviz.ui.session.address import write_slot
from cnnviz.zoo import PRESETS

Values = Mapping[str, Text | str]


@dataclass(frozen=True)
class Built:
    """A preset with knobs turned."""

    preset: str
    knobs: Mapping[str, Value] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        return PRESETS[self.preset].spec.turn(**self.knobs)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one network changed in the one before it, and why.

    Args:
        before, after: how the two are called.
        networks: the two, then others that only the sentences count.
        difference: what is new, a named placeholder for each number.
        reason: why, in the same way.
        values: the placeholders, from the reports of `networks`, in their order.
    """

    before: Text
    after: Text
    networks: tuple[Built, ...]
    difference: Text
    reason: Text
    values: Callable[..., Values]

    @property
    def specs(self) -> list[Spec]:
        return [network.spec for network in self.networks]

    def told(self, reports: Mapping[Spec, Report]) -> tuple[Text, Text]:
        """Fill the numbers into difference and reason; `reports` has all of `specs`."""
        values = {
            name: value.replace(" ", "\N{NO-BREAK SPACE}") if isinstance(value, str) else value
            for name, value in self.values(*(reports[spec] for spec in self.specs)).items()
        }
        return self.difference.format(**values), self.reason.format(**values)

    def year(self) -> int:
        """The year in which the second network was published."""
        preset = self.networks[1].preset
        story = stories()[PRESETS[preset].spec.family]
        own = [milestone.year for milestone in story.milestones if milestone.preset == preset]
        return next(filter(None, own), story.year)

    def link(self, more: Mapping[str, str]) -> str:
        """The Compare page with the two networks, as an address relative to this page.

        Args:
            more: parameters beside the networks, such as the language.
        """
        first, second = self.networks[:2]
        query = {
            **write_slot("n1", first.preset, first.spec),
            **write_slot("n2", second.preset, second.spec),
            **more,
        }
        return f"compare?{urlencode(query)}"
