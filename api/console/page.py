"""The pages' own decorator: on a slow machine a page comes late, and not as an error."""

from functools import partial

from nicegui import ui

BUILT_S_MAX = 30.0

page = partial(ui.page, response_timeout=BUILT_S_MAX)
