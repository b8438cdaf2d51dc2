"""Holds `phone.e164` against the package `phonenumbers`: how many spellings of valid numbers come to what they should.

    pip install phonenumbers==9.0.43
    cargo build --example phone_forms
    python3 tests/phones/oracle.py --random 200

Of every region it takes the example number of each type and random valid ones, and writes each in the ways that
people do: from abroad, at home, and at home or abroad with a prefix too many or too few. A spelling comes to the form
that it should, or is rejected, or is wrong. It exits with 1 if any is wrong, if a region's international spelling is
rejected without a reason in `NOT_ACCEPTED`, or if less than 95 % of national spellings are accepted.
"""

import argparse
import collections
import random
import subprocess
import sys

import phonenumbers
from phonenumbers import PhoneNumberFormat
from metadata import kinds_of_number, random_match, regions

AT_HOME = "a service number that is dialled at home only"

# International spellings of valid numbers that the rule does not accept: calling code, first digits of the national
# number, its length or None, why.
NOT_ACCEPTED = [
    *((code, "0", None, "a service number with a zero that is dialled at home only") for code in (
        47, 62, 66, 81, 82, 91, 247, 267, 268, 359, 501, 507, 598, 676, 679, 687, 853, 974)),
    (250, "0", None, "a number of an older plan"),
    (241, "0", None, "a number of the plan before 2019, since then 11, 6x or 7x"),
    (241, "", 7, "a number of the plan before 2019"),
    (1, "310", 7, AT_HOME),
    (55, "3", 8, AT_HOME),
    (55, "4", 8, AT_HOME),
    (7, "8", 14, "as long as 8 and a number"),
    (375, "8", None, AT_HOME),
    (380, "8", 10, "as long as 8, the trunk prefix until 2009, and a number"),
    (996, "8", 10, "as long as 8, an older trunk prefix, and a number"),
    (56, "1", 11, "as long as a carrier's prefix and a foreign number"),
    (353, "4", 10, "Northern Ireland as dialled from Ireland, which is +44 28"),
    (39, "0549", None, "San Marino as dialled from Italy, which is +378 0549"),
    (39, "03", 11, "perhaps a mobile number with the zero of before 2001"),
    (39, "0", 12, "longer than national numbers are"),
]


class Number:
    """A valid number, and what the rule should make of it."""

    def __init__(self, region, metadata, kind, number):
        self.region, self.kind, self.number = region, kind, number
        self.code = str(metadata.country_code)
        self.national = phonenumbers.national_significant_number(number)
        # Nobody dials a zero before a number's own.
        self.trunk = "" if self.national[0] == "0" else metadata.national_prefix or ""
        self.expected = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        self.folded = self.code == "54" and self.national[0] == "9" and len(self.national) == 11
        if self.folded:
            self.expected = "+54" + self.national[1:]  # SPEC.md 3.2: with 9 and without is one line

    def why_not(self):
        if len(self.expected) < 8:
            return "shorter than 7 digits"
        if len(self.code + self.national) > 15:
            return "longer than E.164 allows"
        for code, first, length, why in NOT_ACCEPTED:
            if self.code == str(code) and self.national.startswith(first) and length in (None, len(self.national)):
                return why
        return None

    def international(self):
        """Ways to write it for callers from abroad."""
        yield "", f"+{self.code}{self.national}"
        yield "", f"00{self.code}{self.national}"
        yield "", f"+{self.code} {self.national[:2]}-{self.national[2:]}"
        yield "", phonenumbers.format_number(self.number, PhoneNumberFormat.INTERNATIONAL)

    def national_spellings(self):
        """Ways to write it for callers at home, with the plan that fits: its trunk prefix, or none if none is written."""
        written = phonenumbers.format_number(self.number, PhoneNumberFormat.NATIONAL)
        digits = phonenumbers.normalize_digits_only(written)
        trunk = digits.removesuffix(self.national) if digits.endswith(self.national) else self.trunk
        yield f"{self.code}/{trunk}", written
        yield f"{self.code}/{trunk}", digits
        yield f"{self.code}/{self.trunk}", self.trunk + self.national
        yield f"{self.code}/{self.trunk}", f"{self.trunk} {self.national[:2]}-{self.national[2:]}"

    def traps(self, metadata, others):
        """Spellings that are plausible and not quite right: with a prefix too many, too few, or of another country."""
        code, national, own = self.code, self.national, f"{self.code}/{self.trunk}"
        if not phonenumbers.can_be_internationally_dialled(self.number) or self.why_not() == AT_HOME:
            return  # so nobody has it with a calling code
        if self.region[0] == "+":
            return  # a network of no country, where nobody dials at home
        prefixes = [self.trunk, "0", *BEFORE_NUMBERS.get(code, ())]
        if code == "39" and not (self.kind == "mobile" and national[0] == "3" and len(national) == 10):
            prefixes = []  # no zero but the number's own, except before mobile numbers until 2001
        for prefix in sorted(set(prefixes) - {""}):
            yield "", f"+{code} {prefix} {national}"
            yield "", f"+{code} ({prefix}) {national}"
            yield "", f"00{code}{prefix}{national}"
            yield own, f"+{code} ({prefix}){national}"
        yield own, national
        yield f"{code}/", national
        for plan in {own, f"{code}/"}:
            yield plan, f"{code}{national}"
            yield plan, f"{code} {self.trunk} {national}"
            yield plan, f"{code} (0) {national}"
            yield plan, f"+{code}{national}"
            yield plan, f"{self.trunk}{national}"
            if not metadata.international_prefix or "00" == metadata.international_prefix:
                yield plan, f"00{code}{national}"
        if code == "52":
            yield "", f"+52 1 {national}"
            yield "", f"0052 1 {national}"
        if code == "54" and self.folded:
            yield "", f"+54 {national[1:]}"
        # As the plan's country dials others, and others as they are listed abroad.
        for other in others:
            for prefix in DIALLED_ABROAD.get(code, ()):
                for plan in {own, f"{code}/"}:
                    yield Foreign(other), plan, f"{prefix}{other.code}{other.national}"

    def local(self, metadata):
        """Without the area code, as dialled in town."""
        kind = getattr(metadata, self.kind)
        for length in kind.possible_length_local_only if kind else ():
            # The package's patterns allow local numbers that begin as the trunk prefix does; nobody can have one.
            if length < len(self.national) and not (self.trunk and self.national[-length:].startswith(self.trunk)):
                yield f"{self.code}/{self.trunk}", self.national[-length:]


class Foreign:
    """A number of another country than the plan's."""

    def __init__(self, number):
        self.number = number


# Prefixes that have been in use before national numbers, beside the trunk prefix.
BEFORE_NUMBERS = {"52": ("01", "044", "045"), "375": ("8", "80", "0"), "370": ("8",), "7": ("8",), "993": ("8",), "992": ("8",),
         "998": ("8",), "994": ("8",), "995": ("8",), "996": ("8",), "374": ("8",), "380": ("8",), "373": ("8",),
         "36": ("06",), "1": ("1",), "976": ("01",)}

# What is dialled before a calling code where it is not, or not only, 00.
DIALLED_ABROAD = {
    "1": ("011", "1011"), "7": ("810",), "375": ("810",), "993": ("810",), "992": ("810",), "998": ("810",),
    "81": ("010", "001010", "0033010", "001"), "82": ("001", "002", "00700"), "61": ("0011", "0014", "0018"),
    "65": ("001", "002", "008"), "852": ("001", "0060"), "66": ("001", "007", "009"), "62": ("001", "007", "008"),
    "55": ("0014", "0015", "0021", "0031"), "57": ("005", "007", "009"), "53": ("119",), "234": ("009",),
    "254": ("000", "006", "007"), "255": ("000", "005"), "256": ("000", "005", "007"), "591": ("0010", "0011"),
    "592": ("001",), "855": ("001", "007"), "886": ("002", "009", "019"), "976": ("001",), "972": ("012", "013", "014"),
    "358": ("990", "994", "999", "00"), "248": ("010", "01", "02"), "230": ("020",), "238": ("0",), "685": ("0",),
    "680": ("011",), "691": ("011",), "692": ("011",), "677": ("01", "00"), "56": ("1230", "1710"), "598": ("0130",),
}


def parsed(region, metadata, national):
    """The number, if the package takes it for valid."""
    try:
        number = phonenumbers.parse(f"+{metadata.country_code}{national}", None)
    except phonenumbers.NumberParseException:
        return None
    whole = phonenumbers.national_significant_number(number) == national
    return number if whole and phonenumbers.is_valid_number(number) else None


def sample(source, count):
    """Example numbers of every region and type, and `count` random ones of each region."""
    for region, metadata in regions():
        kinds = list(kinds_of_number(metadata))
        for name, _, _ in kinds:
            example = getattr(metadata, name).example_number
            number = example and parsed(region, metadata, example)
            if number:
                yield metadata, Number(region, metadata, name, number)
        # Half of them are those of most people.
        usual = [kind for kind in kinds if kind[0] in ("fixed_line", "mobile")] or kinds
        found = tried = 0
        while found < count and tried < 50 * count:
            tried += 1
            name, pattern, lengths = source.choice(usual if tried % 2 else kinds)
            national = random_match(pattern, source)
            number = parsed(region, metadata, national) if len(national) in lengths else None
            if number:
                found += 1
                yield metadata, Number(region, metadata, name, number)


def ask(program, questions):
    """What the rule makes of each plan and spelling."""
    text = "".join(f"{plan}\t{spelling}\n" for plan, spelling in questions)
    answers = subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(questions)
    return answers


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default="target/debug/examples/phone_forms", help="what asks the rule")
    options.add_argument("--random", type=int, default=20, help="random numbers of each region")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=20, help="how many of the wrong ones, and of each kind rejected")
    given = options.parse_args()
    source = random.Random(given.seed)

    numbers = list(sample(source, given.random))
    abroad = [number for _, number in numbers if not number.why_not()]
    short = shortest(abroad)
    asked, about = [], []
    for metadata, number in numbers:
        others = source.sample(abroad, 4) + source.choices(short, k=4)
        for group, spellings in [
            ("international", number.international()),
            ("national", number.national_spellings() if number.region[0] != "+" else ()),
            ("prefix too many, too few", number.traps(metadata, others)),
            ("without area code", number.local(metadata)),
        ]:
            for spelling in spellings:
                of = number
                if isinstance(spelling[0], Foreign):
                    of, spelling, group = spelling[0].number, spelling[1:], "abroad with its own prefix"
                asked.append(spelling)
                about.append((group, of))

    counts = collections.defaultdict(collections.Counter)
    wrong, rejected, excused = [], collections.defaultdict(list), collections.Counter()
    national_by_region = collections.defaultdict(collections.Counter)
    for (group, number), (plan, spelling), answer in zip(about, asked, ask(given.program, asked), strict=True):
        if answer == number.expected:
            outcome = "equal"
        elif answer.startswith("-"):
            why = number.why_not()
            outcome = "excused" if why and group in ("international", "national") else "rejected"
            if group == "international":
                if why:
                    excused[f"+{number.code}", why] += 1
                else:
                    rejected[number.region].append((plan, spelling, answer, number.kind))
        else:
            outcome = "wrong"
            wrong.append((group, number, plan, spelling, answer))
        counts[group][outcome] += 1
        if group == "national":
            national_by_region[number.region][outcome] += 1

    print(f"{len(numbers)} valid numbers of {len({n.region for _, n in numbers})} regions and networks, "
          f"{len(asked)} spellings; phonenumbers {phonenumbers.__version__}, seed {given.seed}")
    print(f"{'spelled':28}{'equal':>10}{'rejected':>10}{'excused':>10}{'wrong':>8}")
    for group, outcomes in counts.items():
        print(f"{group:28}" + "".join(f"{outcomes[name]:>{width}}" for name, width in [
            ("equal", 10), ("rejected", 10), ("excused", 10), ("wrong", 8)]))
    folded = sum(number.folded for _, number in numbers)
    print(f"{folded} numbers of Argentina with the 9 for mobiles, which the rule drops and the package keeps")

    print("\nexcused, spellings from abroad of numbers that the rule does not accept:")
    for (code, why), count in sorted(excused.items()):
        print(f"  {code:6}{count:>6}  {why}")
    national = counts["national"]
    share = national["equal"] / national.total()
    print(f"\nnational spellings accepted: {share:.2%}; regions below 95 %, those not accepted from abroad left out:")
    for region, outcomes in national_by_region.items():
        of = outcomes.total() - outcomes["excused"]
        if outcomes["equal"] < 0.95 * of:
            print(f"  {region:6}{outcomes['equal'] / of:>7.1%}")
    for region, refused in sorted(rejected.items()):
        print(f"rejected from abroad, {region}: {refused[:given.show]}")
    for group, number, plan, spelling, answer in wrong[:given.show]:
        print(f"wrong, {group}: {number.region} {number.kind} {plan!r} {spelling!r}: "
              f"expected {number.expected}, got {answer}")
    if len(wrong) > given.show:
        by = collections.Counter((group, number.region, plan) for group, number, plan, _, _ in wrong)
        print(by.most_common(60))
    good = not wrong and not rejected and share >= 0.95
    print("\npassed" if good else f"\nfailed: {len(wrong)} wrong, {sum(map(len, rejected.values()))} rejected from abroad")
    return 0 if good else 1


def shortest(numbers):
    """Those with few digits, which after a prefix may look like another country's."""
    return sorted(numbers, key=lambda number: len(number.code + number.national))[: max(50, len(numbers) // 5)]


if __name__ == "__main__":
    sys.exit(main())
