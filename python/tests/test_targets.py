"""What the names in calls stand for."""

import math
import sys
from types import ModuleType

import pytest

from pyproxy_runtime.calls.targets import Targets
from pyproxy_runtime.errors import PackageNotInstalled


@pytest.fixture
def service():
    module = ModuleType("tools")
    module.public = lambda: "service"
    module._private = lambda: None
    return module


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
def test_a_target_is_found_in_its_parent(target, parent, name, is_lasting):
    found, found_name, found_is_lasting = Targets().resolve(target)
    assert parent is None or found is parent
    assert found_name == name
    assert found_is_lasting is is_lasting
    getattr(found, found_name)


def test_a_service_answers_to_bare_names(service):
    assert Targets(service).resolve(":public") == (service, "public", True)


def test_the_package_has_precedence_over_the_service(service):
    service.sqrt = None
    assert Targets(service).resolve("math:sqrt")[0] is math
    assert Targets(service).resolve("math:public")[0] is service


@pytest.mark.parametrize("name", ["_private", "missing"])
def test_other_bare_names_are_refused_with_the_remedy(service, name):
    with pytest.raises(NameError, match="full dotted path"):
        Targets(service).resolve(f":{name}")


def test_all_decides_what_is_public(service):
    service.__all__ = ["_private"]
    with pytest.raises(NameError):
        Targets(service).resolve(":public")


@pytest.mark.parametrize("target", [":", "math:", ":math.", "math:a."])
def test_an_empty_name_is_refused(target):
    with pytest.raises(ValueError, match="names nothing"):
        Targets().resolve(target)


def test_a_missing_package_is_told_from_a_missing_import_inside_it(tmp_path, monkeypatch):
    with pytest.raises(PackageNotInstalled, match=r"^nowhere$"):
        Targets().open("nowhere.deep")
    (tmp_path / "imports_missing.py").write_text("import nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        Targets().open("imports_missing")
    with pytest.raises(ModuleNotFoundError, match=r"math\.nothing"):
        Targets().open("math.nothing")


def test_a_missing_attribute_on_the_way_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing"):
        Targets().resolve("math:nothing.sqrt")
