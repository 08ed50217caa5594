"""What can be wrong with presets, and with results that are to go into a library."""

from ...errors import Conflict, InvalidRequest, NotFound


class NoSuchPreset(NotFound):
    slug = "no-such-preset"
    title = "There is no such preset"

    def __init__(self, name: str) -> None:
        super().__init__(f'There is no preset "{name}"; list /v1/presets.', name=name)


class InvalidPreset(InvalidRequest):
    slug = "invalid-preset"
    title = "The preset contradicts itself"


class PresetIsBuiltIn(Conflict):
    slug = "preset-is-built-in"
    title = "The preset is built in"

    def __init__(self, name: str) -> None:
        super().__init__(f'The preset "{name}" is built in and stays; set one of another name instead.', name=name)


class PresetJustChanged(Conflict):
    slug = "preset-just-changed"
    title = "Somebody else changed the preset at this moment"

    def __init__(self, name: str) -> None:
        super().__init__(
            f'Somebody else changed the preset "{name}" at this moment; look at it and try again.', name=name
        )


class ResultNotSound(Conflict):
    slug = "result-not-sound"
    title = "The result is not what was checked"


class NothingToOrganize(InvalidRequest):
    slug = "nothing-to-organize"
    title = "The job does not say what becomes of its result"
