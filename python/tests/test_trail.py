"""Trails in Python and by the program: the same links, tables and pages, and the same refusals."""

import copy
import csv
import io
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from made import identifier, read_csv

import veilmatch as vm

Table = dict[str, list[str | None]]

CARD, MAIL, WALLET = "card.pan", "email.mailbox", "crypto.evm"
HOT = "info@example.com"  # more subjects of borea have it than the rounds below allow


def card(person: int) -> str:
    return identifier(CARD, person)


def mail(person: int) -> str:
    return identifier(MAIL, person)


def wallet(person: int) -> str:
    return identifier(WALLET, person)


# A case at alba leads by a card to borea, from there by a mailbox to webhost, and by a wallet to eastpay.
TABLES: dict[str, Table] = {
    "alba": {
        "customer": ["A-1", "A-2", "A-2", "", "A-5"],
        "case": [None, " Offender", "", "victim", None],
        CARD: [card(1), card(2), "no card", card(9), card(7)],
    },
    "borea": {
        "customer": ["B-1", "", "B-3", "B-4", "B-1"],
        "case": [None] * 5,
        CARD: [card(2), card(1), "", None, card(7)],
        MAIL: [mail(1), HOT, HOT, HOT, mail(3)],
    },
    "webhost": {
        "customer": ["W-1", "W-2", None],
        "case": [None] * 3,
        MAIL: [mail(1).upper(), HOT, mail(3)],
        WALLET: [wallet(1), "", None],
    },
    "eastpay": {"customer": ["E-1", "E-2"], "case": [None] * 2, WALLET: [wallet(1), wallet(5)]},
}


def kinds(member: str) -> list[str]:
    return [name for name in TABLES[member] if "." in name]


def columns(member: str) -> dict[str, list[str | None]]:
    return {kind: TABLES[member][kind] for kind in kinds(member)}


def export(member: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(TABLES[member])
    writer.writerows(zip(*TABLES[member].values(), strict=True))
    return out.getvalue().encode()


class Played:
    """A round that was matched by the program: keys, exports and shares of all are in one folder."""

    def __init__(self, folder: Path, program: Program, *rules: object, trial: bool) -> None:
        self.folder, self.program, self.trial = folder, program, trial
        everybody = [*TABLES, "hub", "police"]
        for who in everybody:
            program("keygen", "--identity", "--out", f"{who}.key")
        listed = [f"{member}" if trial else f"{member}={member}.key.pub" for member in TABLES]
        hub = [] if trial else ["--hub", "hub.key.pub"]
        brings = [word for member in TABLES for word in ("--brings", f"{member}={','.join(kinds(member))}")]
        of_kinds = [word for kind in (CARD, MAIL, WALLET) for word in ("--kind", kind)]
        members = [word for member in listed for word in ("--member", member)]
        terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--purpose", "a test", "--trail", *rules]
        program("round", "new", *terms, *of_kinds, *members, *hub, *brings, "--out", "round.json")
        self.agreed = vm.Round.read(folder / "round.json")
        self.secret = vm.Secret.read(folder / "secret")
        for member in TABLES:
            (folder / f"{member}.csv").write_bytes(export(member))
            program("tokenize", *self.part(member), *self.rows(member), "--out", member)
        program("intersect", "--round", "round.json", *self.hub(), "--out", "result", *TABLES)

    def key(self, who: str) -> vm.Identity:
        return vm.Identity.read(self.folder / f"{who}.key")

    def signer(self, who: str) -> vm.Identity | None:
        return None if self.trial else self.key(who)

    def hub(self) -> list[str]:
        return [] if self.trial else ["--identity", "hub.key"]

    def part(self, member: str, always: bool = False) -> list[str]:
        identity = [] if self.trial and not always else ["--identity", f"{member}.key"]
        return ["--round", "round.json", "--secret-file", "secret", "--member", member, *identity]

    def rows(self, member: str) -> list[str]:
        named = [word for kind in kinds(member) for word in ("--column", f"{kind}={kind}")]
        return [*named, "--input", f"{member}.csv"]

    def shares(self, member: str) -> list[vm.Share]:
        paths = sorted((self.folder / "result").glob(f"{member}.*.vsh"))
        return [vm.Share.read(path, round=self.agreed, identity=self.signer(member)) for path in paths]

    def linker(self, member: str) -> vm.Linker:
        return vm.Linker(self.agreed, self.secret, member, self.key(member))

    def link(self, member: str) -> dict[str, Any]:
        """Links in Python."""
        table, path = TABLES[member], self.folder / f"{member}.vml"
        beside = {"subjects": table["customer"], "seeds": table["case"]}
        return self.linker(member).write_links(path, self.shares(member), columns(member), **beside)

    def link_by_program(self, member: str) -> str:
        given = ["--share", *sorted((self.folder / "result").glob(f"{member}.*.vsh"))]
        beside = ["--subject-column", "customer", "--seed-column", "case"]
        done = self.program("link", *self.part(member, True), *self.rows(member), *given, *beside, "--out", f"{member}-links")
        return done.stderr

    def links(self) -> list[Path]:
        return [self.folder / f"{member}.vml" for member in TABLES]

    def trails(self, **given: Any) -> vm.Trails:
        hub_only = self.folder / "result" / "hub-only.json"
        return vm.Trails(self.agreed, self.links(), hub_only, identity=self.signer("hub"), **given)

    def trails_by_program(self) -> Path:
        given = ["--hub-only", "result/hub-only.json", "--out", "trails", *self.links()]
        self.program("trail", "--round", "round.json", *self.hub(), *given)
        return self.folder / "trails"

    def answer(self, path: Path, member: str) -> vm.Answer:
        return vm.Answer.read(path, round=self.agreed, identity=self.signer(member))

    def resolve(self, member: str, answer: vm.Answer, **given: Any) -> vm.OwnTrails:
        return self.linker(member).resolve(answer, columns(member), subjects=TABLES[member]["customer"], **given)

    def resolve_by_program(self, member: str, path: Path, *more: object) -> list[dict[str, str]]:
        given = [*self.part(member, True), *self.rows(member), "--subject-column", "customer", "--trail", path]
        return read_csv(self.program("resolve", *given, *more).stdout)


def as_program(table: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The table as the program writes it."""

    def text(value: Any) -> str:
        return " ".join(str(one) for one in value) if isinstance(value, list) else "" if value is None else str(value)

    return [{name: text(value) for name, value in row.items()} for row in table]


@pytest.fixture
def sealed(tmp_path: Path, program: Program, secret: vm.Secret) -> Played:
    rules = ["--max-hops", 3, "--max-degree", 2, "--trail-policy", "holders"]
    return Played(tmp_path, program, *rules, trial=False)


@pytest.fixture
def trial(tmp_path: Path, program: Program, secret: vm.Secret) -> Played:
    return Played(tmp_path, program, "--max-hops", 3, "--max-degree", 2, trial=True)


def caught(code: str, words: str | None = None) -> "pytest.RaisesExc[vm.Error]":
    return pytest.raises(vm.Error, match=words, check=lambda error: error.code == code)


def test_a_round_says_what_it_allows_of_trails(tmp_path: Path, program: Program, trial: Played) -> None:
    rules = {"leaves": [], "max_degree": 2, "max_hops": 3, "max_trail": 1000, "max_seeds": 100, "min_members": 2}
    assert trial.agreed.trail == {**rules, "disclosure": "counts"}
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", CARD, "--out", "without.json"]
    program("round", "new", *terms, "--member", "alba", "--member", "borea")
    without = vm.Round.read(tmp_path / "without.json")
    assert without.trail is None
    with caught("trail", "allows trails"):
        vm.Linker(without, trial.secret, "alba", trial.key("alba"))


def test_links_of_a_trial_are_the_programs_files(trial: Played) -> None:
    numbers = {member: trial.link(member) for member in TABLES}
    for member, of_member in numbers.items():
        said = trial.link_by_program(member)
        theirs = trial.folder / f"{member}-links" / f"{member}.vml"
        assert (trial.folder / f"{member}.vml").read_bytes() == theirs.read_bytes(), member
        assert f"{of_member['subjects']} subjects, {of_member['seeds']} of them seeds" in said
        for kind, linked in of_member["kinds"].items():
            assert f"{kind}: {linked['tokens']} identifiers, {linked['links']} links" in said
    assert numbers["alba"] == {
        "subjects": 3,
        "seeds": 1,
        "seeds_alone": 1,
        "kinds": {"card.pan/1": {"tokens": 3, "links": 3}},
    }


def test_without_subjects_each_row_is_a_subject_of_its_own(trial: Played) -> None:
    linker, path = trial.linker("borea"), trial.folder / "rows.vml"
    linker.write_links(path, trial.shares("borea"), columns("borea"))
    shares = sorted((trial.folder / "result").glob("borea.*.vsh"))
    trial.program("link", *trial.part("borea", True), *trial.rows("borea"), "--share", *shares, "--out", "by-row")
    assert path.read_bytes() == (trial.folder / "by-row" / "borea.vml").read_bytes()
    for member in ["alba", "webhost", "eastpay"]:
        trial.link(member)
    path.replace(trial.folder / "borea.vml")
    trial.trails().write_answer(trial.folder / "borea.vmt", "borea")
    answer = trial.answer(trial.folder / "borea.vmt", "borea")
    mine = linker.resolve(answer, columns("borea")).to_pylist()
    given = [*trial.part("borea", True), *trial.rows("borea"), "--trail", trial.folder / "borea.vmt"]
    assert as_program(mine) == read_csv(trial.program("resolve", *given).stdout) != []
    assert all(row["members"] == 4 for row in mine)


def test_the_hubs_overview_and_the_members_tables_and_pages_are_the_programs(trial: Played) -> None:
    for member in TABLES:
        trial.link(member)
    theirs, mine = trial.trails_by_program(), trial.trails()
    [seen] = mine.to_dict()["trails"]
    their_id = theirs.joinpath("trails.json").read_text().split('"id":"')[1][:32]
    assert (len(mine), mine.members, len(seen["id"])) == (1, sorted(TABLES), 32)
    assert mine.to_json().replace(seen["id"], their_id) + "\n" == theirs.joinpath("trails.json").read_text()
    page = trial.folder / "trails.html"
    mine.write_html(page)
    assert page.read_text().replace(seen["id"], their_id) == theirs.joinpath("trails.html").read_text()
    for member in TABLES:
        path = trial.folder / f"{member}.vmt"
        mine.write_answer(path, member)
        answer = trial.answer(path, member)
        assert (answer.recipient, answer.trails, len(answer)) == (member, [seen["id"]], 1)
        own = trial.resolve(member, answer)
        page = trial.folder / f"{member}.html"
        assert as_program(own.to_pylist()) == trial.resolve_by_program(member, path, "--html", page) != []
        own.write_html(trial.folder / f"{member}-own.html")
        assert (trial.folder / f"{member}-own.html").read_text() == page.read_text()
        of_program = trial.resolve(member, trial.answer(theirs / f"{member}.vmt", member)).to_pylist()
        assert [{**row, "trail": their_id} for row in own.to_pylist()] == of_program
    borea = trial.resolve("borea", trial.answer(trial.folder / "borea.vmt", "borea"))
    assert borea.left_out == [("email.mailbox/1", [2, 3, 4], False)]
    # Both customers of alba are there: the seed, and one whose card borea's customer has too.
    alba = trial.resolve("alba", trial.answer(trial.folder / "alba.vmt", "alba")).to_pylist()
    assert sorted((row["rows"], row["distance"]) for row in alba) == [([2, 3], 0), ([5], 2)]


def test_the_hub_takes_the_shares_where_python_matched(trial: Played) -> None:
    for member in TABLES:
        trial.link(member)
    shares = [share for member in TABLES for share in trial.shares(member)]
    by_shares, by_file = vm.Trails(trial.agreed, trial.links(), shares).to_dict(), trial.trails().to_dict()
    for found in [by_shares, by_file]:
        assert len(found["trails"][0].pop("id")) == 32
    assert by_shares == by_file
    with caught("trail", "kinds that were matched"):
        vm.Trails(trial.agreed, trial.links(), shares[1:])
    with pytest.raises(TypeError, match=r"hub-only\.json"):
        vm.Trails(trial.agreed, trial.links(), 7)  # type: ignore[arg-type]


def test_a_trail_that_is_too_large_is_told_to_its_seed_alone(
    tmp_path: Path, program: Program, secret: vm.Secret
) -> None:
    played = Played(tmp_path, program, "--max-trail", 2, trial=True)
    for member in TABLES:
        played.link(member)
    trails = played.trails()
    assert len(trails) == 0
    for member, rows in [("alba", [[2, 3]]), ("borea", [])]:
        trails.write_answer(tmp_path / f"{member}.vmt", member)
        own = played.resolve(member, played.answer(tmp_path / f"{member}.vmt", member))
        assert (own.too_large, len(own), own.to_pylist()) == (rows, 0, [])
        pa = pytest.importorskip("pyarrow")
        assert pa.table(own).num_rows == 0


def test_a_sealed_round_of_python_and_the_program_up_to_the_authority(sealed: Played) -> None:
    folder = sealed.folder
    for member in TABLES:
        sealed.link_by_program(member)
        (folder / f"{member}-links" / f"{member}.vml").replace(folder / f"{member}.vml")
    for member in ["borea", "webhost"]:
        (folder / f"{member}.vml").unlink()
        sealed.link(member)
        assert (folder / f"{member}.vml").read_bytes().startswith(b"age-encryption.org/v1\n")
    trails = sealed.trails()
    [trail] = [seen["id"] for seen in trails.to_dict()["trails"]]
    release = {"trail": trail, "authority": folder / "police.key.pub", "case": "2026-117", "contact": "Desk, a@b.example"}
    words = ["--trail-id", trail, "--authority", "police.key.pub", "--case", "2026-117", "--contact", release["contact"]]
    for member in TABLES:
        path = folder / f"{member}.vmt"
        trails.write_answer(path, member)
        answer = sealed.answer(path, member)
        own = sealed.resolve(member, answer, authority=folder / "police.key.pub", case="2026-117")
        theirs = sealed.resolve_by_program(member, path, "--authority", "police.key.pub", "--case", "2026-117")
        assert as_program(own.to_pylist()) == theirs != []
        assert {row["members"] for row in theirs} == {" ".join(sorted(TABLES))}
        if member == "eastpay":
            continue  # it makes no statement
        answer.release(folder / f"{member}.vma", sealed.key(member), legal_channel="A treaty", **release)
        part = ["--round", "round.json", "--member", member, "--identity", f"{member}.key", "--trail", path]
        sealed.program("release", *part, *words, "--legal-channel", "A treaty", "--out", f"{member}-2.vma")
    stating = ["alba", "borea", "webhost"]
    mine = [folder / f"{member}.vma" for member in stating]
    by_program = [folder / f"{member}-2.vma" for member in stating]
    given = ["--round", "round.json", "--identity", "police.key"]
    said = sealed.program("referral", *given, "--out", "referral", *mine).stderr
    assert f"trail {trail}: statements of alba, borea, webhost; without eastpay" in said
    for statements in [mine, by_program]:
        referral = vm.Referral(sealed.agreed, statements[::-1], sealed.key("police"))
        assert referral.to_json() + "\n" == (folder / "referral" / "referral.json").read_text()
        referral.write_html(folder / "page.html", overwrite=True)
        assert (folder / "page.html").read_text() == (folder / "referral" / "referral.html").read_text()
        assert referral.to_dict()["trails"][0]["missing"] == {"members": 1, "names": ["eastpay"]}
    with caught("seal"):
        vm.Referral(sealed.agreed, mine, sealed.key("hub"))


def test_the_table_goes_to_other_packages(sealed: Played) -> None:
    pa = pytest.importorskip("pyarrow")
    for member in TABLES:
        sealed.link(member)
    sealed.trails().write_answer(sealed.folder / "borea.vmt", "borea")
    own = sealed.resolve("borea", sealed.answer(sealed.folder / "borea.vmt", "borea"))
    table = pa.table(own)
    assert table.column_names == ["rows", "trail", "distance", "kind", "behind", "members"]
    assert table.to_pylist() == own.to_pylist() != []
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(own).to_dicts() == own.to_pylist()


def test_missing_links_are_refused_unless_their_member_is_named(trial: Played) -> None:
    for member in TABLES:
        trial.link(member)
    hub_only = trial.folder / "result" / "hub-only.json"
    some = [path for path in trial.links() if path.stem not in ("borea", "eastpay")]
    with caught("missing_links", r"borea \(card.pan/1, email.mailbox/1\), eastpay \(crypto.evm/1\).*without=") as error:
        vm.Trails(trial.agreed, some, hub_only)
    assert error.value.category == "round"
    with caught("missing_links", r"missing: eastpay \(crypto.evm/1\);"):
        vm.Trails(trial.agreed, some, hub_only, without=["borea"])
    trails = vm.Trails(trial.agreed, some, hub_only, without=["borea", "EastPay"])
    assert (len(trails), trails.members) == (0, ["alba", "webhost"])
    trails.write_answer(trial.folder / "alba.vmt", "alba")
    own = trial.resolve("alba", trial.answer(trial.folder / "alba.vmt", "alba"))
    assert (own.without, repr(own)) == (2, "OwnTrails(0 trails, 0 subjects, links of 2 members missing)")
    with caught("not_a_member"):
        trails.write_answer(trial.folder / "borea.vmt", "borea")
    assert not (trial.folder / "borea.vmt").exists()


def test_files_of_others_and_of_other_rounds_are_refused_by_name(sealed: Played, tmp_path: Path) -> None:
    for member in TABLES:
        sealed.link(member)
    trails = sealed.trails()
    for member in TABLES:
        trails.write_answer(tmp_path / f"{member}.vmt", member)
    of_borea = sealed.answer(tmp_path / "borea.vmt", "borea")
    with caught("wrong_recipient"):
        sealed.resolve("webhost", of_borea)
    with caught("seal", r"borea\.vmt"):
        sealed.answer(tmp_path / "borea.vmt", "alba")
    with caught("identity", "not the keys that the round lists"):
        vm.Linker(sealed.agreed, sealed.secret, "borea", sealed.key("alba"))
    with caught("terms_differ"):
        other = vm.Linker(sealed.agreed, vm.Secret.generate(), "borea", sealed.key("borea"))
        other.resolve(of_borea, columns("borea"), subjects=TABLES["borea"]["customer"])

    text = (tmp_path / "round.json").read_text()
    (tmp_path / "next.json").write_text(text.replace('"a test"', '"another"'))
    following = vm.Round.read(tmp_path / "next.json")
    with caught("terms_differ", r"borea\.vmt"):
        vm.Answer.read(tmp_path / "borea.vmt", round=following, identity=sealed.key("borea"))
    hub_only = tmp_path / "result" / "hub-only.json"
    with caught("round_differs", r"hub-only\.json"):
        vm.Trails(following, sealed.links(), hub_only, identity=sealed.key("hub"))
    with caught("identity", "the hub: keys: expected identity="):
        vm.Trails(sealed.agreed, sealed.links(), hub_only)
    with caught("duplicate_member"):
        vm.Trails(sealed.agreed, [*sealed.links(), tmp_path / "alba.vml"], hub_only, identity=sealed.key("hub"))

    release: dict[str, Any] = {"authority": tmp_path / "police.key.pub", "case": "1", "contact": "desk"}
    out, key = tmp_path / "borea.vma", sealed.key("borea")
    with caught("trail", "the id of a trail in this answer"):
        of_borea.release(out, key, trail="0" * 32, **release)
    [trail] = of_borea.trails
    with caught("trail", "keys of an authority"):
        of_borea.release(out, key, trail=trail, **{**release, "authority": tmp_path / "alba.key.pub"})
    with caught("identity"):
        of_borea.release(out, sealed.key("alba"), trail=trail, **release)
    seed = (tmp_path / "borea.key").read_text().split("sign: ")[1].split()[0]
    with caught("secret") as error:
        of_borea.release(out, key, trail=trail, **{**release, "contact": seed})
    assert seed not in str(error.value)
    assert not out.exists()
    of_borea.release(out, key, trail=trail, **release)
    assert len(vm.Referral(sealed.agreed, [out], sealed.key("police"))) == 1


def test_rows_that_do_not_fit_are_refused_before_anything_is_written(trial: Played) -> None:
    linker, shares, path = trial.linker("alba"), trial.shares("alba"), trial.folder / "alba.vml"
    table, mark = TABLES["alba"], "DE00MARKER"
    with caught("io", "seeds: row 4: expected offender, victim") as error:
        linker.write_links(path, shares, columns("alba"), seeds=["", None, "unknown", mark, "x"])
    assert mark not in str(error.value)
    with caught("io", "subjects: expected columns of one table, got one of 2 rows beside one of 5"):
        linker.write_links(path, shares, columns("alba"), subjects=[mark, mark])
    with caught("io", "card.pan/1: expected a column of this kind"):
        linker.write_links(path, shares, {})
    with caught("io", "card.pan/1: expected one share of a kind"):
        linker.write_links(path, [*shares, *shares], columns("alba"))
    with caught("io", "email.mailbox/1: expected a share of this kind"):
        linker.write_links(path, shares, {**columns("alba"), MAIL: table[CARD]})
    with caught("rows_differ"):
        linker.write_links(path, shares, {CARD: [mark, *table[CARD][1:]]})
    with caught("wrong_recipient"):
        linker.write_links(path, trial.shares("borea"), columns("borea"))
    with pytest.raises(TypeError, match="a column for each kind"):
        linker.write_links(path, shares, table[CARD])  # type: ignore[arg-type]
    assert not path.exists()
    trial.link("alba")
    with caught("io", "overwrite=True"):
        trial.link("alba")

    for member in ["borea", "webhost", "eastpay"]:
        trial.link(member)
    trial.trails().write_answer(trial.folder / "alba.vmt", "alba")
    answer = trial.answer(trial.folder / "alba.vmt", "alba")
    with caught("strange_trail") as error:
        linker.resolve(answer, {CARD: [mark, *table[CARD][1:4], mark]}, subjects=table["customer"])
    assert mark not in str(error.value)
    with caught("io", "card.pan/1: expected a column of this kind: the answer speaks"):
        linker.resolve(answer, {}, subjects=table["customer"])
    with caught("io", "authority= and case= together"):
        linker.resolve(answer, columns("alba"), case="1")


def test_nothing_shown_has_an_identifier_and_rows_and_keys_are_not_pickled(trial: Played) -> None:
    for member in TABLES:
        trial.link(member)
    trails = trial.trails()
    trails.write_answer(trial.folder / "borea.vmt", "borea")
    answer = trial.answer(trial.folder / "borea.vmt", "borea")
    own, linker = trial.resolve("borea", answer), trial.linker("borea")
    [trail] = answer.trails
    answer.release(
        trial.folder / "borea.vma",
        trial.key("borea"),
        trail=trail,
        authority=trial.folder / "police.key.pub",
        case="1",
        contact="desk",
    )
    referral = vm.Referral(trial.agreed, [trial.folder / "borea.vma"], trial.key("police"))
    with caught("trail", "the authority whose keys these are"):
        vm.Referral(trial.agreed, [trial.folder / "borea.vma"], trial.key("alba"))
    line = (trial.folder / "secret").read_text().strip()
    values = [value for column in TABLES["borea"].values() for value in column if value]
    for thing in [linker, trails, answer, own, referral]:
        for text in [repr(thing), str(thing), format(thing)]:
            assert text.startswith(type(thing).__name__ + "(")
            assert not [hidden for hidden in [*values, line, line[9:25], trail] if hidden in text], type(thing)
    for held in [linker, own]:
        for attempt in [lambda: pickle.dumps(held), lambda: copy.copy(held), lambda: copy.deepcopy(held)]:
            with pytest.raises(TypeError, match="cannot be pickled or copied"):
                attempt()
    for other in [trails, answer, referral]:
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(other)
