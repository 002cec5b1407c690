import PythonProxy

extension ReloadScenario {
    private static let one = "def f(): return 1\n"
    private static let two = "def f(): return 2\n"

    static let all: [ReloadScenario] =
        saves + modules + dependents + classes + failures + removals + state

    // MARK: Kinds of save

    private static let saves =
        [Save.rename, .inPlace, .backup, .removeFirst].flatMap { save in
            [
                ReloadScenario(
                    name: "\(save): the body of a function", save: save, files: ["m.py": one],
                    steps: [
                        .call("m.f", 1), .save(["m.py": two]), .call("m.f", 2),
                        .event(["m": .patched]), .save(["m.py": one]), .call("m.f", 1),
                    ]),
                ReloadScenario(
                    name: "\(save): a constant, the same length and time", save: save,
                    files: ["m.py": "X = 1\ndef f(): return X\n"],
                    steps: [
                        .call("m.f", 1), .save(["m.py": "X = 2\ndef f(): return X\n"]),
                        .call("m.f", 2), .event(["m": .reloaded]),
                    ]),
            ]
        } + [
            ReloadScenario(
                name: "only touched", files: ["m.py": "count = []\n" + one],
                steps: [
                    .call("m.count.append.__self__.__len__", 0), .touch("m.py"),
                    .call("m.f", 1), .save(["m.py": "count = []\n" + one]), .call("m.f", 1),
                    // The next event is that of another change.
                    .save(["m.py": "count = []\n" + two]), .call("m.f", 2),
                    .event(["m": .patched]),
                ]),
            ReloadScenario(
                name: "saved twice before the next call", files: ["m.py": one],
                steps: [
                    .call("m.f", 1), .save(["m.py": "def f(): return 3\n"]), .save(["m.py": two]),
                    .call("m.f", 2), .event(["m": .patched]),
                ]),
            ReloadScenario(
                name: "a burst of files",
                files: Dictionary(
                    uniqueKeysWithValues: (0..<200).map { ("p/m\($0).py", "X = 1\n") }
                ).merging([
                    "p/__init__.py": (0..<200).map { "from p.m\($0) import X as x\($0)\n" }
                        .joined()
                        + "def f(): return sum(v for k, v in globals().items() if k[0] == 'x')\n"
                ]) { $1 },
                steps: [
                    .call("p.f", 200),
                    .save(
                        Dictionary(
                            uniqueKeysWithValues: (0..<200).map { ("p/m\($0).py", "X = 2\n") })),
                    .call("p.f", 400),
                ]),
            ReloadScenario(
                name: "another encoding and line ends", files: ["m.py": one],
                steps: [
                    .call("m.f", 1),
                    .save(["m.py": "# -*- coding: utf-8 -*-\r\ndef f():\r\n    return \"é\"\r\n"]),
                    .call("m.f", "é"),
                ]),
        ]

    // MARK: Kinds of module

    private static let modules = [
        ReloadScenario(
            name: "a module in a package", package: "p",
            files: ["p/__init__.py": "", "p/m.py": one],
            steps: [.call("m.f", 1), .save(["p/m.py": two]), .call("m.f", 2)]),
        ReloadScenario(
            name: "the __init__ of a package", package: "p", files: ["p/__init__.py": one],
            steps: [.call("f", 1), .save(["p/__init__.py": two]), .call("f", 2)]),
        ReloadScenario(
            name: "a package three levels deep",
            files: [
                "a/__init__.py": "", "a/b/__init__.py": "from a.b.c import m\n",
                "a/b/c/__init__.py": "", "a/b/c/m.py": "X = 1\n",
            ],
            steps: [
                .call("a.b.m.X.__int__", 1), .save(["a/b/c/m.py": "X = 2\n"]),
                .call("a.b.m.X.__int__", 2),
            ]),
        ReloadScenario(
            name: "a namespace package", files: ["space/m.py": one],
            steps: [.call("space.m.f", 1), .save(["space/m.py": two]), .call("space.m.f", 2)]),
        ReloadScenario(
            name: "a new submodule", files: ["p/__init__.py": "", "p/m.py": one],
            steps: [
                .call("p.m.f", 1), .raises("p.n.f", "AttributeError", at: nil),
                .save(["p/n.py": two]), .call("p.n.f", 2), .save(["p/n.py": one]),
                .call("p.n.f", 1), .event(["p.n": .patched]),
            ]),
        ReloadScenario(
            name: "a new package", files: ["m.py": one],
            steps: [
                .call("m.f", 1), .save(["q/__init__.py": two]), .call("q.f", 2),
                .save(["q/__init__.py": one]), .call("q.f", 1),
            ]),
        ReloadScenario(
            name: "a file behind a link", files: ["real/v1.py": one, "real/v2.py": two],
            steps: [
                .link("m.py", to: "real/v1.py"), .call("m.f", 1),
                .save(["real/v1.py": "def f(): return 3\n"]), .call("m.f", 3),
                .link("m.py", to: "real/v2.py"), .call("m.f", 2),
            ]),
        ReloadScenario(
            name: "a package behind a link that is turned",
            files: ["v1/__init__.py": one, "v2/__init__.py": two],
            steps: [
                .link("p", to: "v1"), .call("p.f", 1), .link("p", to: "v2"), .call("p.f", 2),
                .save(["v2/__init__.py": "def f(): return 3\n"]), .call("p.f", 3),
            ]),
        ReloadScenario(
            name: "a module that becomes a package", files: ["m.py": one],
            steps: [
                .call("m.f", 1), .save(["m.py": nil, "m/__init__.py": two]), .call("m.f", 2),
            ]),
        ReloadScenario(
            name: "a module that is imported inside a function",
            files: ["m.py": one, "n.py": "def g():\n    import m\n    return m.f()\n"],
            steps: [
                .call("n.g", 1), .save(["m.py": "K = 2\ndef f(): return K\n"]), .call("n.g", 2),
                .event(["m": .reloaded]),
            ]),
    ]

    // MARK: Those that import

    private static let dependents = [
        ReloadScenario(
            name: "from m import f",
            files: ["m.py": one, "n.py": "from m import f\ndef g(): return f()\n"],
            steps: [.call("n.g", 1), .save(["m.py": two]), .call("n.g", 2)]),
        ReloadScenario(
            name: "import m as x, and a constant",
            files: ["m.py": "X = 1\n", "n.py": "import m as x\ndef g(): return x.X\n"],
            steps: [
                .call("n.g", 1), .save(["m.py": "X = 2\n"]), .call("n.g", 2),
                .event(["m": .reloaded, "n": .reloaded]),
            ]),
        ReloadScenario(
            name: "what was computed when loading, over three modules",
            files: [
                "a.py": "X = 1\n", "b.py": "from a import X\nY = X * 10\n",
                "c.py": "from b import *\nZ = Y + 1\ndef f(): return Z\n",
            ],
            steps: [.call("c.f", 11), .save(["a.py": "X = 2\n"]), .call("c.f", 21)]),
        ReloadScenario(
            name: "a table made with a function that is patched",
            files: ["m.py": one, "n.py": "import m\nT = [m.f()]\ndef g(): return T[0]\n"],
            steps: [
                .call("n.g", 1), .save(["m.py": two]), .call("n.g", 2),
                .event(["m": .patched, "n": .reloaded]),
            ]),
        ReloadScenario(
            name: "a decorator in another module",
            files: [
                "m.py": "def times(g):\n    def h(): return 1 * g()\n    return h\n",
                "n.py": "import m\n@m.times\ndef g(): return 7\n",
            ],
            steps: [
                .call("n.g", 7),
                .save(["m.py": "def times(g):\n    def h(): return 2 * g()\n    return h\n"]),
                .call("n.g", 14),
            ]),
        ReloadScenario(
            name: "relative imports", package: "p",
            files: [
                "p/__init__.py": "from .m import f\nfrom . import n\n", "p/m.py": "K = 1\n" + one,
                "p/n.py": "from .m import f as h\nfrom . import m\ndef g(): return h() + m.f()\n",
            ],
            steps: [
                .call("n.g", 2), .save(["p/m.py": "K = 2\n" + two]), .call("n.g", 4),
                .call("f", 2),
            ]),
        ReloadScenario(
            name: "modules that import each other",
            files: [
                "a.py": "X = 1\nimport b\ndef f(): return X\ndef g(): return X + b.Y + b.h()\n",
                "b.py": "import a\nY = a.X\ndef h(): return a.f()\n",
            ],
            steps: [
                .call("a.g", 3),
                .save([
                    "a.py": "X = 2\nimport b\ndef f(): return X\ndef g(): return X + b.Y + b.h()\n"
                ]),
                .call("a.g", 6),
            ]),
        ReloadScenario(
            name: "an import that is added, of a module nobody had",
            files: ["m.py": one, "new.py": "Y = 5\n", "unused.py": "raise ValueError\n"],
            steps: [
                .call("m.f", 1), .save(["m.py": "import new\ndef f(): return new.Y\n"]),
                .call("m.f", 5), .save(["new.py": "Y = 6\n"]), .call("m.f", 6),
            ]),
        ReloadScenario(
            name: "beside numpy, which stays",
            files: ["m.py": "import numpy\nK = 1\ndef f(): return int(numpy.int64(K))\n"],
            steps: [
                .call("m.f", 1),
                .save(["m.py": "import numpy\nK = 2\ndef f(): return int(numpy.int64(K))\n"]),
                .call("m.f", 2), .event(["m": .reloaded]),
            ]),
    ]

    // MARK: Classes and their instances

    /// `keep.py` holds an instance and does not change.
    private static func instances(
        _ name: String, old: String, new: String, kind: ReloadEvent.Kind,
        checks: String = "return int(x.f())", expected: PythonValue = 2, stale: [String] = []
    ) -> ReloadScenario {
        ReloadScenario(
            name: "instances: " + name,
            files: [
                "m.py": old,
                "keep.py":
                    "held = []\ndef hold():\n    import m\n    held.append(m.make())\n"
                    + "def check():\n    import m\n    x, = held\n    \(checks)\n",
            ],
            steps: [
                .call("keep.hold", .none), .call("keep.check", 1), .save(["m.py": new]),
                .call("keep.check", expected), .event(["m": kind], stale: stale),
            ])
    }

    private static let classes = [
        instances(
            "a method with another body",
            old: "class C:\n    def f(self): return 1\ndef make(): return C()\n",
            new: "class C:\n    def f(self): return 2\ndef make(): return C()\n", kind: .patched),
        instances(
            "a method that is added",
            old: "class C:\n    def f(self): return 1\ndef make(): return C()\n",
            new: "class C:\n    def g(self): return 2\n    def f(self): return self.g()\n"
                + "def make(): return C()\n", kind: .reloaded),
        instances(
            "isinstance", old: "class C: f = lambda self: 1\ndef make(): return C()\n",
            new: "class C: f = lambda self: 2\ndef make(): return C()\n", kind: .reloaded,
            checks: "return int(x.f()) if isinstance(x, m.C) else -1"),
        instances(
            "super() in a subclass",
            old: "class A:\n    def f(self): return 1\nclass C(A):\n    def f(self): return "
                + "super().f()\ndef make(): return C()\n",
            new: "K = 2\nclass A:\n    def f(self): return K\nclass C(A):\n    def f(self): return "
                + "super().f()\ndef make(): return C()\n", kind: .reloaded),
        instances(
            "a dataclass with another method",
            old: "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: int = 1\n"
                + "    def f(self): return self.x\ndef make(): return C()\n",
            new: "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: int = 1\n"
                + "    y: int = 2\n    def f(self): return self.x + (self == C(1))\n"
                + "def make(): return C()\n", kind: .reloaded,
            checks: "return int(x.f()) if not hasattr(x.__dict__, 'y') else -1"),
        instances(
            "an enumeration with the same members",
            old: "import enum\nclass C(enum.Enum):\n    A = 1\n    def f(self): return 1\n"
                + "def make(): return C.A\n",
            new: "import enum\nK = 2\nclass C(enum.Enum):\n    A = 1\n    def f(self): return K\n"
                + "def make(): return C.A\n", kind: .reloaded,
            checks: "return int(x.f()) if x is m.C.A and x == m.C(1) else -1"),
        instances(
            "an enumeration with one member more",
            old: "import enum\nclass C(enum.Enum):\n    A = 1\ndef make(): return C.A\n",
            new: "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\ndef make(): return C.A\n",
            kind: .reloaded,
            checks: "return len(type(x)) if x is not m.C.A or len(m.C) == 1 else -1",
            expected: 1, stale: ["m.C"]),
        instances(
            "other slots",
            old: "class C:\n    __slots__ = ('a',)\n    def f(self): return 1\n"
                + "def make(): return C()\n",
            new: "class C:\n    __slots__ = ('a', 'b')\n    def f(self): return 2\n"
                + "def make(): return C()\n",
            kind: .reloaded, expected: 1, stale: ["m.C"]),
        instances(
            "a class that is gone",
            old: "class C:\n    def f(self): return 1\ndef make(): return C()\n",
            new: "class D:\n    def f(self): return 2\ndef make(): return D()\n", kind: .reloaded,
            expected: 1, stale: ["m.C"]),
    ]

    // MARK: What does not load

    private static let failures = [
        ReloadScenario(
            name: "a file that does not compile",
            files: ["m.py": one, "n.py": "import m\ndef g(): return m.f()\n"],
            steps: [
                .call("n.g", 1), .save(["m.py": "def f():\n    return (\n"]),
                .raises("m.f", "SyntaxError", at: "m.py:2"), .call("n.g", 1),
                .event(["m": .broken]), .save(["m.py": two]), .call("m.f", 2), .call("n.g", 2),
            ]),
        ReloadScenario(
            name: "a file that raises while it is loaded",
            files: ["m.py": "X = 1\n" + one, "n.py": "import m\ndef g(): return m.X\n"],
            steps: [
                .call("m.f", 1), .call("n.g", 1), .save(["m.py": "X = 2\n\n1 / 0\n" + two]),
                .raises("m.f", "ZeroDivisionError", at: "m.py:3"), .call("n.g", 1),
                .save(["m.py": "X = 2\n" + two]), .call("m.f", 2), .call("n.g", 2),
            ]),
        ReloadScenario(
            name: "a mistake that is taken back", files: ["m.py": one],
            steps: [
                .call("m.f", 1), .save(["m.py": "def f(:\n"]),
                .raises("m.f", "SyntaxError", at: "m.py:1"), .save(["m.py": one]),
                .call("m.f", 1),
            ]),
        ReloadScenario(
            name: "one of two changed files does not load",
            files: ["a.py": "X = 1\n", "b.py": one, "c.py": "import a, b\ndef f(): return a.X\n"],
            steps: [
                .call("c.f", 1), .save(["a.py": "X = 2\n", "b.py": "raise ValueError('no')\n"]),
                .call("c.f", 2), .raises("b.f", "ValueError", at: "b.py:1"),
            ]),
        ReloadScenario(
            name: "a name that someone else imports is gone",
            files: ["m.py": one + "def g(): return 1\n", "n.py": "\nfrom m import f\n"],
            steps: [
                .call("n.f", 1), .save(["m.py": "def g(): return 2\n"]), .call("m.g", 2),
                .raises("n.f", "ImportError", at: "n.py:2"),
                .save(["m.py": two + "def g(): return 3\n"]), .call("n.f", 2),
            ]),
        ReloadScenario(
            name: "a file that did not load at first", files: ["m.py": "def f(:\n"],
            steps: [
                .raises("m.f", "SyntaxError", at: "m.py:1"), .save(["m.py": one]),
                .call("m.f", 1), .save(["m.py": two]), .call("m.f", 2),
            ]),
    ]

    // MARK: Deleted and moved

    private static let removals = [
        ReloadScenario(
            name: "a module is deleted, and comes back", files: ["m.py": one, "n.py": one],
            steps: [
                .call("m.f", 1), .save(["m.py": nil]),
                .raises("m.f", "ModuleNotFoundError", at: nil), .event(["m": .deleted]),
                .call("n.f", 1), .save(["m.py": two]), .call("m.f", 2),
            ]),
        ReloadScenario(
            name: "a submodule is deleted", files: ["p/__init__.py": "", "p/m.py": one],
            steps: [
                .call("p.m.f", 1), .save(["p/m.py": nil]),
                .raises("p.m.f", "ModuleNotFoundError", at: nil),
            ]),
        ReloadScenario(
            name: "a module that others import is deleted",
            files: ["m.py": one, "n.py": "import m\ndef g(): return m.f()\n"],
            steps: [
                .call("n.g", 1), .save(["m.py": nil]),
                .raises("n.g", "ModuleNotFoundError", at: "n.py:1"),
                .event(["m": .deleted, "n": .broken]), .save(["m.py": two]), .call("n.g", 2),
            ]),
        ReloadScenario(
            name: "a package is moved",
            files: ["p/__init__.py": "", "p/m.py": "from . import k\n" + one, "p/k.py": ""],
            steps: [
                .call("p.m.f", 1), .move("p", to: "q"), .call("q.m.f", 1),
                .raises("p.m.f", "ModuleNotFoundError", at: nil), .save(["q/m.py": two]),
                .call("q.m.f", 2),
            ]),
        ReloadScenario(
            name: "two modules change places", files: ["a.py": one, "b.py": two],
            steps: [
                .call("a.f", 1), .call("b.f", 2), .move("a.py", to: "c.py"),
                .move("b.py", to: "a.py"), .move("c.py", to: "b.py"), .call("a.f", 2),
                .call("b.f", 1),
            ]),
    ]

    // MARK: State

    private static let state = [
        ReloadScenario(
            name: "variables stay when functions are patched",
            files: ["m.py": "n = 0\ndef f():\n    global n\n    n += 1\n    return n\n"],
            steps: [
                .call("m.f", 1),
                .save(["m.py": "n = 0\ndef f():\n    global n\n    n += 10\n    return n\n"]),
                .call("m.f", 11),
            ]),
        ReloadScenario(
            name: "variables begin anew when a module is executed again",
            files: ["m.py": "n = 0\ndef f():\n    global n\n    n += 1\n    return n\n"],
            steps: [
                .call("m.f", 1), .call("m.f", 2),
                .save(["m.py": "n = 10\ndef f():\n    global n\n    n += 1\n    return n\n"]),
                .call("m.f", 11),
            ]),
        ReloadScenario(
            name: "variables are carried by a hook",
            files: ["m.py": "K = 1\nn = []\ndef f():\n    n.append(K)\n    return sum(n)\n"],
            steps: [
                .call("m.f", 1),
                .save([
                    "m.py": "K = 5\nn = []\ndef f():\n    n.append(K)\n    return sum(n)\n"
                        + "def __reload__(old):\n    n.extend(old['n'])\n"
                ]),
                .call("m.f", 6),
            ]),
    ]
}
