import Foundation
import Testing

@testable import PythonProxy

/// The type asked for decides: objects that offer the protocol for it are converted, whichever package they are of.
@Suite(.timeLimit(.minutes(5)))
struct AskedForTests {
    static let module = #"""
        import array, collections, dataclasses, io, mmap, os, sqlite3, types
        import attrs, msgspec, mpmath, numpy, polars, pyarrow, pydantic, sympy
        from scipy import stats

        class Tensor:
            "Offers its memory as torch does."
            def __init__(self, values): self.values = numpy.asarray(values)
            def __dlpack__(self, **options): return self.values.__dlpack__(**options)
            def __dlpack_device__(self): return self.values.__dlpack_device__()
            def __float__(self): return float(self.values)
            def address(self): return self.values.ctypes.data
        class Lazy:
            def __array__(self, dtype=None, copy=None): return numpy.arange(3.0)
        class Quantity(Lazy):
            unit = "m"

        class Plain:
            def __init__(self, name, age): self.name, self.age, self._secret = name, age, object()
            def method(self): pass
            @property
            def initial(self): return self.name[0]
        @dataclasses.dataclass
        class Data:
            name: str
            age: int
            @property
            def initial(self): return self.name[0]
        @attrs.define
        class Attrs:
            name: str
            age: int
            @property
            def initial(self): return self.name[0]
        class Model(pydantic.BaseModel):
            name: str
            age: int
            @property
            def initial(self): return self.name[0]
        class Struct(msgspec.Struct):
            name: str
            age: int
            @property
            def initial(self): return self.name[0]
        Tuple = collections.namedtuple("Tuple", ["name", "age", "initial"])
        class Team:
            def __init__(self):
                self.members = (Plain(name, 30) for name in ["Ada", "Bob"])
                self.score = sympy.Rational(1, 4)
                self.lead = None
                self.log = open(os.devnull)
        @dataclasses.dataclass
        class Output(dict):
            first: int = 1
            def __post_init__(self): self["first"] = self.first

        class Camel:
            @property
            def first_name(self): return "Ada"
            @property
            def the_age(self): return 36
        def make(text): return eval(text)
        def row():
            connection = sqlite3.connect(":memory:")
            connection.row_factory = sqlite3.Row
            return connection.execute("select 'Ada' as name, 36 as age, 'A' as initial").fetchone()
        def rows():
            import sqlalchemy
            with sqlalchemy.create_engine("sqlite://").connect() as connection:
                return connection.execute(
                    sqlalchemy.text("select 'Ada' as name, 36 as age, 'A' as initial")).fetchall()
        def dataset():
            import h5py
            file = h5py.File("memory", "w", driver="core", backing_store=False)
            return file.create_dataset("x", data=numpy.arange(3.0))
        TABLE = {"name": ["Ada", "Bob"], "age": [36, 40], "initial": ["A", "B"]}
        KEPT = Tensor([1.0, 2.0, 3.0])
        def kept(): return KEPT
        CLOSED = []
        def broken():
            yield 1
            raise KeyError("broken")
        """#

    struct Person: Decodable, Equatable {
        var name: String
        var age: Int
        var initial: String
    }

    private func with(
        _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(.science2, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    @Test(.needsPackages) func listsAreMadeOfWhatCanBeIterated() async throws {
        try await with { sample in
            for source in [
                "{1: 0, 2: 0, 3: 0}.keys()", "{'a': 1, 'b': 2, 'c': 3}.values()",
                "collections.deque([1, 2, 3])", "(n for n in [1, 2, 3])", "map(int, '123')",
                "{3, 1, 2}", "frozenset([2, 3, 1])", "range(1, 4)", "array.array('q', [1, 2, 3])",
                "polars.Series([1, 2, 3])", "pyarrow.array([1, 2, 3])", "Tensor([1, 2, 3])",
                "numpy.array([1, 2, 3], dtype=object)", "sympy.Tuple(1, 2, 3)",
                "types.SimpleNamespace(__iter__=1) and iter([1, 2, 3])",
            ] {
                let list: [Int] = try await sample.make(source)
                #expect(list == [1, 2, 3], "\(source)")
            }
            let pairs: [[Int]] = try await sample.make("zip([1, 2], [3, 4])")
            #expect(pairs == [[1, 3], [2, 4]])
            let tuple: ([Int], String) = try await sample.make("(n for n in [iter([1]), 'x'])")
            #expect(tuple == ([1], "x"))
            let ragged: [[Double]] = try await sample.make(
                "numpy.array([[1.0, 2.0], [3.0]], dtype=object)")
            #expect(ragged == [[1, 2], [3]])
            let nested: [String: [Int]] = try await sample.make("{'a': iter([1]), 'b': {2}}")
            #expect(nested == ["a": [1], "b": [2]])
            for source in ["'text'", "{'a': 1}", "b'bytes'", "1", "print"] {
                await #expect(throws: ProxyError.self, "\(source)") {
                    let _: [Int] = try await sample.make(source)
                }
            }
            let error = await #expect(throws: PythonError.self) {
                let _: [Int] = try await sample.broken()
            }
            #expect(error?.type == "KeyError")
        }
    }

    @Test(.needsPackages) func recordsAndMappingsAreMadeOfWhatHasFields() async throws {
        try await with { sample in
            for source in [
                "{'name': 'Ada', 'age': 36, 'initial': 'A', 'other': object()}",
                "collections.UserDict(name='Ada', age=36, initial='A')",
                "types.MappingProxyType({'name': 'Ada', 'age': 36, 'initial': 'A'})",
                "types.SimpleNamespace(name='Ada', age=36, initial='A')",
                "Plain('Ada', 36)", "Data('Ada', 36)", "Attrs('Ada', 36)",
                "Model(name='Ada', age=36)", "Struct('Ada', 36)", "Tuple('Ada', 36, 'A')", "row()",
                "rows()[0]",
            ] {
                let person: Person = try await sample.make(source)
                #expect(person == Person(name: "Ada", age: 36, initial: "A"), "\(source)")
                let optional: Person? = try await sample.make(source)
                #expect(optional == person)
                let list: [Person] = try await sample.make("[\(source)] * 2")
                #expect(list == [person, person], "\(source)")
            }
            struct Camel: Decodable { var firstName: String; var theAge: Int? }
            for source in [
                "{'first_name': 'Ada', 'the_age': 36}",
                "types.SimpleNamespace(first_name='Ada', the_age=36)",
                "Camel()",
                "polars.DataFrame({'first_name': ['Ada'], 'the_age': [36]}).to_dicts()[0]",
            ] {
                let person: Camel = try await sample.make(source)
                #expect(person.firstName == "Ada" && person.theAge == 36, "\(source)")
            }
            let none: Person? = try await sample.make("None")
            #expect(none == nil)
            for source in ["collections.Counter('aab')", "collections.UserDict(a=2, b=1)"] {
                let counts: [String: Int] = try await sample.make(source)
                #expect(counts == ["a": 2, "b": 1])
            }
            let output: [String: Int] = try await sample.make("Output(3)")
            #expect(output == ["first": 3])
            for source in ["polars.DataFrame(TABLE)", "pyarrow.table(TABLE)"] {
                let rows: [Person] = try await sample.make(source)
                #expect(rows.map(\.name) == ["Ada", "Bob"], "\(source)")
            }
            struct Status: Decodable { var st_size: Int; var st_mtime: Double }
            let status: Status = try await sample.make("os.stat(os.__file__)")
            #expect(status.st_size > 1000 && status.st_mtime > 1e9)
            struct Fit: Decodable { var slope: Double; var intercept_stderr: Double }
            let fit: Fit = try await sample.make(
                "stats.linregress([1.0, 2, 3], [2.0, 4.1, 5.9])")
            #expect(abs(fit.slope - 1.95) < 1e-9 && fit.intercept_stderr > 0)
        }
    }

    struct Team: Decodable {
        var members: [Person]
        var score: Double
        var lead: Person?
    }

    @Test(.needsPackages) func partsThatNobodyAsksForNeedNotCross() async throws {
        try await with { sample in
            let team: Team = try await sample.make("Team()")
            #expect(team.members.map(\.initial) == ["A", "B"])
            #expect(team.score == 0.25 && team.lead == nil)
            struct Log: Decodable { var log: String }
            let error = await #expect(throws: ProxyError.self) {
                let _: Log = try await sample.make("Team()")
            }
            #expect("\(error as Any)".contains("['log']"))
            #expect("\(error as Any)".contains("TextIOWrapper cannot cross"))
        }
    }

    @Test(.needsPackages) func numbersArraysAndBytesAreMadeOfWhatExportsThem() async throws {
        try await with { sample in
            for source in [
                "sympy.Rational(1, 2)", "sympy.Float(0.5)", "mpmath.mpf('0.5')",
                "numpy.float32(0.5)", "numpy.array(0.5)", "Tensor(0.5)",
                "sympy.sqrt(sympy.Rational(1, 4))",
            ] {
                let half: Double = try await sample.make(source)
                #expect(half == 0.5, "\(source)")
                let list: [Double?] = try await sample.make("[\(source), None]")
                #expect(list == [0.5, nil], "\(source)")
            }
            let three: Int = try await sample.make("sympy.Integer(3)")
            #expect(three == 3)
            let big: PythonInteger = try await sample.make("sympy.Integer(2) ** 100")
            #expect(big.description == "1267650600228229401496703205376")
            let complex: Complex<Double> = try await sample.make("sympy.I * 2")
            #expect(complex == Complex(0, 2))
            await #expect(throws: (any Error).self) {
                let _: Double = try await sample.make("sympy.Symbol('x')")
            }
            for source in [
                "Tensor([0.0, 1, 2])", "Lazy()", "array.array('d', [0, 1, 2])",
                "polars.Series([0.0, 1, 2])", "pyarrow.array([0.0, 1, 2])",
                "__import__('xarray').DataArray(numpy.arange(3.0), dims='x')",
                "__import__('zarr').array(numpy.arange(3.0))", "dataset()",
            ] {
                let array: NDArray<Double> = try await sample.make(source)
                #expect(array.scalars == [0, 1, 2], "\(source)")
            }
            let image: NDArray<UInt8> = try await sample.make(
                "__import__('PIL.Image').Image.new('L', (2, 1), 7)")
            #expect(image == NDArray([[7, 7]]))
            for source in ["Quantity()", "[0.0, 1.0]", "'text'", "polars.Series(['a'])"] {
                await #expect(throws: ProxyError.self, "\(source)") {
                    let _: NDArray<Double> = try await sample.make(source)
                }
            }
            for source in ["array.array('B', b'ab')", "bytearray(b'ab')", "memoryview(b'ab')"] {
                let data: Data = try await sample.make(source)
                #expect(data == Data("ab".utf8), "\(source)")
            }
        }
    }
}
