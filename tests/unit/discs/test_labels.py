"""What the names of discs say."""

import pytest

from mediastead.pipeline.discs.labels import Said, read_label


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("FIREFLY_S1_D2", Said(title="Firefly", season=1, number=2)),
        ("THE_MATRIX", Said(title="The Matrix")),
        ("BREAKING_BAD_SEASON_2_DISC_3", Said(title="Breaking Bad", season=2, number=3)),
        ("SOPRANOS_S03D04", Said(title="Sopranos", season=3, number=4)),
        ("The Wire: Season 4, Disc 1", Said(title="The Wire", season=4, number=1)),
        ("TATORT_STAFFEL_2_DVD_1", Said(title="Tatort", season=2, number=1)),
        ("BLADE_RUNNER_16X9", Said(title="Blade Runner")),
        ("ALIEN_NTSC", Said(title="Alien")),
        ("HEAT_DISC_2", Said(title="Heat", number=2)),
        ("Heat (1995)", Said(title="Heat", year=1995)),
        ("FRIENDS_SEASON_ONE_D1", Said(title="Friends", season=1, number=1)),
        ("LOTR_FELLOWSHIP_EXT_D1", Said(title="Lotr Fellowship Ext", number=1)),
        ("APOLLO_13", Said(title="Apollo 13")),
        ("SE7EN", Said(title="Se7En")),
        ("DVD_VIDEO", Said()),
        ("DVDVOLUME", Said()),
        ("LOGICAL_VOLUME_ID", Said()),
        ("DISC_1", Said()),
        ("SEASON_2_DISC_1", Said(season=2, number=1)),
        ("20031114", Said()),
        ("", Said()),
        (None, Said()),
    ],
)
def test_what_a_label_says(label: str | None, said: Said) -> None:
    assert read_label(label) == said
