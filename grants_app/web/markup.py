"""The one module that makes markup out of data; everything else reaches a page through escaping."""

from __future__ import annotations

import io

from markupsafe import Markup, escape


def qr_svg(text: str, label: str) -> Markup:
    """A QR code as inline SVG without styles (the content policy forbids them), named `label` for screen readers."""
    import segno

    buffer = io.BytesIO()
    segno.make(text, error="m").save(
        buffer, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=1, dark="#17212b", light="#ffffff",
        svgclass="app-cert__qr", lineclass=None,
    )  # fmt: skip
    # The drawing is the library's own numbers; only the label is text, and it is escaped.
    drawing = buffer.getvalue().decode()
    return Markup(drawing.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))
