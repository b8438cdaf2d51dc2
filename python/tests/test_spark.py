"""On a cluster of Apache Spark, tokens, set files, overlaps and resolved rows are those of one machine.

The cluster is a master and two workers as processes on loopback. `VEILMATCH_SPARK_ROWS` is the number of rows of the largest
table, 100,000 by default.
"""

import os
import pickle
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from made import KINDS, csv_of, iban, rows

import veilmatch as vm

pytest.importorskip("pyspark", reason="needs pyspark: pip install 'veilmatch[spark]'")
pa = pytest.importorskip("pyarrow")

import pyarrow.parquet  # type: ignore[import-untyped,unused-ignore]  # noqa: E402
from cluster import Cluster, needs_java, seen, session, slowly, sort_of  # noqa: E402
from pyspark import StorageLevel  # noqa: E402
from pyspark.sql import DataFrame, SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

import veilmatch.spark as vs  # noqa: E402

needs_java()

ROWS = int(os.environ.get("VEILMATCH_SPARK_ROWS", "100000"))
MEMBERS = {"bank-a": ROWS, "bank-b": ROWS // 2, "bank-c": ROWS // 4}
KIND = "bank.iban"
TERMS: dict[str, Any] = {"coalition": "efc", "epoch": 7}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.add_worker()
        made.add_worker()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secret's file. The workers have its path from their environment."""
    path = tmp_path_factory.mktemp("key") / "secret"
    vm.Secret.generate().write(path)
    return path


@pytest.fixture(scope="module")
def spark(cluster: Cluster, key: Path) -> Iterator[SparkSession]:
    with session(cluster.url, cluster.conf, **{"spark.executorEnv.VEILMATCH_SECRET_FILE": str(key)}) as made:
        yield made


@pytest.fixture
def recipe(key: Path, monkeypatch: pytest.MonkeyPatch) -> vs.Recipe:
    """That of a member: the driver has the path from its environment too."""
    monkeypatch.setenv("VEILMATCH_SECRET_FILE", str(key))
    return vs.Recipe(kind=KIND, member="bank-a", **TERMS)


def table(spark: SparkSession, folder: Path, values: list[bytes | None], parts: int = 7) -> DataFrame:
    """A table in several files with a number and a customer for each row; rows are numbered from 1."""
    numbers = range(1, len(values) + 1)
    customers = [f"customer {number % 1000}" for number in numbers]
    whole = pa.table({"row": pa.array(numbers, pa.int64()), "customer": customers, "value": pa.array(values, pa.binary())})
    folder.mkdir()
    size = -(-len(values) // parts)
    for part in range(parts):
        pyarrow.parquet.write_table(whole.slice(part * size, size), folder / f"{part}.parquet")
    return spark.read.parquet(str(folder))


def by_row(frame: DataFrame) -> dict[int, Any]:
    return {row["row"]: row for row in frame.collect()}


def test_a_trial_on_a_cluster_gives_the_bytes_of_one_machine(
    tmp_path: Path,
    program: Program,
    spark: SparkSession,
    key: Path,
    recipe: vs.Recipe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vs, "PART_TOKENS", 10_000)  # several parts a set
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", KIND, "--out", "round.json"]
    program("round", "new", *terms, *[word for member in MEMBERS for word in ("--member", member)])
    agreed = vm.Round.read(tmp_path / "round.json")
    sets, tables, made, recipes = {}, {}, {}, {}
    for seed, (member, number) in enumerate(MEMBERS.items()):
        column = rows(KIND, number, seed)
        recipes[member] = vs.Recipe(
            kind=KIND, member=member, round_file=str(tmp_path / "round.json"), digest=agreed.digest
        )
        tokenizer = agreed.tokenizer(vm.Secret.read(key), KIND, member)
        alone = sets[member] = tokenizer.tokenize(member, column)
        made[member] = vs.outcomes(table(spark, tmp_path / member, column), "value", recipes[member]).persist()
        assert made[member].columns == ["row", "customer", "value", "token", "reason", "changed", "warning"]
        of_row = by_row(made[member].select("row", "token", "reason"))
        tokens, reasons = tokenizer.tokens(column).to_pylist(), tokenizer.reasons(column).to_pylist()
        assert [of_row[row] for row in sorted(of_row)] == list(zip(range(1, number + 1), tokens, reasons, strict=True))

        counted = vs.counters(made[member])
        assert counted == alone.counters
        assert vs.write_set(made[member], tmp_path / f"{member}.spark.vms", recipes[member]) == counted
        (tmp_path / f"{member}.csv").write_bytes(csv_of(column))
        part = ["--round", "round.json", "--secret-file", key, "--member", member, "--column", f"value={KIND}"]
        program("tokenize", *part, "--input", f"{member}.csv", "--out", f"{member}-sets")
        by_program = tmp_path / f"{member}-sets" / f"{KIND}-1.vms"
        assert (tmp_path / f"{member}.spark.vms").read_bytes() == by_program.read_bytes()
        program("export", f"{member}.spark.vms", "--out", f"{member}.parquet")
        tables[member] = spark.read.parquet(str(tmp_path / f"{member}.parquet"))

    for at_least in [1, 2, 3]:
        one_machine = vm.Intersection(list(sets.values())).at_least(at_least).collect()
        expected = pa.table(one_machine.to_arrow()).to_pylist()
        found = vs.overlaps(tables, at_least)
        assert [row.asDict() for row in found.orderBy("token").collect()] == expected != []
        if at_least != 2:
            continue
        for member in MEMBERS:
            tokenizer = agreed.tokenizer(vm.Secret.read(key), KIND, member)
            column = rows(KIND, MEMBERS[member], list(MEMBERS).index(member))
            resolved = vm.resolve(tokenizer, member, one_machine.share(member), column).to_pylist()
            listed = by_row(vs.resolve(made[member], vs.share(found, member)))
            assert [(row, listed[row]["holders"], listed[row]["names"]) for row in sorted(listed)] == resolved != []
            assert all(listed[row]["customer"] == f"customer {row % 1000}" for row in listed)
            assert all(listed[row]["value"] == column[row - 1] for row in listed)
    counts = vs.resolve(made["bank-c"], vs.share(found, "bank-c", disclosure="counts"))
    assert counts.columns == ["row", "customer", "value", "holders"]
    spark.catalog.clearCache()


def test_a_round_is_signed_and_sealed(tmp_path: Path, program: Program, spark: SparkSession, key: Path) -> None:
    for who in ["bank-a", "bank-b", "hub"]:
        vm.Identity.generate().write(tmp_path / f"{who}.key")
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", KIND, "--hub", "hub.key.pub"]
    keys = [word for who in ("bank-a", "bank-b") for word in ("--member", f"{who}={who}.key.pub")]
    program("round", "new", *terms, *keys, "--out", "round.json")
    path = str(tmp_path / "round.json")
    recipe = vs.Recipe(kind=KIND, member="bank-a", round_file=path, secret_command=f"cat {key}")
    column = rows(KIND, 2000, 1)
    made = vs.outcomes(table(spark, tmp_path / "rows", column), "value", recipe)
    with pytest.raises(vm.Error) as error:
        vs.write_set(made, tmp_path / "bank-a.vms", recipe)
    assert error.value.code == "identity" and not (tmp_path / "bank-a.vms").exists()
    me = vm.Identity.read(tmp_path / "bank-a.key")
    vs.write_set(made, tmp_path / "bank-a.vms", recipe, identity=me)
    agreed = vm.Round.read(path)
    read = vm.TokenSet.read(tmp_path / "bank-a.vms", round=agreed, identity=vm.Identity.read(tmp_path / "hub.key"))
    alone = agreed.tokenizer(vm.Secret.read(key), KIND, "bank-a").tokenize("bank-a", column)
    assert (read.counters, read.to_arrow().to_pylist()) == (alone.counters, alone.to_arrow().to_pylist())


@pytest.mark.parametrize("kind", KINDS)
def test_bad_rows_of_every_sort_are_counted_alike(tmp_path: Path, spark: SparkSession, key: Path, kind: str) -> None:
    column = rows(kind, 3000, 3)
    recipe = vs.Recipe(kind=kind, member="bank-a", secret_file=str(key), **TERMS)
    alone = recipe.tokenizer().tokenize("bank-a", column)
    assert len(alone.counters["rejected"]) >= 5
    assert vs.counters(vs.outcomes(table(spark, tmp_path / "rows", column), "value", recipe)) == alone.counters


def test_strings_and_an_empty_table_are_taken(tmp_path: Path, spark: SparkSession, recipe: vs.Recipe) -> None:
    texts = spark.createDataFrame([(1, iban(1)), (2, "ü"), (3, None)], "row int, value string")
    found = by_row(vs.outcomes(texts, "value", recipe))
    assert [found[row]["reason"] for row in (1, 2, 3)] == [None, "non_ascii", "empty"]
    nothing = vs.outcomes(texts.where("row > 3"), "value", recipe)
    assert vs.counters(nothing)["rows"] == 0
    vs.write_set(nothing, tmp_path / "spark.vms", recipe)
    recipe.tokenizer().tokenize("bank-a", []).write(tmp_path / "alone.vms")
    assert (tmp_path / "spark.vms").read_bytes() == (tmp_path / "alone.vms").read_bytes()


# A thousand tasks take minutes: before a release, by `VEILMATCH_TIMES`.
PARTS = ["one", "an empty one", *(["a thousand"] if os.environ.get("VEILMATCH_TIMES") else [])]


@pytest.mark.parametrize("parts", PARTS)
def test_partitions_do_not_matter(tmp_path: Path, spark: SparkSession, recipe: vs.Recipe, parts: str) -> None:
    column = rows(KIND, 3000, 5)
    frame = table(spark, tmp_path / "rows", column)
    match parts:
        case "one":
            frame = frame.coalesce(1)
        case "an empty one":
            frame = frame.unionAll(frame.where("row < 0").coalesce(1))
        case _:
            frame = frame.repartition(1000)
    if parts == "a thousand":
        assert frame.rdd.getNumPartitions() == 1000
    counted = vs.write_set(vs.outcomes(frame, "value", recipe).persist(), tmp_path / "spark.vms", recipe)
    alone = recipe.tokenizer().tokenize("bank-a", column)
    alone.write(tmp_path / "alone.vms")
    assert counted == alone.counters
    assert (tmp_path / "spark.vms").read_bytes() == (tmp_path / "alone.vms").read_bytes()
    spark.catalog.clearCache()


def test_many_members_are_matched_as_by_the_library(spark: SparkSession, key: Path) -> None:
    members, chosen = 130, random.Random(1)  # three words of bits
    tokenizer = vs.Recipe(kind=KIND, member="m", secret_file=str(key), **TERMS).tokenizer()
    names = [f"bank-{number:03}" for number in range(members)]
    chosen.shuffle(names)
    sets = [tokenizer.tokenize(name, [iban(chosen.randrange(90)) for _ in range(12)]) for name in names]
    every = [(each.member, token) for each in sets for token in each.to_arrow().to_pylist()]
    together = spark.createDataFrame(every, "member string, token binary").coalesce(1).persist()
    found = vs.overlaps({name: together.where(F.col("member") == name).select("token") for name in names}, 3)
    expected = pa.table(vm.Intersection(sets).at_least(3).collect().to_arrow()).to_pylist()
    assert [row.asDict() for row in found.orderBy("token").collect()] == expected != []
    spark.catalog.clearCache()


def test_no_key_is_in_what_spark_ships(spark: SparkSession, key: Path, recipe: vs.Recipe) -> None:
    assert key.read_bytes().strip() not in pickle.dumps(recipe)
    tokenizer, column = recipe.tokenizer(), spark.createDataFrame([(iban(1),)], "value string")
    for thing in [tokenizer, vm.Secret.read(key)]:

        def shipped(batches: Iterator[Any], of: object = thing) -> Iterator[Any]:
            assert of
            yield from batches

        with pytest.raises(Exception, match="cannot be pickled or copied"):
            column.mapInArrow(shipped, column.schema).collect()


def test_with_encryption_nothing_is_legible_on_disks(
    tmp_path: Path, cluster: Cluster, spark: SparkSession, key: Path, recipe: vs.Recipe
) -> None:
    marked = recipe.tokenizer().tokens([iban(770_001)]).to_pylist()[0]
    words = {"identifier": iban(770_001).encode(), "key": key.read_bytes().strip()[9:41], "token": marked}
    words["password"] = cluster.password.encode()
    column: list[bytes | None] = [iban(770_001).encode(), iban(3).encode()] * 2000
    # Shuffled before and after, and kept on disks.
    made = vs.outcomes(table(spark, tmp_path / "rows", column).repartition(4), "value", recipe)
    kept = made.repartition(3).persist(StorageLevel.DISK_ONLY)
    assert vs.counters(kept) == recipe.tokenizer().tokenize("bank-a", column).counters
    files = [path for path in cluster.folder.rglob("*") if path.is_file() and path.stat().st_size > 0]
    sorts = {sort_of(path) for path in files}
    assert sorts >= {"shuffle", "block", "event log", "other"}, "there is something to look through"
    assert seen(cluster.folder, words) == set()
    kept.unpersist()
    # No setting keeps a literal out of the event log.
    texts = spark.createDataFrame([(iban(3),)], "value string")
    texts.where(F.col("value") == iban(770_001)).count()
    for _ in range(50):
        if found := seen(cluster.folder, words):
            break
        time.sleep(0.1)
    assert found == {("identifier", "event log")}


def test_wrong_use_is_refused_before_spark_runs(
    spark: SparkSession, recipe: vs.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = spark.createDataFrame([(370400440532013000,)], "value bigint")
    with pytest.raises(TypeError, match="expected a column of strings or bytes, got bigint: numbers have lost leading"):
        vs.outcomes(numbers, "value", recipe)
    with pytest.raises(ValueError, match="expected a column 'iban'"):
        vs.outcomes(numbers, "iban", recipe)
    taken = spark.createDataFrame([("x", "y")], "value string, reason string")
    with pytest.raises(ValueError, match="expected no column 'reason'"):
        vs.outcomes(taken, "value", recipe)
    for at_least in [0, 2]:
        with pytest.raises(ValueError, match="expected a threshold of 1 to 1"):
            vs.overlaps({"bank-a": taken}, at_least)
    tokens = spark.createDataFrame([], "token binary")
    with pytest.raises(ValueError, match=r"expected a member of the overlaps \(bank-a, bank-b\), got 'bank-A'"):
        vs.share(vs.overlaps({"bank-a": tokens, "bank-b": tokens}, 2), "bank-A")
    monkeypatch.delenv("VEILMATCH_SECRET_FILE")
    with pytest.raises(ValueError, match="VEILMATCH_SECRET_FILE or VEILMATCH_SECRET_COMMAND"):
        recipe.tokenizer()
    for terms in [{}, {"coalition": "efc"}, {**TERMS, "round_file": "round.json"}]:
        with pytest.raises(ValueError, match="expected round_file=, or coalition= and epoch="):
            vs.Recipe(kind=KIND, member="bank-a", **terms)


def test_a_worker_with_another_secret_is_refused(
    tmp_path: Path, spark: SparkSession, recipe: vs.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    vm.Secret.generate().write(tmp_path / "another")
    monkeypatch.setenv("VEILMATCH_SECRET_FILE", str(tmp_path / "another"))  # of the driver alone
    texts = spark.createDataFrame([(iban(1),)], "value string")
    expected = recipe.tokenizer().key_id
    with pytest.raises(Exception, match=f"key id: expected {expected}, got [0-9a-f]{{16}}: give this machine the secret"):
        vs.outcomes(texts, "value", recipe).collect()


def test_a_set_is_written_by_the_recipe_of_its_tokens(tmp_path: Path, spark: SparkSession, recipe: vs.Recipe) -> None:
    made = vs.outcomes(spark.createDataFrame([(iban(1),)], "value string"), "value", recipe).drop("value").persist()
    later = replace(recipe, epoch=8)
    with pytest.raises(ValueError, match="key id: expected .*: give write_set the recipe that outcomes had"):
        vs.write_set(made, tmp_path / "later.vms", later)
    assert not (tmp_path / "later.vms").exists()
    made.unpersist()


def test_a_worker_killed_in_the_middle_changes_nothing(
    tmp_path: Path, cluster: Cluster, spark: SparkSession, recipe: vs.Recipe
) -> None:
    column = rows(KIND, 20_000, 6)
    frame = table(spark, tmp_path / "rows", column, parts=16)
    spark.conf.set("spark.sql.files.openCostInBytes", str(1 << 30))  # a partition for each file
    made = vs.outcomes(frame.mapInArrow(slowly, frame.schema), "value", recipe)
    done_before: list[int] = []

    def kill() -> None:
        tracker = spark.sparkContext.statusTracker()
        while not done_before:
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            if done := [stage.numCompletedTasks for stage in stages if stage and stage.numCompletedTasks >= 4]:
                cluster.kill_worker()
                done_before.extend(done)
            time.sleep(0.05)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        counted = vs.write_set(made, tmp_path / "spark.vms", recipe)
    finally:
        spark.conf.unset("spark.sql.files.openCostInBytes")
    killer.join(1)
    assert done_before and done_before[0] < 16, "it was killed in the middle"
    alone = recipe.tokenizer().tokenize("bank-a", column)
    alone.write(tmp_path / "alone.vms")
    assert counted == alone.counters
    assert (tmp_path / "spark.vms").read_bytes() == (tmp_path / "alone.vms").read_bytes()
    cluster.add_worker()
