"""Reads what several hosts logged, on a cluster: a mean by field, a rolling window, and Parquet.

    python cluster.py ticks ticks.parquet [address of a scheduler]

Each host logs to a directory of shards of its own, such as ticks/host=a/date=2026-11-25/. Without an address,
two processes of this machine are the cluster.
"""

import pickle
import sys
from pathlib import Path

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.distributed import Client, LocalCluster

WINDOW = 5


def is_listed(info):
    """Whether a directory has a sealed shard."""
    with open(info, "rb") as file:
        return len(pickle.load(file)["chunks"][0]) > 0


def read(root):
    """All sealed shards of all hosts and days as one array. Nothing is read before it is computed."""
    lists = sorted(Path(root).glob("host=*/date=*/info"))
    return da.concatenate([da.from_npy_stack(str(info.parent)) for info in lists if is_listed(info)])


def frame_of(rows):
    """The fields of rows that are not arrays, as columns."""
    names = [name for name in rows.dtype.names if rows.dtype[name].subdtype is None]
    texts = {name for name in names if rows.dtype[name].kind == "S"}
    return pd.DataFrame({n: np.char.decode(rows[n], "utf8") if n in texts else rows[n] for n in names})


def main(root, parquet, client):
    ticks = read(root)
    print(f"{len(ticks)} rows in {ticks.numblocks[0]} shards on {len(client.scheduler_info()['workers'])} workers")

    means = dask.compute({name: ticks[name].mean(axis=0) for name in ["price", "depth"]})[0]
    for name, mean in means.items():
        print(f"mean of {name}: {mean}")

    # Blocks of one size, and as long as a window at least, overlap by a window.
    price = ticks["price"].rechunk(max(WINDOW, ticks.chunksize[0]))
    rolling = da.lib.stride_tricks.sliding_window_view(price, WINDOW).mean(axis=-1)
    print(f"largest mean of {WINDOW} prices: {rolling.max().compute()}")

    meta = frame_of(np.empty(0, ticks.dtype))
    blocks = [dask.delayed(frame_of)(block) for block in ticks.to_delayed().ravel()]
    dd.from_delayed(blocks, meta=meta).to_parquet(parquet)
    print(f"{len(dd.read_parquet(parquet))} rows in {parquet}")


if __name__ == "__main__":
    root, parquet, *address = sys.argv[1:]
    if address:
        with Client(address[0]) as client:
            main(root, parquet, client)
    else:
        with LocalCluster(n_workers=2, processes=True, dashboard_address=None) as cluster, Client(cluster) as client:
            client.wait_for_workers(2)
            main(root, parquet, client)
