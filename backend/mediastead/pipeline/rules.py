"""What a person set that items are made by."""

from pathlib import Path

from msgspec import Struct

from ..settings import Settings
from .approvals.models import ApprovalKind
from .stages.parameters import Limits, limits_of


class Rules(Struct, frozen=True, kw_only=True):
    limits: Limits = Limits()
    staging_roots: tuple[str, ...] = ("/staging",)
    approvals: tuple[ApprovalKind, ...] = (ApprovalKind.DISC_PREVIEW,)
    """What is asked of a new item that does not say so itself."""
    sure_previews: bool = False
    """Whether a disc of an automatic item is ripped unasked where nothing about it is doubtful."""
    stage_hours: str = ""
    """As `jobs.hours` reads them."""

    @property
    def staging_root(self) -> str:
        """Where new items are made."""
        return self.staging_roots[0]


def rules_of(settings: Settings) -> Rules:
    return Rules(
        limits=limits_of(settings),
        staging_roots=tuple(map(str, staging_roots(settings))),
        approvals=tuple(kind for kind in ApprovalKind if kind.value in settings.approvals),
        sure_previews=settings.sure_previews,
        stage_hours=settings.stage_hours,
    )


def staging_roots(settings: Settings) -> list[Path]:
    """The folders in which items are made, absolute; the first is for new ones."""
    if settings.staging_roots is None:
        return [settings.data_dir.absolute() / "staging"]
    return [Path(folder) for folder in settings.staging_roots.split(":")]
