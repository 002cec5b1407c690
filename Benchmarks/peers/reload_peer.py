"""Saves a module, loads it again with importlib and calls it: the floor of reloading."""

import importlib
import os
import sys
import tempfile

from timing import measure

runs = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    path = os.path.join(folder, "edited.py")
    number = 0

    def save():
        global number
        number += 1
        with open(path + ".tmp", "w") as file:
            file.write(f"X = {number}\ndef f(): return X\n")
        os.rename(path + ".tmp", path)

    save()
    import edited

    def call():
        save()
        importlib.invalidate_caches()
        importlib.reload(edited)
        assert edited.f() == number

    measure(call, runs)
