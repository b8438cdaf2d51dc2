"""Tokens, sets, k of N and resolving for tables in Apache Spark.

    import veilmatch.spark as vs

    recipe = vs.Recipe(kind="bank.iban", member="bank-a", coalition="efc", epoch=7, secret_file="/run/secrets/efc-7")
    rows = vs.outcomes(accounts, "iban", recipe)            # a member: token and reason of each row
    vs.write_set(rows, "bank-a.vms", recipe)                # its set file: the program's bytes
    found = vs.overlaps({"bank-a": a, "bank-b": b}, 2)      # the hub, from tables of tokens alone
    vs.resolve(rows, vs.share(found, "bank-a"))             # the member again: its own rows, and who holds them too

Needs `veilmatch[spark]`, and the package on every machine of the member's cluster. Read docs/spark.md first: it says
where each part may run, and what Spark leaves on disks.
"""

import os
import platform
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from typing import Any

from veilmatch._veilmatch import Identity, Round, Secret, Tokenizer

try:
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from pyspark.sql import DataFrame, SparkSession  # type: ignore[import-not-found,unused-ignore]
    from pyspark.sql import functions as F  # type: ignore[import-not-found,unused-ignore]
    from pyspark.sql.types import (  # type: ignore[import-not-found,unused-ignore]
        BinaryType,
        BooleanType,
        StringType,
        StructType,
    )
    from pyspark.sql.utils import is_remote  # type: ignore[import-not-found,unused-ignore]
except ImportError as missing:
    raise ImportError("veilmatch.spark needs pyspark and pyarrow: pip install 'veilmatch[spark]'") from missing

__all__ = ["Recipe", "counters", "outcomes", "overlaps", "resolve", "share", "write_set"]

TOKEN_BYTES = 16

# Tokens that go to the driver at a time: 8 MB. Spark alone would make it 64 MB.
PART_TOKENS = 1 << 19

Terms = tuple[tuple[str, str], ...]  # names and values

SECRET_FILE = "VEILMATCH_SECRET_FILE"
SECRET_COMMAND = "VEILMATCH_SECRET_COMMAND"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a process makes the tokenizer itself. It holds no key, so Spark may ship it.

    `secret_file` is a path on each worker and on the driver, `secret_command` a command that prints the secret there.
    Without either, the environment of the process names one of them: `VEILMATCH_SECRET_FILE` or
    `VEILMATCH_SECRET_COMMAND`. A command line is shipped as it is: put no credential into it. `kind`, `national_plan` and
    `suppression` are those of `Tokenizer`.

    In a round `round_file` is the path of its manifest, on each machine too, and `digest` the one that was agreed. Without a
    round `coalition` and `epoch` say what the tokens are for.
    """

    kind: str
    member: str
    coalition: str | None = None
    epoch: int | None = None
    round_file: str | None = None
    digest: str | None = None
    secret_file: str | None = None
    secret_command: str | None = None
    national_plan: str | None = None
    suppression: str | None = None

    def __post_init__(self) -> None:
        of_round, alone = self.round_file is not None, self.coalition is not None and self.epoch is not None
        if of_round == (self.coalition is not None or self.epoch is not None) or not (of_round or alone):
            raise ValueError("expected round_file=, or coalition= and epoch=")
        if self.secret_file is not None and self.secret_command is not None:
            raise ValueError("expected secret_file= or secret_command=, got both")

    def round(self) -> Round | None:
        """Reads the manifest of the round, if there is one."""
        return None if self.round_file is None else Round.read(self.round_file, digest=self.digest)

    def tokenizer(self) -> Tokenizer:
        """Makes the tokenizer in this process."""
        secret, plan, suppression = self._secret(), self.national_plan, self.suppression
        agreed = self.round()
        if agreed is not None:
            return agreed.tokenizer(secret, self.kind, self.member, national_plan=plan, suppression=suppression)
        assert self.coalition is not None and self.epoch is not None
        return Tokenizer(
            secret,
            coalition=self.coalition,
            epoch=self.epoch,
            kind=self.kind,
            national_plan=plan,
            suppression=suppression,
        )

    def _secret(self) -> Secret:
        path, command = self.secret_file, self.secret_command
        if path is None and command is None:
            path, command = os.environ.get(SECRET_FILE), os.environ.get(SECRET_COMMAND)
        if path is not None:
            return Secret.read(path)
        if command is not None:
            return Secret.from_command(command)
        raise ValueError(
            f"expected secret_file= or secret_command=, or {SECRET_FILE} or {SECRET_COMMAND} in the environment of each "
            "worker and of the driver (spark.executorEnv)"
        )


def outcomes(rows: DataFrame, column: str, recipe: Recipe) -> DataFrame:
    """Adds what becomes of each row: the columns `token` (16 bytes), `reason`, `changed` and `warning`.

    They are those of `Tokenizer.outcomes`. `column` holds strings or bytes. All columns of `rows` pass through Python:
    select the row's key and the identifier first. The result is computed each time that it is used: persist it. The job
    fails where a machine has another secret, other rules or another suppression list than the driver.
    """
    field = {field.name: field for field in rows.schema}.get(column)
    if field is None:
        raise ValueError(f"expected a column {column!r}: the table has none")
    if not isinstance(field.dataType, (StringType, BinaryType)):
        raise TypeError(
            f"expected a column of strings or bytes, got {field.dataType.simpleString()}: numbers have lost leading zeros, "
            "so take the column as it was exported"
        )
    terms = _terms(recipe.tokenizer())
    added = StructType().add("token", BinaryType(), metadata=dict(terms))
    added = added.add("reason", StringType()).add("changed", BooleanType()).add("warning", BooleanType())
    for name in added.names:
        if name in rows.columns:
            raise ValueError(f"expected no column {name!r}, which is added: rename the one that is there")
    _warn_of_open_disks(rows.sparkSession)
    made = partial(_with_outcomes, column, recipe, terms)
    return rows.mapInArrow(made, StructType([*rows.schema.fields, *added.fields]))


def _terms(of: Tokenizer) -> Terms:
    """What two tokenizers of one recipe must have in common, so that equal values have equal tokens."""
    return ("key id", of.key_id), ("rule digest", of.rules), ("suppression digest", of.suppression)


def _require_terms(expected: Terms, found: Mapping[str, str], way_out: str) -> None:
    for what, wanted in expected:
        if found.get(what, wanted) != wanted:
            raise ValueError(f"{what}: expected {wanted}, got {found[what]}: {way_out}")


def _warn_of_open_disks(spark: SparkSession) -> None:
    for name in ["spark.io.encryption.enabled", "spark.network.crypto.enabled"]:
        if (spark.conf.get(name, "false") or "").lower() != "true":
            warnings.warn(
                f"{name} is not true: identifiers and tokens may lie or travel in clear text (docs/spark.md)", stacklevel=3
            )


def _with_outcomes(
    column: str, recipe: Recipe, terms: Terms, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    tokenizer = _of_process(recipe, terms)
    for batch in batches:
        made = pa.array(tokenizer.outcomes(batch.column(column)))
        token = made.field("token").cast(pa.binary())  # Spark takes no column of fixed length from a worker
        reason = made.field("reason").cast(pa.string())
        columns = [*batch.columns, token, reason, made.field("changed"), made.field("warning")]
        yield pa.RecordBatch.from_arrays(columns, [*batch.schema.names, "token", "reason", "changed", "warning"])


@lru_cache(maxsize=8)
def _of_process(recipe: Recipe, terms: Terms) -> Tokenizer:
    """A worker process serves many partitions with one tokenizer. Spark starts one for each core, so each has one thread.

    `terms` are the driver's: a machine with another secret would make tokens that match nothing.
    """
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    made = recipe.tokenizer()
    way_out = "give this machine the secret, package and suppression list of the driver"
    _require_terms(terms, dict(_terms(made)), f"{way_out} ({platform.node()})")
    return made


def counters(rows: DataFrame) -> dict[str, Any]:
    """Counts what became of the rows, as `TokenSet.counters`, by one query over the columns that `outcomes` added.

    Columns count each row once. Accumulators would count the rows of a task again if it is repeated.
    """
    return _counted(rows, F.count_distinct("token"))


def _counted(rows: DataFrame, distinct: Any) -> dict[str, Any]:
    yes = {name: F.count_if(F.col(name)) for name in ["changed", "warning"]}
    whole = [F.count(F.lit(1)).alias("rows"), yes["changed"].alias("changed"), yes["warning"].alias("warnings")]
    found = rows.groupBy("reason").agg(*whole, distinct.alias("distinct")).collect()
    of = {row["reason"]: row for row in found}
    accepted, suppressed = of.pop(None, None), of.pop("suppressed", None)
    return {
        "rows": sum(row["rows"] for row in found),
        "accepted": accepted["rows"] if accepted else 0,
        "changed": accepted["changed"] if accepted else 0,
        "warnings": accepted["warnings"] if accepted else 0,
        "suppressed": suppressed["rows"] if suppressed else 0,
        "duplicates": accepted["rows"] - accepted["distinct"] if accepted else 0,
        "rejected": {reason: row["rows"] for reason, row in of.items()},
    }


def write_set(
    rows: DataFrame,
    path: str | os.PathLike[str],
    recipe: Recipe,
    *,
    identity: Identity | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Writes the member's set file on the driver, and returns the counters of its header.

    The cluster sorts the tokens of `rows`, to which `outcomes` added columns. They come to the driver in parts of some 8 MB,
    and it keeps one at a time. The bytes are those of the program and of `TokenSet.write`. In a round the file is signed by
    `identity` and sealed to the hub. `rows` are read twice: persist them.
    """
    tokenizer = recipe.tokenizer()
    _require_terms(_terms(tokenizer), rows.schema["token"].metadata, "give write_set the recipe that outcomes had")
    counted = _counted(rows, F.lit(0))
    counted["duplicates"] = 0  # the writer counts them
    blocks = _blocks(rows.select("token").where("token is not null").distinct(), counted["accepted"])
    failed: list[BaseException] = []

    def stream() -> Iterator[pa.RecordBatch]:
        try:
            for block in blocks:
                parts = [None, pa.py_buffer(block)]
                tokens = pa.Array.from_buffers(pa.binary(TOKEN_BYTES), len(block) // TOKEN_BYTES, parts)
                yield pa.record_batch([tokens], schema)
        except BaseException as error:
            failed.append(error)  # the reader of a stream gets no more than that it failed
            raise

    schema = pa.schema([("token", pa.binary(TOKEN_BYTES))])
    reader = pa.RecordBatchReader.from_batches(schema, stream())
    try:
        return tokenizer.write_set(
            os.fspath(path),
            recipe.member,
            reader,
            counted,
            round=recipe.round(),
            identity=identity,
            overwrite=overwrite,
        )
    except Exception as error:
        raise (failed[0] if failed else error) from None


def _blocks(tokens: DataFrame, number: int) -> Iterator[bytes]:
    """Sorts tokens on the cluster and brings them to the driver in blocks, one part of some 8 MB at a time.

    `toLocalIterator` would keep all that it has brought in the memory of Spark 4.3's driver. Spark Connect has nothing else.
    """
    if is_remote():
        for (block,) in tokens.orderBy("token").mapInArrow(_in_blocks, "block binary").toLocalIterator():
            yield bytes(block)
        return
    ranges = tokens.repartitionByRange(1 + number // PART_TOKENS, "token").sortWithinPartitions("token")
    parts = ranges.mapInArrow(_in_blocks, "block binary").rdd
    for part in range(parts.getNumPartitions()):
        for (block,) in parts.context.runJob(parts, list, [part]):
            yield bytes(block)


def _in_blocks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Joins the tokens of a batch: a row each would cost a hundred times what it carries."""
    for batch in batches:
        tokens = batch.column(0).cast(pa.binary(TOKEN_BYTES))
        first, rows = tokens.offset * TOKEN_BYTES, len(tokens)
        block = tokens.buffers()[1].slice(first, rows * TOKEN_BYTES) if rows else b""
        yield pa.record_batch([pa.array([memoryview(block)], pa.binary())], ["block"])


def overlaps(tables: Mapping[str, DataFrame], at_least: int) -> DataFrame:
    """Finds the tokens that at least `at_least` of the members hold: `token`, `holders` (their number) and `names`.

    `tables` are the members' tables by name, each with a column `token`. It is Spark SQL alone, with one shuffle: a bit for
    each member, in words of 64. Nothing here compares keys and rules: take tables from sets that the program has checked
    (`veilmatch verify`, `veilmatch export`).
    """
    names = sorted(tables)
    if not 1 <= at_least <= len(names):
        raise ValueError(f"expected a threshold of 1 to {len(names)}, the number of members, got {at_least}")
    words = [names[first : first + 64] for first in range(0, len(names), 64)]
    held = [f"held_{word}" for word in range(len(words))]

    def marked(at: int, name: str) -> DataFrame:
        bit = 1 << at % 64
        mine = bit if bit < 1 << 63 else bit - (1 << 64)
        bits = [F.lit(mine if word == at // 64 else 0).cast("bigint").alias(held[word]) for word in range(len(words))]
        return tables[name].where("token is not null").select("token", *bits)

    together = reduce(DataFrame.unionAll, (marked(at, name) for at, name in enumerate(names)))
    masks = together.groupBy("token").agg(*[F.bit_or(word).alias(word) for word in held])
    number = reduce(lambda one, other: one + other, (F.bit_count(word) for word in held))
    enough = masks.withColumn("holders", number).where(F.col("holders") >= at_least)
    # For each word, the names of its members whose bit is set.
    named = [
        F.filter(F.array(*map(F.lit, word)), partial(_is_held, F.col(mask)))
        for word, mask in zip(words, held, strict=True)
    ]
    return enough.select("token", "holders", F.concat(*named).alias("names", metadata={"members": names}))


def _is_held(mask: Any, name: Any, at: Any) -> Any:
    return F.getbit(mask, at) == 1


def share(found: DataFrame, member: str, *, disclosure: str = "holders") -> DataFrame:
    """Returns what one member may have of the hub's `overlaps`: the tokens that it holds itself.

    `disclosure` is `holders` to name the holders, or `counts` to tell their number; a round says which.
    """
    if disclosure not in ("holders", "counts"):
        raise ValueError('expected a disclosure of "holders" or "counts"')
    members = found.schema["names"].metadata.get("members", [member])
    if member not in members:
        raise ValueError(f"expected a member of the overlaps ({', '.join(members)}), got {member!r}")
    mine = found.where(F.array_contains("names", member))
    return mine if disclosure == "holders" else mine.drop("names")


def resolve(rows: DataFrame, mine: DataFrame) -> DataFrame:
    """Returns the member's own rows that its share speaks of, with `holders` and, if it has them, `names`.

    `rows` are those of `outcomes`, of which the columns that it added are left out; `mine` is a table with a column `token`:
    that of `share`, or of a share file (`veilmatch export`).
    """
    return rows.drop("reason", "changed", "warning").join(mine, "token").drop("token")
