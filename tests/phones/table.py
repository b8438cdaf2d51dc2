"""Prints spec/phone-plans-1.tsv anew: what the package knows, condensed, less what the rule leaves out on purpose.

The file is frozen with `phone.e164/1`. This script says where it comes from; with the pinned version of the
package both agree, and with a later one the difference shows how national plans have moved on.
"""

from metadata import plans

# Shapes that the rule refuses although the package knows them: calling code, first digits, lengths, why.
LEFT_OUT = [
    # Service numbers with a zero that is dialled at home only; under these codes no subscriber's number has one.
    *((code, "0", None, "dialled at home only") for code in (
        47, 62, 66, 81, 82, 91, 247, 267, 268, 359, 501, 507, 598, 676, 679, 687, 853, 974)),
    (250, "0", None, "an older plan"),
    # Left by plans that have gone: a number of the old plan and one of the new are one line.
    (241, "0234567", [7], "before 2019"),
    (241, "0", [8], "before 2019: 0x became 1x, 6x or 7x"),
    # A number with the trunk prefix between calling code and number has this shape.
    (7, "8", [14], "8 and a national number"),
    (375, "8", None, "8 or 80 and a national number; service numbers, dialled at home only"),
    (380, "8", [10], "8, the trunk prefix until 2009, and a national number"),
    (996, "8", [10], "8, an older trunk prefix, and a national number"),
    (56, "1", [11], "a carrier's prefix such as 1230 and a foreign number"),
    # Other spellings of one line.
    (54, "9", [11], "the rule folds it"),
    (353, "4", [10], "Northern Ireland as dialled from Ireland, +44 28"),
    # Numbers without their area code have this shape.
    (1, "3", [7], "dialled at home only"),
    (55, "34", [8], "dialled at home only"),
    (39, "0", [12], "longer than the national plan has"),
]


def table():
    """Lengths by calling code and first digit."""
    found = plans()
    for code, firsts, lengths, _ in LEFT_OUT:
        for first in firsts:
            if first in found[code]:
                found[code][first] -= set(lengths or found[code][first])
    for code, firsts in found.items():
        for first, lengths in firsts.items():
            firsts[first] = {length for length in lengths if len(str(code)) + length <= 15}  # E.164 section 6.1
    return found


def runs(lengths):
    """`5-7,9` for 5, 6, 7 and 9."""
    text, lengths = [], sorted(lengths)
    while lengths:
        run = 1
        while run < len(lengths) and lengths[run] == lengths[0] + run:
            run += 1
        text.append(f"{lengths[0]}" if run == 1 else f"{lengths[0]}-{lengths[run - 1]}")
        lengths = lengths[run:]
    return ",".join(text)


def lines():
    for code, firsts in sorted(table().items()):
        groups = {}
        for first, lengths in sorted(firsts.items()):
            if lengths:
                groups.setdefault(runs(lengths), []).append(first)
        yield f"{code}\t" + " ".join(f"{''.join(first)}:{lengths}" for lengths, first in groups.items())


if __name__ == "__main__":
    print("# calling code\tfirst digits of national numbers:their lengths …")
    for line in lines():
        print(line)
