"""Dtypes as the files spell them."""

import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def dtype_of(descr):
    """The dtype of a descr, with `<V2` as the bfloat16 that it was saved from."""
    if isinstance(descr, str):
        return BFLOAT16 if descr == "<V2" else np.dtype(descr)
    names, titles, formats, offsets, end = [], [], [], [], 0
    for name, base, *shape in descr:
        dtype = np.dtype((dtype_of(base), *shape)) if shape else dtype_of(base)
        if name != "" or dtype.type is not np.void:
            title, name = name if isinstance(name, tuple) else (None, name)
            names.append(name)
            titles.append(title)
            formats.append(dtype)
            offsets.append(end)
        end += dtype.itemsize
    return np.dtype(
        {"names": names, "titles": titles, "formats": formats, "offsets": offsets, "itemsize": end}
    )
