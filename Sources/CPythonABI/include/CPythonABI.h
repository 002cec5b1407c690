// The stable-ABI functions and objects that the server uses, as a table that is filled at run time.
//
// Why C: the table's member types are taken from the declarations in the Python headers with
// __typeof__, so a wrong signature cannot be written down; Swift has no such operator.
// Why a table: the server links no libpython. Which one is loaded (or that the process already is an
// interpreter) is known only at run time.
#pragma once

#include "../../CPython/shim.h"
#include <stdbool.h>

// Functions of the limited API 3.11 (https://docs.python.org/3/c-api/stable.html).
#define CPYTHON_ABI_FUNCTIONS(X) \
    X(Py_BytesMain) X(Py_IncRef) X(Py_DecRef) X(Py_CompileString) X(PyEval_EvalCode) \
    X(PyErr_Occurred) X(PyErr_Clear) X(PyErr_SetString) \
    X(PyErr_Fetch) X(PyErr_Restore) X(PyErr_NormalizeException) X(PyErr_ExceptionMatches) \
    X(PyErr_WriteUnraisable) X(PyException_SetTraceback) \
    X(PyEval_SaveThread) X(PyEval_RestoreThread) X(PyThreadState_New) \
    X(PyThreadState_Get) X(PyInterpreterState_Get) \
    X(PyThread_get_thread_ident) X(PyThreadState_SetAsyncExc) \
    X(PyGC_Disable) X(PyGC_Enable) X(PyImport_AppendInittab) X(PyImport_ImportModule) X(PyImport_GetModuleDict) \
    X(PyModule_Create2) \
    X(PyObject_GetAttr) X(PyObject_GetAttrString) X(PyObject_SetAttr) \
    X(PyObject_IsInstance) X(PyObject_IsTrue) X(PyObject_Str) X(PyObject_Repr) \
    X(PyObject_SetItem) X(PyObject_DelItem) X(PyObject_RichCompare) \
    X(PyNumber_Add) X(PyNumber_Subtract) X(PyNumber_Multiply) X(PyNumber_TrueDivide) \
    X(PyNumber_Remainder) X(PyNumber_Power) X(PyNumber_And) X(PyNumber_Or) X(PyNumber_Xor) \
    X(PyNumber_Lshift) X(PyNumber_Rshift) X(PyNumber_Negative) \
    X(PyNumber_InPlaceAdd) X(PyNumber_InPlaceSubtract) X(PyNumber_InPlaceMultiply) \
    X(PyNumber_InPlaceTrueDivide) X(PyNumber_InPlaceRemainder) X(PyNumber_InPlacePower) \
    X(PyNumber_InPlaceAnd) X(PyNumber_InPlaceOr) X(PyNumber_InPlaceXor) \
    X(PyNumber_InPlaceLshift) X(PyNumber_InPlaceRshift) X(PySequence_Contains) \
    X(PyObject_GetItem) X(PyNumber_Invert) X(PyIter_Send) \
    X(PyObject_GetBuffer) X(PyBuffer_Release) X(PyBuffer_ToContiguous) \
    X(PyType_GetFlags) X(PyType_FromSpec) X(PyType_GenericAlloc) X(PyObject_Free) \
    X(PyBuffer_FillInfo) \
    X(PyLong_FromLongLong) X(PyLong_FromUnsignedLongLong) X(PyLong_AsLongLongAndOverflow) \
    X(PyFloat_FromDouble) X(PyFloat_AsDouble) \
    X(PyComplex_FromDoubles) X(PyComplex_RealAsDouble) X(PyComplex_ImagAsDouble) \
    X(PyUnicode_FromStringAndSize) X(PyUnicode_AsUTF8AndSize) X(PyUnicode_InternInPlace) \
    X(PyBytes_FromStringAndSize) X(PyBytes_AsStringAndSize) \
    X(PyList_New) X(PyList_Size) X(PyList_GetItem) X(PyList_SetItem) X(PyList_Append) \
    X(PyTuple_New) X(PyTuple_Size) X(PyTuple_GetItem) X(PyTuple_SetItem) \
    X(PyDict_New) X(PyDict_Size) X(PyDict_Next) X(PyDict_SetItem) X(PyDict_GetItemWithError) X(PyDict_DelItem)

// Part of the limited API only since 3.12, and so not declared by these headers, but exported with this
// signature since 3.9 (PEP 590).
#define CPYTHON_ABI_UNDECLARED_FUNCTIONS(X) \
    X(PyObject_Vectorcall, PyObject *_Nullable (*)( \
        PyObject *, PyObject *_Nonnull const *_Nullable, size_t, PyObject *_Nullable))

// Objects: the singletons, types and exceptions; each member holds the object's address.
#define CPYTHON_ABI_OBJECTS(X) \
    X(_Py_NoneStruct) X(_Py_TrueStruct) X(_Py_FalseStruct) \
    X(PyLong_Type) X(PyFloat_Type) X(PyComplex_Type) X(PyUnicode_Type) X(PyBytes_Type) \
    X(PyList_Type) X(PyTuple_Type) X(PyDict_Type)

// Exceptions are exported as pointers to objects; the member holds the object itself once the
// interpreter has been initialised.
#define CPYTHON_ABI_EXCEPTIONS(X) \
    X(PyExc_RuntimeError) X(PyExc_TypeError) \
    X(PyExc_ModuleNotFoundError) X(PyExc_KeyboardInterrupt)

#pragma clang assume_nonnull begin

struct CPythonABI {
#define X(name) __typeof__(name) *name;
    CPYTHON_ABI_FUNCTIONS(X)
#undef X
#define X(name, type) __typeof__(type) name;
    CPYTHON_ABI_UNDECLARED_FUNCTIONS(X)
#undef X
#define X(name) PyObject *name;
    CPYTHON_ABI_OBJECTS(X)
#undef X
#define X(name) PyObject *_Nonnull *_Nonnull name;
    CPYTHON_ABI_EXCEPTIONS(X)
#undef X
};

#ifndef CPYTHON_ABI_DEFINITION
// Constant for everyone but cpython_abi_bind, which runs once, before any other use.
extern const struct CPythonABI py;
#endif

/// Fills the table from the libpython at `path`, or from the running process if `path` is NULL.
/// Returns NULL, or what is wrong: the text is valid until the next call.
const char *_Nullable cpython_abi_bind(const char *_Nullable path);

#pragma clang assume_nonnull end
