"""Arrays beyond numbers in memory order: other dtypes, masked arrays, sparse ones.

The elements travel as an array of bytes (uint8), which the native code moves as they are.
"""

from __future__ import annotations

import importlib
import sys

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

Reduced = tuple[int, object]


def reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    numpy: Any = sys.modules.get("numpy")
    if hasattr(numpy, "ndarray") and hasattr(numpy, "generic"):
        if "ma" in vars(numpy):
            if kind is numpy.ma.MaskedArray:
                return _masked
            if kind is type(numpy.ma.masked):
                # What stands for a missing element: any number would be an invention.
                return lambda _: (tags.NONE, None)
        if kind in (numpy.ndarray, numpy.memmap):
            return _array
        # These differ from plain arrays only in how they are used.
        if kind in (numpy.matrix, numpy.recarray):
            return lambda value: (tags.NONE, numpy.asarray(value))
        if issubclass(kind, numpy.ndarray):
            return _refuse_subclass
        if issubclass(kind, numpy.dtype):
            return lambda value: (tags.DTYPE, "|O" if value.kind == "O" else describe(value))
        if issubclass(kind, numpy.generic) and not issubclass(kind, (str, bytes)):
            return _scalar
    sparse: Any = sys.modules.get("scipy.sparse")
    if hasattr(sparse, "issparse") and issubclass(
        kind, (sparse.spmatrix, getattr(sparse, "sparray", sparse.spmatrix))
    ):
        return _sparse
    return None


# dtypes


def describe(dtype: Any) -> object:
    """A dtype as text, as [item size, fields] or, inside a field, as [dtype, shape]."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return [describe(base), list(shape)]
    if dtype.names is None:
        # Of floats the client has up to 64 bits. Types that libraries add, such as bfloat16, are
        # "V", too.
        is_known = dtype.kind in "biuMmSUV" or (dtype.kind in "fc" and dtype.alignment <= 8)
        if not is_known or dtype.isbuiltin == 2:
            raise _unsupported(dtype)
        return dtype.newbyteorder("<").str
    fields = []
    for name in dtype.names:
        field, offset = dtype.fields[name][:2]
        fields.append([name, offset, describe(field)])
    return [dtype.itemsize, fields]


def _unsupported(dtype: Any) -> NotConvertible:
    if dtype.kind in "fc":
        remedy = f"astype('{'float64' if dtype.kind == 'f' else 'complex128'}')"
    elif dtype.isbuiltin == 2:
        remedy = "astype('float32'), or another dtype of numpy's own"
    elif dtype.kind == "T":
        remedy = "astype(str), or ask for an array of texts"
    else:
        remedy = "another dtype, or to a list with tolist()"
    return NotConvertible(f"an array of dtype {dtype} cannot cross; convert it to {remedy}")


def _dtype(content: Any) -> Any:
    numpy = imported_numpy()
    if isinstance(content, str):
        found = numpy.dtype(content)
    elif isinstance(content[0], int):
        size, fields = content
        found = numpy.dtype(
            {
                "names": [name for name, _, _ in fields],
                "formats": [_dtype(form) for _, _, form in fields],
                "offsets": [offset for _, offset, _ in fields],
                "itemsize": size,
            }
        )
    else:
        base, shape = content
        found = numpy.dtype((_dtype(base), tuple(shape)))
    # Never: the bytes of such an array are addresses.
    if found.hasobject:
        raise NotConvertible("arrays of objects cannot cross")
    return found


# Arrays


def _array(value: Any) -> Reduced:
    numpy = sys.modules["numpy"]
    dtype = value.dtype
    if dtype.hasobject:
        raise _unsupported(dtype)
    described = describe(dtype)
    ordered = numpy.ascontiguousarray(value, dtype.newbyteorder("<"))
    if not ordered.nbytes:
        return tags.ARRAY, [described, list(value.shape), numpy.empty(0, "u1")]
    return tags.ARRAY, [described, list(value.shape), ordered.reshape(-1).view("u1")]


def _restore_array(content: Any) -> object:
    described, shape, data = content
    numpy = imported_numpy()
    dtype = _dtype(described)
    if not isinstance(data, numpy.ndarray) or data.dtype != numpy.uint8:
        raise NotConvertible("the elements of an array must be bytes")
    if not data.nbytes:
        return numpy.empty(shape, dtype)
    return data.view(dtype).reshape(shape)


def _scalar(value: Any) -> Reduced:
    tag_and_content = _array(sys.modules["numpy"].asarray(value))
    return tags.SCALAR, tag_and_content[1]


def _restore_scalar(content: Any) -> object:
    array: Any = _restore_array(content)
    if array.shape:
        raise NotConvertible("a numpy scalar has no dimensions")
    return array[()]


def _refuse_subclass(value: Any) -> NoReturn:
    kind = type(value)
    raise NotConvertible(
        f"a {kind.__module__}.{kind.__qualname__}, which is an array with a meaning of its own, "
        "cannot cross; convert it with numpy.asarray()"
    )


def _masked(value: Any) -> Reduced:
    numpy = sys.modules["numpy"]
    mask = None if value.mask is numpy.ma.nomask else value.mask
    # Unset, it is what numpy chooses for the dtype; asking for it would set it.
    fill = getattr(value, "_fill_value", None)
    fill = None if fill is None else numpy.asarray(fill)
    return tags.MASKED_ARRAY, [value.data, mask, fill, value.hardmask]


def _restore_masked(content: Any) -> object:
    data, mask, fill, hard = content
    masked = imported_numpy().ma
    return masked.MaskedArray(
        data,
        mask=masked.nomask if mask is None else mask,
        fill_value=None if fill is None else fill[()],
        hard_mask=hard,
    )


# scipy.sparse


def _sparse(value: Any) -> Reduced:
    kind = type(value)
    form = value.format
    if form in ("csr", "csc"):
        parts = [value.data, value.indices, value.indptr]
    elif form == "coo":
        coordinates = getattr(value, "coords", None) or (value.row, value.col)
        parts = [value.data, *coordinates]
    else:
        raise NotConvertible(
            f"a {kind.__name__} cannot cross; convert it with tocsr(), tocsc() or tocoo()"
        )
    return tags.SPARSE_ARRAY, [kind.__name__, list(value.shape), parts]


def _restore_sparse(content: Any) -> object:
    name, shape, parts = content
    if name not in {
        f"{form}_{kind}" for form in ("csr", "csc", "coo") for kind in ("array", "matrix")
    }:
        raise NotConvertible(f"{name} is no sparse array that can cross")
    sparse = _imported("scipy.sparse", "a sparse array")
    data, *rest = parts
    inner = (data, tuple(rest)) if name.startswith("coo") else (data, *rest)
    return getattr(sparse, name)(inner, shape=tuple(shape))


def imported_numpy() -> Any:
    return _imported("numpy", "an array")


def _imported(module: str, what: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        raise NotConvertible(
            f"{what} needs {module.partition('.')[0]}, which is not installed in the server's "
            "environment; install it there, or pass lists"
        ) from None


RESTORERS: dict[int, Callable[[Any], object]] = {
    tags.DTYPE: lambda content: _dtype(content) if content != "|O" else imported_numpy().dtype("O"),
    tags.ARRAY: _restore_array,
    tags.SCALAR: _restore_scalar,
    tags.MASKED_ARRAY: _restore_masked,
    tags.SPARSE_ARRAY: _restore_sparse,
}
