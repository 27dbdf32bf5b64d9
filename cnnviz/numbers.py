"""Numbers for the eye: three significant digits and a unit; the full figure is for the hover."""

from cnnviz.text import Text

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def short(value: float, unit: str = "") -> str:
    """7978856 -> "7.98 M", 28600000 with "B" -> "28.6 MB", 61 -> "61"."""
    for size, prefix in _UNITS:
        # 999,500 is the first to round to 1.00 M
        if abs(value) >= size * 0.9995:
            return f"{three_digits(value / size)} {prefix}{unit}"
    return f"{value:,.0f} {unit}".strip()


def duration(seconds: float) -> str:
    """0.0019 -> "1.90 ms"."""
    if seconds < 1:
        return f"{three_digits(seconds * 1000)} ms"
    return f"{three_digits(seconds)} s"


def clock(seconds: float) -> Text:
    """A time to wait for: 50 -> "50 s", 754 -> "13 min", 19200 -> "5 h 20 min"."""
    if seconds < 99.5:
        return Text(f"{seconds:.0f} s", f"{seconds:.0f} 秒")
    minutes = round(seconds / 60)
    if minutes < 100:
        return Text(f"{minutes} min", f"{minutes} 分钟")
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return Text(f"{hours} h {rest} min", f"{hours} 小时 {rest} 分钟")
    days = hours / 24
    return Text(f"{days:.1f} days", f"{days:.1f} 天")


def change(value: float, reference: float) -> Text:
    """The change against a preset: "−84.6 %", or "=" where there is none."""
    if value == reference:
        return Text("= preset", "与预设相同")
    if reference == 0:
        return Text("preset: 0", "预设：0")
    difference = percent(value - reference, reference)
    sign = "+" if difference > 0 else "−"
    shown = f"{sign}{three_digits(abs(difference))} %"
    if difference >= 1000:
        shown = f"×{three_digits(value / reference)}"
    return Text(f"{shown} vs preset", f"较预设 {shown}")


def pixels(sides: float | tuple[float, ...] | None) -> str:
    """A length in px, or height × width: 7 -> "7 px", (7, 1) -> "7×1 px", None -> ""."""
    if sides is None:
        return ""
    each = sides if isinstance(sides, tuple) else (sides,)
    return "×".join(f"{side:,.4g}" if side % 1 else f"{side:,.0f}" for side in each) + " px"


def percent(part: float, whole: float) -> float:
    """A part of a whole in percent; of nothing, 0."""
    return 100 * part / whole if whole else 0.0


def share(part: float, whole: float) -> str:
    """A part of a whole for the eye: "4.31 %"."""
    value = percent(part, whole)
    return f"{three_digits(value)} %" if value >= 0.01 else "< 0.01 %" if part else "0 %"


def three_digits(value: float) -> str:
    """0.45678 -> "0.457", 4863.2 -> "4,860"."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{value:#.3g}".rstrip(".")


def few_digits(value: float) -> str:
    """A number of a calculation, in at most four digits: 0.333333 -> "0.3333", -2 -> "−2"."""
    is_large = abs(value) >= 1000 and value == round(value)
    text = f"{value:,.0f}" if is_large else f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    if exponent:
        text = f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"
    return ("0" if text == "-0" else text).replace("-", "−")
