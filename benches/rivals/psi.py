"""SecretFlow's private set intersection (protocol RR22 unless told) between two processes on the loopback interface.

Each has one CSV file; the first learns the result. The clock covers `psi_execute`, files in to file out, and
starts when both are connected. Each leaves a small trace in /tmp, and cannot be told otherwise.
"""

import multiprocessing
import os
import socket
import tempfile
import time
from multiprocessing.connection import Connection, wait
from pathlib import Path


def intersect(files: list[Path], protocol: str = "RR22", cores: bool = False) -> tuple[int, int]:
    """How many the files share, and the nanoseconds of the slower party; with `cores` each has one of its own."""
    import spu.psi  # noqa: F401  where it is missing, say so here

    spawn = multiprocessing.get_context("spawn")
    hosts = _free_hosts(len(files))
    with tempfile.TemporaryDirectory(dir=files[0].parent) as folder:
        parties = []
        for rank, path in enumerate(files):
            receiving, sending = spawn.Pipe(duplex=False)
            own = Path(folder) / f"input{rank}.csv"  # beside its input it keeps notes for the next run
            own.symlink_to(path.resolve())
            arguments = (rank, hosts, own, Path(folder) / f"output{rank}.csv", sending, protocol, cores)
            party = spawn.Process(target=_party, args=arguments, daemon=True)
            party.start()
            sending.close()
            parties.append((party, receiving))
        running = [party for party, _ in parties]
        while running:
            wait([party.sentinel for party in running])
            running = [party for party in running if party.is_alive()]
            failed = [party.exitcode for party, _ in parties if party.exitcode]
            if failed:  # the other would wait for it
                for party in running:
                    party.terminate()
                raise RuntimeError(f"a party of the private set intersection ended with {failed[0]}")
        told = [receiving.recv() for _, receiving in parties]
    return told[0][0], max(nanoseconds for _, nanoseconds in told)


def _free_hosts(number: int) -> list[str]:
    """Addresses nobody listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    hosts = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return hosts


def _party(
    rank: int, hosts: list[str], path: Path, output: Path, answer: Connection, protocol: str, cores: bool
) -> None:
    if cores:  # before its libraries count them
        own = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {own[rank % len(own)]})
    os.dup2(2, 1)  # its log is not our answer
    os.environ["TMPDIR"] = str(output.parent)
    from spu import libspu, psi

    description = libspu.link.Desc()
    description.recv_timeout_ms = 3_600_000
    for party, host in enumerate(hosts):
        description.add_party(f"party{party}", host)
    link = libspu.link.create_brpc(description, rank)
    config = psi.PsiExecuteConfig(
        protocol_conf=psi.PsiProtocolConfig(
            protocol=getattr(psi.PsiProtocol, f"PROTOCOL_{protocol}"), receiver_rank=0, broadcast_result=False,
            ecdh_params=psi.EcdhParams(curve=psi.EllipticCurveType.CURVE_25519),  # heeded by ECDH alone
        ),
        input_params=psi.InputParams(path=str(path), selected_keys=["id"], keys_unique=True),
        output_params=psi.OutputParams(path=str(output), disable_alignment=True),
    )
    link.barrier()
    start = time.perf_counter_ns()
    report = psi.psi_execute(config, link)
    nanoseconds = time.perf_counter_ns() - start
    answer.send((report.intersection_count, nanoseconds))
    link.stop_link()
