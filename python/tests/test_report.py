"""The page of a report."""

from pathlib import Path

import pytest
from made import iban

import veilmatch as vm


def test_a_report_is_a_page_and_the_same_stands_in_a_notebook(tmp_path: Path, ibans: vm.Tokenizer) -> None:
    sets = [ibans.tokenize("bank-a", [iban(1), iban(2)]), ibans.tokenize("bank-b", [iban(1)])]
    report = vm.Intersection(sets).at_least(2).collect().report()
    report.write_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    fragment = report._repr_html_()
    for shown in [page, fragment]:
        assert "bank-a" in shown and "<svg" in shown and "<script" not in shown
        assert iban(1) not in shown
    assert page.startswith("<!doctype html>") and fragment.startswith("<style>")
    with pytest.raises(vm.Error, match="overwrite=True"):
        report.write_html(tmp_path / "page.html")
