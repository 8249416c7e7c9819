"""Times `npyrec stats` and `npyrec convert` to CSV beside pandas, Polars, and `xsv` or `qsv` where they are installed.

    python3 cli/benches/peers.py NPYREC [ROWS]

Needs numpy, pandas and polars. Each program runs on the same records of 32 bytes. All run in turn, three times; the
median counts.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NPYREC = os.path.abspath(sys.argv[1])
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000

# In a program of its own, as the memory of this one counts for those that it starts.
WRITE = """
import numpy as np
random, rows = np.random.default_rng(1), %d
fields = "time <i8, price <f8, size <i4, depth <f4, venue <u2, lots <u2, id <u4"
array = np.zeros(rows, [tuple(field.split()) for field in fields.split(", ")])
array["time"] = 1_767_225_600_000_000_000 + np.arange(rows) * 1_000_003
array["price"] = np.round(100 + np.cumsum(random.normal(0, 0.01, rows)), 4)
array["size"] = random.integers(1, 1000, rows)
array["depth"] = random.random(rows)
array["venue"] = random.integers(0, 12, rows)
array["lots"] = random.integers(0, 60_000, rows)
array["id"] = np.arange(rows)
np.save("a.npy", array)
""" % ROWS
FRAME = "import numpy as np; a = np.load('a.npy'); columns = {name: a[name] for name in a.dtype.names}; "
PANDAS = FRAME + "import pandas as pd; frame = pd.DataFrame(columns); "
POLARS = FRAME + "import polars as pl; frame = pl.DataFrame(columns); "
PROGRAMS = {
    "statistics": {
        "npyrec": [NPYREC, "stats", "a.npy"],
        "pandas": [sys.executable, "-c", PANDAS + "print(frame.describe())"],
        "Polars": [sys.executable, "-c", POLARS + "print(frame.describe())"],
    },
    "CSV": {
        "npyrec": [NPYREC, "convert", "a.npy", "npyrec.csv", "--force"],
        "pandas": [sys.executable, "-c", PANDAS + "frame.to_csv('pandas.csv', index=False)"],
        "Polars": [sys.executable, "-c", POLARS + "frame.write_csv('polars.csv')"],
    },
}
for peer in ("xsv", "qsv"):
    if shutil.which(peer):
        # Without quantiles and distinct values, for which all values are kept in memory.
        PROGRAMS["statistics"][peer] = [peer, "stats", "npyrec.csv"]


def timed(command, folder):
    """The seconds and the megabytes of a run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - start, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-c", WRITE], cwd=folder, check=True)
    subprocess.run([NPYREC, "convert", "a.npy", "npyrec.csv"], cwd=folder, check=True)
    for task, programs in PROGRAMS.items():
        runs = {name: [] for name in programs}
        for _ in range(3):
            for name, command in programs.items():
                runs[name].append(timed(command, folder))
        medians = {name: [statistics.median(column) for column in zip(*found)] for name, found in runs.items()}
        own = medians["npyrec"][0]
        for name, (seconds, megabytes, processor) in medians.items():
            print(f"{task:10} {name:7} {seconds:6.2f} s  {seconds / own:5.2f} x  {processor:6.2f} s of processors  {megabytes:6.0f} MB")
