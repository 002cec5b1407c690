// The Python headers, restricted to the limited API of CPython 3.11 (PEP 384): whatever is used
// through this module exists, with the same layout, in every later CPython 3.
// 3.11 is the oldest supported Python and the first whose limited API has the buffer protocol.
#pragma once

// pyport.h includes <sys/select.h> inside an extern "C" block of its own; seeing these first keeps
// Swift's importer from building two conflicting definitions of fd_set next to Dispatch.
#include <sys/types.h>
#include <sys/select.h>

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
