"""Lexical spaces of XML Schema datatypes, as conditions on a literal (SHACL, section 4.1.2).

SPARQL 1.1 has casts for seven datatypes only, and a cast is laxer than the lexical space, so each
datatype is described by a regular expression, and a range where it has one.
"""

import re

__all__ = ["condition", "ordered", "well_formed"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
STRING = _XSD + "string"
_TAGGED = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_ZONE = "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = "-?([1-9][0-9]{3,}|0[0-9]{3})"
_LEAP = "-?([0-9]*([02468][48]|[13579][26]|[2468]0|[13579][26])|[0-9]*([02468][048]|[13579][26])00)"
_DAY = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-9]))"
)
_TIME = "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?|24:00:00([.]0+)?)"
_FLOAT = "([+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)"

_FORMS = {
    "boolean": "(true|false|0|1)",
    "decimal": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "dateTime": f"{_YEAR}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_DAY}T{_TIME}{_ZONE[:-1]}",
    "date": f"{_YEAR}-{_DAY}{_ZONE}",
    "time": f"{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}",
    "gYearMonth": f"{_YEAR}-(0[1-9]|1[0-2]){_ZONE}",
    "gMonth": f"--(0[1-9]|1[0-2]){_ZONE}",
    "gMonthDay": f"--{_DAY}{_ZONE}",
    "gDay": f"---(0[1-9]|[12][0-9]|3[01]){_ZONE}",
    "duration": "-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]+)?S)?)?",
    "yearMonthDuration": "-?P([0-9]+Y)?([0-9]+M)?",
    "dayTimeDuration": "-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]+)?S)?)?",
    "hexBinary": "([0-9a-fA-F]{2})*",
    "base64Binary": "(([A-Za-z0-9+/] ?){4})*"
    "(([A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]|([A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|"
    "[A-Za-z0-9+/] ?[AQgw] ?= ?=)?",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
}
#: Without an order, or numbers, which SPARQL has a test for.
_UNORDERED = {"hexBinary", "base64Binary", "language", "decimal", "double", "float"}
#: Integer types with the least and the greatest value.
_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
#: Datatypes that a store may widen: to which one, and a constant to find out with.
_MERGED = {
    "dateTimeStamp": ("dateTime", "2000-01-01T00:00:00Z"),
    **{
        local: ("integer", str(least if least is not None else most))
        for local, (least, most) in _INTEGERS.items()
        if local != "integer"
    },
}


_DIGITS = re.compile("[+-]?0*([0-9]*)")


def well_formed(text: str, datatype: str) -> bool:
    """Tell whether a text is in the lexical space of a datatype; true for one that is not known.

    Args:
        text: The text of a literal.
        datatype: IRI of its datatype.
    """
    local = datatype.removeprefix(_XSD) if datatype.startswith(_XSD) else ""
    if local in _INTEGERS:
        if not re.fullmatch("[+-]?[0-9]+", text):
            return False
        least, most = _INTEGERS[local]
        # Python reads no numbers of thousands of digits; no bound has more than twenty.
        far = len(_DIGITS.sub(r"\1", text)) > 20
        value = (-(10**20) if text.startswith("-") else 10**20) if far else int(text)
        return (least is None or value >= least) and (most is None or value <= most)
    if local not in _FORMS:
        return True
    if not re.fullmatch(_FORMS[local], text):
        return False
    if local in ("date", "dateTime", "dateTimeStamp") and re.match("-?[0-9]+-02-29", text):
        return bool(re.match(f"{_LEAP}-02-29", text))
    if local.lower().endswith("duration"):
        return bool(re.search("[0-9]", text)) and not text.endswith("T")
    return True


def condition(variable: str, datatype: str, mark: str = "") -> str:
    """Return a SPARQL condition: a node is a well-formed literal of a datatype.

    Args:
        variable: The node.
        datatype: IRI of the datatype.
        mark: What stands before the datatype of a literal that a store would change; empty for a
            store of which it is not known what it has changed.
    """
    form = _form(variable, datatype)
    if mark:
        has = f"isLiteral({variable}) && DATATYPE({variable}) IN (<{datatype}>, <{mark}{datatype}>)"
        return has + (f" && {form}" if form else "")
    return _has(variable, datatype) + (f" && {form}" if form else "")


def ordered(variable: str, mark: str = "", number: str = "") -> str:
    """Return a SPARQL condition: a literal stands in the order of its datatype.

    That is text, and a well-formed literal of a datatype with an order; no NaN.

    Args:
        variable: The literal.
        mark: What may stand before its datatype.
        number: The expression for its value, where that is another.
    """

    def has(datatype: str) -> str:
        types = f"<{datatype}>, <{mark}{datatype}>" if mark else f"<{datatype}>"
        return f"DATATYPE({variable}) IN ({types})"

    types = [local for local in _FORMS if local not in _UNORDERED]
    forms = " || ".join(
        f'({has(_XSD + local)} && REGEX(STR({variable}), "^{_FORMS[local]}$"))' for local in types
    )
    string = f'DATATYPE({variable}) = <{_XSD}string> || LANG({variable}) != ""'
    return (
        f'isLiteral({variable}) && STR({variable}) != "NaN" && '
        f"(isNumeric({number or variable}) || {string} || {forms})"
    )


def _has(variable: str, datatype: str) -> str:
    # Virtuoso gives no datatype to a text with a language.
    tag = f'LANG({variable}) != "" ||' if datatype == _TAGGED else f'LANG({variable}) = "" &&'
    has = f"isLiteral({variable}) && ({tag} DATATYPE({variable}) = <{datatype}>)"
    local = datatype.removeprefix(_XSD)
    if not datatype.startswith(_XSD) or local not in _MERGED:
        return has
    # Some stores (Oxigraph) keep such a literal with the wider datatype. There it cannot be told
    # any more which of the two it had; a query finds that out by looking at a constant.
    wider, constant = _MERGED[local]
    merged = f'DATATYPE("{constant}"^^<{datatype}>) = <{_XSD}{wider}>'
    return (
        f'isLiteral({variable}) && LANG({variable}) = "" && '
        f"(DATATYPE({variable}) = <{datatype}> || "
        f"({merged} && DATATYPE({variable}) = <{_XSD}{wider}>))"
    )


def _form(variable: str, datatype: str) -> str:
    """Return a condition on the lexical form; empty when every form will do."""
    local = datatype.removeprefix(_XSD) if datatype.startswith(_XSD) else ""
    text = f"STR({variable})"
    if local in _INTEGERS:
        tests = [f'REGEX({text}, "^[+-]?[0-9]+$")']
        # Decimals reach further than the integers of some engines.
        number = f"<{_XSD}decimal>({text})"
        least, most = _INTEGERS[local]
        if least is not None:
            tests.append(f"COALESCE({number} >= {least}.0, false)")
        if most is not None:
            tests.append(f"COALESCE({number} <= {most}.0, false)")
        return " && ".join(tests)
    if local not in _FORMS:
        return ""
    tests = [f'REGEX({text}, "^{_FORMS[local]}$")']
    if local in ("date", "dateTime", "dateTimeStamp"):
        tests.append(f'(!REGEX({text}, "^-?[0-9]+-02-29") || REGEX({text}, "^{_LEAP}-02-29"))')
    if local.lower().endswith("duration"):
        tests.append(f'REGEX({text}, "[0-9]") && !REGEX({text}, "T$")')
    return " && ".join(tests)
