"""A piece of a page that is drawn as markup on the server and patched in place in the browser."""

from nicegui.element import Element


class Fragment(Element, component="fragment.js"):
    """Markup that changes without a flicker; whoever makes it escapes what came from outside."""

    def __init__(self, markup: str = "") -> None:
        """Shows `markup` at once."""
        super().__init__()
        self._props["markup"] = markup

    def show(self, markup: str) -> None:
        """Shows `markup` from now on; sends nothing where nothing changed."""
        if markup == self._props["markup"]:
            return
        self._props["markup"] = markup
        self.update()
