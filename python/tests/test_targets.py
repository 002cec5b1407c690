"""What the names in calls stand for."""

import math
import sys
from contextvars import ContextVar
from types import ModuleType

import pytest

from pyproxy_runtime.calls.contexts import Contexts
from pyproxy_runtime.calls.targets import Targets
from pyproxy_runtime.errors import PackageNotInstalled
from tests.steps import run

VARIABLE: ContextVar[int] = ContextVar("VARIABLE", default=0)


@pytest.fixture
def service(monkeypatch):
    module = ModuleType("tools")
    module.public = lambda: "service"
    module._private = lambda: None
    monkeypatch.setitem(sys.modules, "tools", module)
    return module


@pytest.fixture
def contexts():
    return Contexts(lambda *_: None)


@pytest.fixture
def targets(contexts):
    return Targets(contexts)


@pytest.fixture
def serving(targets, service):
    run(targets.import_service(service.__name__))
    return targets


@pytest.mark.parametrize(
    ("target", "parent", "name", "is_lasting"),
    [
        ("math:sqrt", math, "sqrt", True),
        (":math.sqrt", math, "sqrt", True),
        ("os:path.join", sys.modules["os.path"], "join", True),
        (":xml.sax.handler.ContentHandler", None, "ContentHandler", True),
        (":datetime.datetime.fromisoformat", None, "fromisoformat", False),
    ],
)
def test_a_target_is_found_in_its_parent(targets, target, parent, name, is_lasting):
    found, found_name, found_is_lasting = run(targets.resolve(target))
    assert parent is None or found is parent
    assert found_name == name
    assert found_is_lasting is is_lasting
    getattr(found, found_name)


def test_a_service_answers_to_bare_names(serving, service):
    assert run(serving.resolve(":public")) == (service, "public", True)


def test_the_package_has_precedence_over_the_service(serving, service):
    service.sqrt = None
    assert run(serving.resolve("math:sqrt"))[0] is math
    assert run(serving.resolve("math:public"))[0] is service


@pytest.mark.parametrize("name", ["_private", "missing"])
def test_other_bare_names_are_refused_with_the_remedy(serving, name):
    with pytest.raises(NameError, match="full dotted path"):
        run(serving.resolve(f":{name}"))


def test_all_decides_what_is_public(serving, service):
    service.__all__ = ["_private"]
    with pytest.raises(NameError):
        run(serving.resolve(":public"))


@pytest.mark.parametrize("target", [":", "math:", ":math.", "math:a."])
def test_an_empty_name_is_refused(targets, target):
    with pytest.raises(ValueError, match="names nothing"):
        run(targets.resolve(target))


def test_a_missing_package_is_told_from_a_missing_import_inside_it(targets, tmp_path, monkeypatch):
    with pytest.raises(PackageNotInstalled, match=r"^nowhere$"):
        run(targets.open("nowhere.deep"))
    (tmp_path / "imports_missing.py").write_text("import nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        run(targets.open("imports_missing"))
    with pytest.raises(ModuleNotFoundError, match=r"math\.nothing"):
        run(targets.open("math.nothing"))


def test_a_missing_attribute_on_the_way_is_an_attribute_error(targets):
    with pytest.raises(AttributeError, match="nothing"):
        run(targets.resolve("math:nothing.sqrt"))


def test_what_a_module_sets_when_it_is_asked_for_a_name_is_set_for_all(
    targets, contexts, monkeypatch
):
    lazy = ModuleType("lazy")

    def load(name):
        VARIABLE.set(7)
        lazy.__dict__[name] = ModuleType(f"lazy.{name}")
        return lazy.__dict__[name]

    lazy.__getattr__ = load
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    run(targets.resolve("lazy:part.nothing"))
    assert contexts.make().run(VARIABLE.get) == 7
