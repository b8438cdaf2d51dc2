"""What the package `phonenumbers` knows of the world's numbering plans, condensed.

Lengths of national numbers by calling code and first digit, worked out from the package's patterns, and random
valid numbers. The rule never reads any of it: oracle.py compares the rule with it.
"""

try:
    import re._parser as parser
except ImportError:  # before Python 3.11
    import sre_parse as parser

import phonenumbers
from phonenumbers import PhoneMetadata

# Mailboxes of subscribers are not subscribers: no `voicemail`.
TYPES = ["fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan"]


def regions():
    """Regions and networks with their metadata: pairs of name and metadata, in a fixed order."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        yield region, PhoneMetadata.metadata_for_region(region)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield f"+{code}", PhoneMetadata.metadata_for_nongeo_region(code)


def kinds_of_number(metadata):
    """Types of number that the region has: triples of name, pattern, lengths."""
    for name in TYPES:
        kind = getattr(metadata, name)
        if kind is not None and kind.national_number_pattern:
            lengths = set(kind.possible_length) or set(metadata.general_desc.possible_length)
            yield name, parser.parse(kind.national_number_pattern), lengths


def shapes(pattern):
    """First digit and length of everything that a pattern matches."""
    found = {("", 0)}
    for operation, argument in pattern:
        found = {(a or b, m + n) for a, m in found for b, n in shapes_of_one(str(operation), argument)}
    return found


def shapes_of_one(operation, argument):
    if operation == "LITERAL":
        return {(chr(argument), 1)}
    if operation == "IN":
        return {(digit, 1) for digit in digits_of(argument)}
    if operation == "BRANCH":
        return set().union(*(shapes(branch) for branch in argument[1]))
    if operation == "SUBPATTERN":
        return shapes(argument[-1])
    if operation == "MAX_REPEAT":
        least, most, repeated = argument
        once, found, times = shapes(repeated), set(), {("", 0)}
        for count in range(most + 1):
            if count >= least:
                found |= times
            times = {(a or b, m + n) for a, m in times for b, n in once}
        return found
    raise ValueError(operation)


def digits_of(members):
    digits = ""
    for operation, argument in members:
        match str(operation):
            case "LITERAL":
                digits += chr(argument)
            case "RANGE":
                digits += "".join(map(chr, range(argument[0], argument[1] + 1)))
            case "CATEGORY":
                digits += "0123456789"
            case other:
                raise ValueError(other)
    return digits


def random_match(pattern, random):
    """Some text that a pattern matches."""
    text = ""
    for operation, argument in pattern:
        match str(operation):
            case "LITERAL":
                text += chr(argument)
            case "IN":
                text += random.choice(digits_of(argument))
            case "BRANCH":
                text += random_match(random.choice(argument[1]), random)
            case "SUBPATTERN":
                text += random_match(argument[-1], random)
            case "MAX_REPEAT":
                for _ in range(random.randint(argument[0], argument[1])):
                    text += random_match(argument[2], random)
            case other:
                raise ValueError(other)
    return text


def plans():
    """Lengths by calling code and first digit."""
    found = {}
    for _, metadata in regions():
        for _, pattern, lengths in kinds_of_number(metadata):
            for first, length in shapes(pattern):
                if length in lengths:
                    found.setdefault(metadata.country_code, {}).setdefault(first, set()).add(length)
    return found
