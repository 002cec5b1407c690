#define CPYTHON_ABI_DEFINITION
#define _GNU_SOURCE
#include "CPythonABI.h"

#include <dlfcn.h>
#include <stdio.h>

struct CPythonABI py;

static char problem[1024];

static void *find(void *library, const char *name) {
    void *address = dlsym(library, name);
    if (!address && !problem[0]) {
        snprintf(problem, sizeof problem, "%s is missing", name);
    }
    return address;
}

const char *cpython_abi_bind(const char *path) {
    problem[0] = 0;
    void *library = RTLD_DEFAULT;
    if (path) {
        // Global, because extension modules resolve their Python symbols against the process.
        library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
        if (!library) {
            snprintf(problem, sizeof problem, "%s", dlerror());
            return problem;
        }
    }
#define X(name) py.name = (__typeof__(py.name))find(library, #name);
    CPYTHON_ABI_FUNCTIONS(X)
    CPYTHON_ABI_OBJECTS(X)
    CPYTHON_ABI_EXCEPTIONS(X)
#undef X
#define X(name, type) py.name = (__typeof__(py.name))find(library, #name);
    CPYTHON_ABI_UNDECLARED_FUNCTIONS(X)
#undef X
    return problem[0] ? problem : NULL;
}
