"""Runs the benchmarks and prints them as a table and, if asked to, as JSON.

Each row is a program that prints one duration in nanoseconds a line. All rows of a group run one after
the other in the same run, so that their ratios mean something on a machine whose speed changes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE / "peers"


def rows(options: argparse.Namespace) -> list[tuple[str, str, list[str], int]]:
    """Group, name, command, runs."""
    binaries = options.binaries
    ours = [f"{binaries}/ProxyBenchmark", "--path", str(PEERS)]
    bench = f"{options.environments}/bench"
    peers = f"{bench}/bin/python"
    compas1 = f"{options.environments}/compas"
    compas2 = f"{options.environments}/compas2/bin/python"

    def numbers(count: int) -> list[tuple[str, str, list[str], int]]:
        """An array and a list of doubles: sent, doubled by numpy, returned."""
        runs = {100: 2000, 10_000: 1000, 1_000_000: 200}.get(count, 30)
        few = {100: 200, 10_000: 20, 1_000_000: 3}.get(count, 0)
        found = []
        for kind, fewer in (("array", 1), ("list", 1 if count < 10_000 else 10)):
            row, times = f"{kind}:{count}", max(runs // fewer, 5)
            command = [*ours, kind, "--count", str(count), "--python", bench]
            found.append((row, "floor", peer(peers, "direct", row, times), times))
            found.append((row, "pythonproxy", [*command, "--runs", str(times)], times))
            if kind == "array":
                found.append(
                    (row, "handmade", peer(peers, "shared_memory", row, times), times)
                )
            for name, slower in (("multiprocessing", 1), ("rpyc", 20), ("Pyro5", 5)):
                less = max(times // slower, 3) if count >= 1_000_000 else times
                if name == "rpyc" and count > 1_000_000:
                    # 40 seconds a call.
                    less = 1
                found.append((row, name, peer(peers, name.lower(), row, less), less))
            if few:
                found.append(
                    (row, "compas", peer(compas2, "compas_rpc", row, few), few)
                )
        return found

    def peer(python: str, name: str, row: str, runs: int) -> list[str]:
        return [python, str(PEERS / f"{name}_peer.py"), row, str(runs)]

    def starts() -> list[tuple[str, str, list[str], int]]:
        """From nothing, or from a running server, to the first answer; each in a new process."""
        python = f"{options.environments}/bare/bin/python"
        repeat = [peers, str(PEERS / "repeat_peer.py")]
        environment = f"{options.environments}/bare"
        return [
            ("cold", "floor", [*repeat, "--time", "30", python, "-c", "pass"], 30),
            (
                "cold",
                "pythonproxy",
                [*repeat, "30", *ours, "cold", "--python", environment],
                30,
            ),
            (
                "warm",
                "floor",
                [f"{binaries}/FloorBenchmark", "2000"],
                2000,
            ),
            (
                "warm",
                "pythonproxy",
                [*ours, "warm", "--python", environment, "--runs", "300"],
                300,
            ),
        ]

    def reloads() -> list[tuple[str, str, list[str], int]]:
        """What watching files costs a call, and how long a save takes to be in effect."""
        found = []
        command = [
            *ours,
            "autoreload",
            "--python",
            compas1,
            "--runs",
            str(5 * options.runs),
        ]
        for name in ("floor", "pythonproxy"):
            found.append(("autoreload", name, command, 5 * options.runs // 1000))
        for row in ("patched", "reloaded"):
            found.append(
                (row, "floor", [peers, str(PEERS / "reload_peer.py"), "300"], 300)
            )
            command = [*ours, row, "--python", compas1, "--runs", "300"]
            found.append((row, "pythonproxy", command, 300))
        return found

    def loads() -> list[tuple[str, str, list[str], int]]:
        """Many calls at a time. Rows of `concurrent` have the time per call of every thousand calls."""
        found = []
        for tasks in (1, 2, 4, 64):
            row, batches = f"concurrent:{tasks}", options.runs // 1000
            command = [*ours, "concurrent", "--tasks", str(tasks), "--python", compas1]
            command += ["--runs", str(options.runs)]
            found.append(
                (
                    row,
                    "floor",
                    peer(peers, "multiprocessing", row, options.runs),
                    batches,
                )
            )
            found.append((row, "pythonproxy", command, batches))
        command = [*ours, "clients", "--python", compas1, "--runs", str(options.runs)]
        found.append(
            ("clients", "floor", [f"{binaries}/FloorBenchmark", str(echo)], echo)
        )
        found.append(("clients", "pythonproxy", command, options.runs))
        command = [*ours, "burst", "--python", compas1, "--runs", "300"]
        found.append(("burst", "pythonproxy/ping", command, 300))
        found.append(("burst", "pythonproxy/echo", command, 300))
        command = [
            *ours,
            "main-actor",
            "--python",
            compas1,
            "--runs",
            str(options.runs),
        ]
        found.append(("main-actor", "floor", command, options.runs))
        found.append(("main-actor", "pythonproxy/main-actor", command, options.runs))
        return found

    def printing() -> list[tuple[str, str, list[str], int]]:
        """Calls that print half a million lines: somebody reads them, or they are shown."""
        row, lines, runs = "output:500000", "500000", 5
        found = [(row, "floor", peer(peers, "output", row, runs), runs)]
        for name in ("heard", "shown"):
            command = [*ours, name, "--count", lines, "--python", bench]
            command += ["--runs", str(runs)]
            found.append((row, f"pythonproxy/{name}", command, runs))
        return found

    def frames() -> list[tuple[str, str, list[str], int]]:
        """What the frame and the context of a thousand calls cost."""
        row, runs = "frame:1000", 200
        return [
            (row, "floor", peer(peers, "frame", f"{row}:plain", runs), runs),
            (row, "pythonproxy", peer(peers, "frame", f"{row}:framed", runs), runs),
        ]

    def tables() -> list[tuple[str, str, list[str], int]]:
        """A DataFrame of 100,000 rows as structs; the floor is to_json and JSONDecoder."""
        row, runs = "rows:100000", 10
        command = [*ours, "rows", "--count", "100000", "--python", bench]
        command += ["--runs", str(runs)]
        return [(row, name, command, runs) for name in ("floor", "pythonproxy")]

    def objects() -> list[tuple[str, str, list[str], int]]:
        """Methods of objects that stay, against an echo call; ten operators in an argument, against none; echo
        calls while another client releases 100,000 objects, against before; twenty steps in one script, as
        a script that is kept, as a call each, in one process, and with RPyC."""
        found = []
        for row, names in (
            ("objects", ("floor", "pythonproxy/1", "pythonproxy/100000")),
            ("operators", ("floor", "pythonproxy")),
            ("releases", ("floor", "pythonproxy")),
            ("script", ("floor", "pythonproxy", "pythonproxy/kept", "pythonproxy/calls")),
        ):
            command = [*ours, row, "--python", compas1, "--runs", str(options.runs)]
            found += [(row, name, command, options.runs) for name in names]
        # RPyC takes 10 ms.
        for name, file, runs in (("python", "direct", 2000), ("rpyc", "rpyc", 200)):
            found.append(("script", name, peer(peers, file, "script", runs), runs))
        return found

    echo, heavy = options.runs, 200
    return [
        *starts(),
        *reloads(),
        *loads(),
        *printing(),
        *frames(),
        *tables(),
        *objects(),
        ("echo", "floor", [f"{binaries}/FloorBenchmark", str(echo)], echo),
        (
            "echo",
            "pythonproxy",
            [*ours, "echo", "--python", compas1, "--runs", str(echo)],
            echo,
        ),
        ("echo", "multiprocessing", peer(peers, "multiprocessing", "echo", echo), echo),
        ("echo", "rpyc", peer(peers, "rpyc", "echo", echo), echo),
        ("echo", "Pyro5", peer(peers, "pyro5", "echo", echo), echo),
        ("echo", "compas", peer(compas2, "compas_rpc", "echo", 1000), 1000),
        (
            "fd_numpy",
            "floor",
            peer(f"{compas1}/bin/python", "direct", "fd_numpy", heavy),
            heavy,
        ),
        (
            "fd_numpy",
            "pythonproxy",
            [*ours, "fd-numpy", "--python", compas1, "--runs", str(heavy)],
            heavy,
        ),
        (
            "fd_numpy",
            "compas",
            peer(f"{compas1}/bin/python", "compas_rpc", "fd_numpy", 50),
            50,
        ),
        *(
            row
            for count in (100, 10_000, 1_000_000, 10_000_000)
            for row in numbers(count)
        ),
    ]


outputs: dict[tuple[str, ...], str] = {}


def run(command: list[str], name: str) -> list[int]:
    """The durations of a command, or of one of its series: it runs once for all of them."""
    output = outputs.get(tuple(command)) or execute(command)
    if f"{name} " in output:
        outputs[tuple(command)] = output
        output = "\n".join(
            line.removeprefix(f"{name} ")
            for line in output.split("\n")
            if line.startswith(f"{name} ")
        )
    # Several processes print into one list. compas.rpc prints messages of its own to standard output.
    return sorted(int(line) for line in output.split("\n") if line.isdigit())


def execute(command: list[str]) -> str:
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(PEERS),
    }
    environment["PYPROXY_RUNTIME_DIR"] = os.environ.get("PYPROXY_RUNTIME_DIR", "")
    if not environment["PYPROXY_RUNTIME_DIR"]:
        del environment["PYPROXY_RUNTIME_DIR"]
    result = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    if result.returncode:
        raise SystemExit(f"{' '.join(command)}\nfailed:\n{result.stderr[-2000:]}")
    return result.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="names of rows or groups, separated by commas")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--environments", required=True)
    options = parser.parse_args()
    only = set(options.only.split(",")) if options.only else None

    results: list[dict[str, object]] = []
    floors: dict[str, float] = {}
    print(
        f"{'group':<16}{'name':<18}{'median':>12}{'p99':>12}{'runs':>8}{'ratio to floor':>16}"
    )
    for group, name, command, runs in rows(options):
        if only and name != "floor" and not only & {group, name}:
            continue
        if (
            only
            and name == "floor"
            and not only & {group, "floor"}
            and not any(g == group and n in only for g, n, _, _ in rows(options))
        ):
            continue
        durations = run(command, name)
        median = durations[len(durations) // 2] / 1000
        p99 = durations[int(len(durations) * 0.99)] / 1000
        floors.setdefault(group, median)
        ratio = median / floors[group]
        results.append(
            {
                "group": group,
                "name": name,
                "median_us": median,
                "p99_us": p99,
                "runs": runs,
                "ratio_to_floor": ratio,
            }
        )
        print(
            f"{group:<16}{name:<18}{median:>9.1f} µs{p99:>9.1f} µs{runs:>8}{ratio:>16.2f}",
            flush=True,
        )
    environment = {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "python": sys.version.split()[0],
    }
    if options.json:
        Path(options.json).write_text(
            json.dumps({"environment": environment, "rows": results}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
