"""An address as a QR code, for those who sit in the room with a phone."""

from io import BytesIO

import segno

MOST = 2331  # bytes that a QR code holds at this level of correction (ISO/IEC 18004, version 40-M)


def qr_code(address: str) -> str:
    """The SVG of an address, dark on white, with the quiet zone that readers need.

    Raises:
        segno.DataOverflowError: the address is longer than `MOST` bytes.
    """
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=4, dark="#000", light="#fff", xmldecl=False
    )
    return out.getvalue().decode()
