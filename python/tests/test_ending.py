"""What happens when the server ends, in a process of its own."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

RUNTIME = Path(__file__).parents[1]

# Each leaves something behind that an ordinary Python program would still do.
LEFT = {
    "a queued job": """
        from concurrent.futures import ThreadPoolExecutor
        executor = ThreadPoolExecutor(1)
        executor.submit(time.sleep, 0.1)
        executor.submit(done)
        """,
    "a thread that writes": """
        import threading
        threading.Thread(target=lambda: (time.sleep(0.1), done())).start()
        """,
    "a function of atexit": "import atexit; atexit.register(done)",
    "a function after one that raises": """
        import atexit
        atexit.register(done)
        atexit.register(lambda: 1 / 0)
        """,
    "a function after one that exits": """
        import atexit
        atexit.register(done)
        atexit.register(sys.exit)
        """,
    "a file that was not closed": "file = open(path, 'w'); file.write('done')",
    "a file of bytes": "file = open(path, 'wb'); file.write(b'done')",
    "streams that are gone": "sys.stdout = sys.stderr = None; done()",
    "a stream that is closed": "done(); sys.stdout.close()",
    "a pool of processes": """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))
        assert list(pool.map(abs, range(3))) == [0, 1, 2]
        done()
        """,
    "threading that was imported elsewhere": """
        import _thread
        lock = _thread.allocate_lock()
        lock.acquire()
        def other():
            import threading
            writes = lambda: (time.sleep(0.1), done())
            threading.Thread(target=writes, daemon=False).start()
            lock.release()
        _thread.start_new_thread(other, ())
        lock.acquire()
        """,
}

PROGRAM = """
import sys, time
sys.path.insert(0, {runtime!r})
path = {path!r}
def done():
    with open(path, "w") as file:
        file.write("done")
class Native:
    def finished(self):
        with open(path + ".finished", "w"):
            pass
{left}
from pyproxy_runtime.ending import finish
finish(Native(), 7)
"""


@pytest.mark.parametrize("name", LEFT)
def test_what_was_begun_is_done_before_the_end(tmp_path, name):
    path = tmp_path / "file"
    program = PROGRAM.format(runtime=str(RUNTIME), path=str(path), left=textwrap.dedent(LEFT[name]))
    completed = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)
    assert completed.returncode == 7
    assert path.read_text() == "done"
    assert Path(f"{path}.finished").exists()
