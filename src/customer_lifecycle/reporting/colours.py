"""A brand's own colour, made readable: links and the menu are written in it."""

from __future__ import annotations

import re

# what WCAG 2 asks of text
CONTRAST = 4.5
# what text stands on in report.css, in light and in dark mode
LIGHT_GROUNDS = ("#ffffff", "#f5f6f8")
DARK_GROUNDS = ("#16191d", "#0e1013")

Colour = tuple[int, int, int]


def accent_style(logo_colour: str | None) -> str:
    """Give the style that colours a page as a brand's logo, or nothing. What is read is darkened on white and lightened
    on black as far as WCAG asks; the band above the page keeps the colour as it is."""
    if logo_colour is None or not re.fullmatch("#[0-9A-Fa-f]{6}", logo_colour):
        return ""
    light, dark = readable(logo_colour, LIGHT_GROUNDS, "#000000"), readable(logo_colour, DARK_GROUNDS, "#ffffff")
    return (
        f":root {{ --brand: {logo_colour.lower()}; --link: {light}; }} "
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --link: {dark}; }} }}"
    )


def readable(colour: str, grounds: tuple[str, ...], towards: str) -> str:
    """Give a colour, mixed with as little black or white as makes it readable on all grounds."""
    own, end = parts(colour), parts(towards)
    for percent in range(101):
        red, green, blue = (round(a + (b - a) * percent / 100) for a, b in zip(own, end))
        mixed = f"#{red:02x}{green:02x}{blue:02x}"
        if min(contrast(mixed, ground) for ground in grounds) >= CONTRAST:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours as WCAG 2 defines it: from 1 to 21."""
    dark, light = sorted((luminance(parts(one)), luminance(parts(other))))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    """Give the relative luminance of a colour, from 0 to 1."""
    shares = [part / 255 for part in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def parts(colour: str) -> Colour:
    """Give the red, green and blue of #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
