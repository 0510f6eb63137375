"""Joining tables: what is completed, what stays without a partner, and what is refused."""

import pytest

from panelsim.errors import InputError
from panelsim.model.table import Table
from panelsim.planning.joining import join, unmatched

DEALS = Table("deals.csv", {"account": ["a", "b", "", "c"], "value": ["1", "2", "3", "4"]}, range(2, 6))
ACCOUNTS = Table(
    "data/accounts.csv", {"account": ["b", "a"], "value": ["9", "8"], "staff": ["20", "10"]}, range(2, 4)
)


def test_rows_are_completed_by_the_row_with_the_same_key() -> None:
    joined = join(DEALS, ACCOUNTS, "account")
    assert joined.columns["staff"] == ["10", "20", "", ""]
    assert list(joined.rows) == [2, 3, 4, 5]


def test_a_column_that_both_have_gets_the_files_name() -> None:
    joined = join(DEALS, ACCOUNTS, "account")
    assert joined.columns["value"] == ["1", "2", "3", "4"]
    assert joined.columns["accounts.value"] == ["8", "9", "", ""]


def test_keys_without_a_partner_are_counted_with_what_they_may_mean() -> None:
    products = Table("p.csv", {"product": ["GTX Pro", "MG"]}, range(2, 4))
    sales = Table("s.csv", {"product": ["GTXPro", "GTXPro", "MG", ""]}, range(2, 6))
    assert unmatched(sales, products, "product") == (
        "no row of p.csv has product 'GTXPro' (2 rows, did you mean 'GTX Pro'?); "
        "1 rows have no product to join p.csv by"
    )
    assert unmatched(sales._replace(columns={"product": ["MG"]}), products, "product") == ""


def test_a_key_in_two_rows_is_refused() -> None:
    twice = Table("t.csv", {"account": ["a", "a"]}, range(2, 4))
    with pytest.raises(
        InputError, match=r"t\.csv, column 'account': 'a' is in rows 2 and 3, expected each key once"
    ):
        join(DEALS, twice, "account")


def test_a_key_that_one_table_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"deals\.csv: there is no column 'acount', did you mean 'account'"):
        join(DEALS, ACCOUNTS, "acount")
