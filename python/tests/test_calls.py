"""Long calls: progress, Ctrl-C, threads, processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from made import iban

import veilmatch as vm

MANY = [iban(number) for number in range(300_000)]


def test_progress_is_told_up_to_the_last_row(ibans: vm.Tokenizer) -> None:
    told: list[int] = []
    ibans.tokenize("bank-a", MANY, progress=told.append)
    assert told[-1] == len(MANY) and told == sorted(told)
    told.clear()
    ibans.tokens(MANY, progress=told.append)
    assert told[-1] == len(MANY)


def test_the_ready_progress_writes_one_line_to_standard_error(
    ibans: vm.Tokenizer, capsys: pytest.CaptureFixture[str]
) -> None:
    ibans.tokens(MANY, progress=vm.progress())
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert "300,000 rows" in captured.err.split("\r")[-1]


def test_an_error_of_progress_stops_the_call(ibans: vm.Tokenizer) -> None:
    def stop(done: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        ibans.tokens(MANY, progress=stop)


ENDLESS = """
import itertools, signal, sys, pyarrow, veilmatch as vm
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts the tests aside has it ignored
batch = pyarrow.record_batch({"iban": ["DE89370400440532013000"] * 10_000})
reader = pyarrow.RecordBatchReader.from_batches(batch.schema, itertools.repeat(batch))
tokenizer = vm.Tokenizer(vm.Secret.generate(), coalition="efc", epoch=1, kind="bank.iban")
print("begun", flush=True)
try:
    CALL
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.parametrize(
    "call",
    [
        'tokenizer.tokenize("bank-a", reader)',
        "tokenizer.tokens(reader)",
        "tokenizer.reasons(reader)",
        'vm.profile(reader, kind="bank.iban")',
    ],
)
def test_a_keyboard_interrupt_stops_a_call_without_end(call: str) -> None:
    pytest.importorskip("pyarrow")
    script = ENDLESS.replace("CALL", call)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        time.sleep(0.5)
        begun = time.monotonic()
        running.send_signal(signal.SIGINT)
        try:
            assert running.stdout.readline() == "stopped\n"
            assert time.monotonic() - begun < 5
        finally:
            running.kill()


def test_other_threads_run_meanwhile(ibans: vm.Tokenizer) -> None:
    ticks = 0
    over = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    column = ibans_column()
    thread.start()
    begun = time.monotonic()
    ibans.tokenize("bank-a", column)
    seconds = time.monotonic() - begun
    over.set()
    thread.join()
    # A call that held the interpreter would leave the thread next to no tick.
    assert ticks > seconds / 0.001 / 10


def ibans_column() -> Any:
    pa = pytest.importorskip("pyarrow")
    return pa.chunked_array([pa.array(MANY)] * 10)


def test_it_works_from_several_threads_at_once(ibans: vm.Tokenizer) -> None:
    expected = ibans.tokens(MANY[:5000]).to_pylist()
    found: list[object] = []
    work = [threading.Thread(target=lambda: found.append(ibans.tokens(MANY[:5000]).to_pylist())) for _ in range(8)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert found == [expected] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_works_in_a_process_that_was_forked(ibans: vm.Tokenizer) -> None:
    expected = ibans.tokens(MANY[:5000]).to_pylist()
    child = os.fork()
    if child == 0:
        os._exit(0 if ibans.tokens(MANY[:5000]).to_pylist() == expected else 1)
    for _ in range(100):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("the child did not come to an end")
