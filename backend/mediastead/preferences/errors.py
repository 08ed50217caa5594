"""Why a setting cannot be changed now."""

from ..errors import Conflict


class SettingFixed(Conflict):
    """Environment or file say what it is, or it holds from the start of the server to its end."""

    slug = "setting-fixed"
    title = "This setting cannot be changed here"
