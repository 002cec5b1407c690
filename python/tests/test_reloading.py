"""Reloading inside one process; from file to answer it is tested through real servers."""

from __future__ import annotations

import importlib
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyproxy_runtime.calls.exceptions import describe
from pyproxy_runtime.reloading.project import Project
from pyproxy_runtime.reloading.reloader import Reloader


class Workspace:
    """A project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = Project([str(folder)], lambda _path: None)
        self.reloader = Reloader(self.project, describe)

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/").replace("INIT", "__init__") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def load(self, name: str) -> Any:
        return importlib.import_module(name)

    def reload(self, everything: bool = False) -> dict[str, str]:
        """What has become of which module."""
        self.last = self.reloader.reload([""], everything)
        return dict(self.last[1][1]) if self.last else {}

    @property
    def stale(self) -> list[str]:
        assert self.last is not None
        return list(self.last[1][2])


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    before, meta_path = set(sys.modules), list(sys.meta_path)
    workspace = Workspace(tmp_path)
    workspace.project.install()
    sys.path.insert(0, str(tmp_path))
    yield workspace
    sys.path.remove(str(tmp_path))
    sys.meta_path[:] = meta_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in repr(sys.modules[name].__spec__):
            del sys.modules[name]


def test_a_changed_body_is_patched_and_state_stays(workspace: Workspace) -> None:
    workspace.write(m="count = []\ndef f():\n    count.append(1)\n    return len(count)\n")
    m = workspace.load("m")
    f = m.f
    assert f() == 1
    workspace.write(m="count = []\ndef f():\n    count.append(1)\n    return -len(count)\n")
    assert workspace.reload() == {"m": "patched"}
    assert f() == -2
    assert m.f is f


def test_nothing_happens_when_the_contents_are_the_same(workspace: Workspace) -> None:
    workspace.write(m="x = 1\n")
    workspace.load("m")
    os.utime(workspace.folder / "m.py")
    assert workspace.reload() == {}


def test_a_constant_reaches_those_that_copied_it(workspace: Workspace) -> None:
    workspace.write(
        a="X = 1\n", b="from a import X as Y\nZ = Y * 10\n", c="import b\ndef f():\n  return b.Z\n"
    )
    c = workspace.load("c")
    assert c.f() == 10
    workspace.write(a="X = 2\n")
    assert workspace.reload() == {"a": "reloaded", "b": "reloaded", "c": "reloaded"}
    assert c.f() == 20


def test_what_was_computed_with_a_patched_function_is_computed_again(workspace: Workspace) -> None:
    workspace.write(
        a="def f():\n    return 1\n",
        b="import a\ndef g():\n    return a.f()\n",
        c="import b\nTABLE = [b.g()]\n",
        d="import a\ndef h():\n    return a.f()\n",
    )
    c, d = workspace.load("c"), workspace.load("d")
    workspace.write(a="def f():\n    return 2\n")
    assert workspace.reload() == {"a": "patched", "c": "reloaded"}
    assert c.TABLE == [2]
    assert d.h() == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class C:\n  def f(self): return 1\n", "class C:\n  def f(self): return 2\n"),
        ("class C:\n  def f(self): return 1\n", "class C:\n  y = 1\n  def f(self): return 2\n"),
        (
            "class B: pass\nclass C(B):\n  def f(self): return 1\n",
            "class B:\n  def g(self): return 2\nclass C(B):\n  def f(self): return super().g()\n",
        ),
        (
            "class C:\n  def f(self): return 1\n",
            "class C:\n  @property\n  def p(self): return 2\n  def f(self): return self.p\n",
        ),
        (
            "import abc\nclass C(abc.ABC):\n  def f(self): return 1\n",
            "import abc\nclass C(abc.ABC):\n  k = 2\n  def f(self): return self.k\n",
        ),
        (
            "import dataclasses\n@dataclasses.dataclass\nclass C:\n  x: int = 1\n"
            "  def f(self): return self.x\n",
            "import dataclasses\n@dataclasses.dataclass\nclass C:\n  x: int = 1\n  y: int = 1\n"
            "  def f(self): return self.x + self.y\n",
        ),
        (
            "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass C:\n  x: int = 1\n"
            "  def f(self): return self.x\n",
            "import dataclasses\nK = 2\n@dataclasses.dataclass(slots=True)\nclass C:\n"
            "  x: int = 1\n  def f(self): return K * self.x\n",
        ),
        (
            "from typing import NamedTuple\nclass C(NamedTuple):\n  x: int = 1\n"
            "  def f(self): return self.x\n",
            "from typing import NamedTuple\nK = 2\nclass C(NamedTuple):\n  x: int = 1\n"
            "  def f(self): return K * self.x\n",
        ),
        (
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n"
            "  def f(self): return 1\n",
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n"
            "  k: int = 2\n  def f(self): return self.k\n",
        ),
        (
            "class C:\n  __slots__ = ('x',)\n  def f(self): return 1\n",
            "k = 2\nclass C:\n  __slots__ = ('x',)\n  def f(self): return k\n",
        ),
    ],
)
def test_existing_instances_run_new_methods(workspace: Workspace, old: str, new: str) -> None:
    workspace.write(m=old)
    m = workspace.load("m")
    instance = m.C()
    assert instance.f() == 1
    workspace.write(m=new)
    workspace.reload()
    assert instance.f() == 2
    assert isinstance(instance, m.C)
    assert type(m.C()) is type(instance)
    assert m.C().f() == 2
    assert workspace.stale == []


def test_an_enumeration_keeps_its_members(workspace: Workspace) -> None:
    text = "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\n    def f(self):\n        "
    workspace.write(m=text + "return 1\n")
    m = workspace.load("m")
    a = m.E.A
    workspace.write(m="K = 2\n" + text + "return K\n    @property\n    def p(self): return 3\n")
    assert workspace.reload() == {"m": "reloaded"}
    assert a is m.E.A
    assert a == m.E(1)
    assert (a.f(), a.p) == (2, 3)
    assert workspace.stale == []


def test_old_instances_of_what_cannot_stay_are_reported(workspace: Workspace) -> None:
    workspace.write(m="import enum\nclass E(enum.Enum):\n    A = 1\nclass C:\n    pass\n")
    m = workspace.load("m")
    a, c = m.E.A, m.C()
    workspace.write(
        m="import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\nclass C:\n    __slots__ = ()\n"
    )
    workspace.reload()
    assert workspace.stale == ["m.C", "m.E"]
    assert a is not m.E.A
    assert not isinstance(c, m.C)
    del a, c
    workspace.write(m="class Other: pass\n")
    workspace.reload()
    assert workspace.stale == []


def test_a_registry_of_subclasses_has_no_twins(workspace: Workspace) -> None:
    workspace.write(
        m="""
        registry = {}
        class Base:
            def __init_subclass__(cls, **kw):
                registry[cls.__name__] = cls
        class A(Base):
            def f(self): return 1
        INSTANCE = A()
        """
    )
    m = workspace.load("m")
    a = m.A()
    text = (workspace.folder / "m.py").read_text()
    workspace.write(m=text.replace("return 1", "return K") + "\nK = 2\n")
    workspace.reload()
    assert m.registry == {"A": type(a)}
    assert type(m.INSTANCE) is type(a)
    assert a.f() == 2


def test_state_is_carried_by_the_hook(workspace: Workspace) -> None:
    workspace.write(m="K = 1\ncache = {}\n")
    m = workspace.load("m")
    m.cache["x"] = 1
    workspace.write(m="K = 2\ncache = {}\ndef __reload__(old):\n    cache.update(old['cache'])\n")
    workspace.reload()
    assert (m.K, m.cache) == (2, {"x": 1})


def test_names_that_are_gone_are_gone(workspace: Workspace) -> None:
    workspace.write(m="x = 1\ndef f(): pass\n")
    m = workspace.load("m")
    workspace.write(m="x = 1\n")
    workspace.reload()
    assert not hasattr(m, "f")


def test_a_module_that_does_not_compile_keeps_its_old_code_and_recovers(
    workspace: Workspace,
) -> None:
    workspace.write(a="def f():\n    return 1\n", b="import a\ndef g():\n    return a.f()\n")
    b = workspace.load("b")
    workspace.write(a="def f(:\n")
    assert workspace.reload() == {"a": "broken"}
    assert isinstance(workspace.project.broken["a"], SyntaxError)
    assert b.g() == 1
    assert workspace.reload() == {}
    workspace.write(a="def f():\n    return 3\n")
    assert workspace.reload()["a"] == "reloaded"
    assert workspace.project.broken == {}
    assert b.g() == 3


def test_what_a_failed_reload_did_is_undone(workspace: Workspace) -> None:
    workspace.write(
        a="class C:\n    def f(self): return 1\ndef g(): return 1\n", b="from a import C, g\n"
    )
    b = workspace.load("b")
    instance = b.C()
    workspace.write(a="class C:\n    k = 1\n    def f(self): return 2\ndef g(): return 2\n1 / 0\n")
    assert workspace.reload() == {"a": "broken"}
    assert (instance.f(), b.g()) == (1, 1)
    assert not hasattr(instance, "k")
    workspace.write(a="class C:\n    k = 1\n    def f(self): return 3\ndef g(): return 3\n")
    workspace.reload()
    assert (instance.f(), b.g(), b.g is workspace.load("a").g) == (3, 3, True)


def test_one_bad_module_does_not_hold_up_the_others(workspace: Workspace) -> None:
    workspace.write(a="X = 1\n", b="Y = 1\n", c="from a import X\nfrom b import Y\n")
    c = workspace.load("c")
    workspace.write(a="X = 2\n", b="raise ValueError('no')\n")
    assert workspace.reload() == {"a": "reloaded", "b": "broken", "c": "reloaded"}
    assert (c.X, c.Y) == (2, 1)


def test_a_dependent_that_fails_is_broken_until_it_loads(workspace: Workspace) -> None:
    workspace.write(a="def f(): pass\nX = 1\n", b="from a import f\n")
    workspace.load("b")
    workspace.write(a="X = 1\n")
    assert workspace.reload() == {"a": "reloaded", "b": "broken"}
    workspace.write(a="X = 1\ndef f(): return 5\n")
    assert workspace.reload() == {"a": "reloaded", "b": "reloaded"}
    assert workspace.load("b").f() == 5


def test_a_deleted_module_is_gone_and_may_return(workspace: Workspace) -> None:
    workspace.write(p__INIT="", p__m="X = 1\n")
    workspace.load("p.m")
    (workspace.folder / "p" / "m.py").unlink()
    assert workspace.reload() == {"p.m": "deleted"}
    assert not hasattr(sys.modules["p"], "m")
    with pytest.raises(ModuleNotFoundError):
        workspace.load("p.m")
    workspace.write(p__m="X = 2\n")
    importlib.invalidate_caches()
    assert workspace.load("p.m").X == 2
    assert workspace.project.deleted == {}


def test_modules_that_import_each_other_agree(workspace: Workspace) -> None:
    workspace.write(
        a="X = 1\nimport b\ndef f(): return X\ndef both(): return (X, b.Y, b.g())\n",
        b="import a\nY = a.X\ndef g(): return a.f()\n",
    )
    module = workspace.load("a")
    assert module.both() == (1, 1, 1)
    workspace.write(a="X = 2\nimport b\ndef f(): return X\ndef both(): return (X, b.Y, b.g())\n")
    assert workspace.reload() == {"a": "reloaded", "b": "reloaded"}
    assert module.both() == (2, 2, 2)


def test_a_module_becomes_a_package(workspace: Workspace) -> None:
    workspace.write(m="X = 1\n", n="import m\ndef f(): return m.X\n")
    n = workspace.load("n")
    (workspace.folder / "m.py").unlink()
    workspace.write(m__INIT="from m.inner import X\n", m__inner="X = 2\n")
    workspace.reload()
    assert n.f() == 2


def test_everything_is_loaded_again_on_request(workspace: Workspace) -> None:
    workspace.write(a="state = []\n", b="import a\n")
    b = workspace.load("b")
    b.a.state.append(1)
    assert workspace.reload(everything=True) == {"a": "reloaded", "b": "reloaded"}
    assert b.a.state == []


def test_installed_packages_are_not_the_projects(workspace: Workspace) -> None:
    workspace.write(m="import json, numbers\n")
    workspace.load("m")
    assert set(workspace.project.records) == {"m"}
    assert not workspace.project.includes("/usr/lib/python3/dist-packages/x.py")
    assert not workspace.project.includes(str(workspace.folder / ".venv/lib/site-packages/x.py"))
    assert not workspace.project.includes(os.__file__)


def test_code_of_an_earlier_save_in_the_same_second_is_not_taken(workspace: Workspace) -> None:
    workspace.write(m="X = 1\n")
    path = workspace.folder / "m.py"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    import py_compile

    py_compile.compile(str(path))
    cached = Path(importlib.util.cache_from_source(str(path)))
    os.utime(cached, (1_000_000_000, 1_000_000_000))
    path.write_text("X = 2\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert workspace.load("m").X == 2
