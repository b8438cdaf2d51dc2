"""A Polars expression that makes tokens: `frame.with_columns(token=token(pl.col("iban"), tokenizer))`.

pip install polars
"""

import polars as pl

import veilmatch as vm


def token(column: pl.Expr, tokenizer: vm.Tokenizer) -> pl.Expr:
    """The token of each row as binary, null where there is none. It works in lazy frames too."""
    return column.map_batches(lambda series: pl.Series(tokenizer.tokens(series)), return_dtype=pl.Binary)


def reason(column: pl.Expr, tokenizer: vm.Tokenizer) -> pl.Expr:
    """Why a row has no token; null where it has one."""
    return column.map_batches(
        lambda series: pl.Series(tokenizer.reasons(series)).cast(pl.String), return_dtype=pl.String
    )


def main() -> None:
    tokenizer = vm.Tokenizer(vm.Secret.generate(), coalition="efc", epoch=7, kind="bank.iban")
    frame = pl.LazyFrame({"iban": ["DE89 3704 0044 0532 0130 00", "none", None]})
    iban = pl.col("iban")
    print(frame.with_columns(has_token=token(iban, tokenizer).is_not_null(), reason=reason(iban, tokenizer)).collect())


if __name__ == "__main__":
    main()
