"""Colours that are told apart on a light and on a dark ground, by most colour-blind people too."""

COLOURS = (
    "#2f7fd6",
    "#e07b12",
    "#12956f",
    "#c9527f",
    "#8a63d2",
    "#b39312",
    "#1a9fb8",
    "#d0493b",
    "#6f8f1f",
    "#a0673a",
    "#5b6fd8",
    "#3f9e3f",
)


def colour(number: int) -> str:
    """The colour of the thing with this number, counted from 1; after twelve they begin anew."""
    return COLOURS[(number - 1) % len(COLOURS)]
