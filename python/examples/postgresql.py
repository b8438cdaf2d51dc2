"""A set of a column of PostgreSQL, in two ways.

    pip install adbc-driver-postgresql pyarrow

With the program nothing of Python is needed:

    psql service=accounts --command "copy (select iban from accounts) to stdout (format csv, header)" |
        veilmatch tokenize --round round.json --secret-file efc-7.secret --member bank-a \\
            --column iban=bank.iban --input - --out sets

In Python the rows come by ADBC, as Arrow, and are tokenised as they arrive:

    python examples/postgresql.py "postgresql:///bank" "select iban from accounts" efc-7.secret bank-a.vms
"""

import sys

import adbc_driver_postgresql.dbapi as postgresql

import veilmatch as vm


def tokenize(uri: str, query: str, tokenizer: vm.Tokenizer, member: str) -> vm.TokenSet:
    """Makes the set of a query of one column. No more than a few batches of rows are in memory."""
    with postgresql.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return tokenizer.tokenize(member, cursor.fetch_record_batch())


def main(uri: str, query: str, secret: str, out: str) -> None:
    tokenizer = vm.Tokenizer(vm.Secret.read(secret), coalition="efc", epoch=7, kind="bank.iban")
    mine = tokenize(uri, query, tokenizer, "bank-a")
    print(mine, mine.counters)
    mine.write(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
