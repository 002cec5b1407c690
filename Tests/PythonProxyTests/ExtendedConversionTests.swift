import Foundation
import ProxyWire
import Testing

@testable import PythonProxy

/// Values beyond the built-in containers, as the Swift types that users have.
struct ExtendedConversionTests {
    private struct Station: Codable, Equatable {
        var name: String
        var height: Double?
    }

    private enum Colour: Int, Codable { case red = 1, green }

    private static let className = PythonClassName(module: "m", qualifiedName: "C")
    private static let labels = PythonValue.of(
        PandasObject(.index, [.none, "object", ["name", "height"]]))
    private static let frame = PythonValue.of(
        PandasDataFrame(
            index: .of(PandasObject(.rangeIndex, [.none, 0, 2, 1])), columns: labels,
            values: [["Davos", "Zürich"], .array(NDArray([1560.0, 408]).erased)]))

    private static func datetimes(_ steps: [Int64], _ unit: TimeUnit.Base) -> AnyNDArray {
        let array = NDArray(steps).erased
        return AnyNDArray(
            dtype: .datetime64(TimeUnit(unit)), shape: array.shape, storage: array.storage)
    }

    private func expect<Value: Codable & Equatable>(
        _ value: PythonValue, _ expected: Value, _ comment: Comment? = nil
    ) {
        #expect(throws: Never.self, comment) {
            let converted: Value = try ValueCoding.decode(
                Value.self, from: ValueCoding.encode(value))
            #expect(converted == expected, comment)
        }
    }

    @Test func setsAreReadAsSetsAndLists() {
        expect(.set([1, 2]), Set([1, 2]))
        expect(.frozenset(["a"]), Set(["a"]))
        expect(.frozenset(["a"]), ["a"])
        expect([3, 4], Set([3, 4]))
        #expect(throws: ProxyError.self) { try PythonValue.list([1, 1]).as(Set<Int>.self) }
    }

    @Test func recordsAreReadAsTypesWithTheirFields() {
        let fields: PythonDictionary = ["name": "Davos", "height": 1560]
        let davos = Station(name: "Davos", height: 1560)
        expect(.of(PythonDataclass(Self.className, fields: fields)), davos)
        expect(.of(PythonNamespace(fields)), davos)
        expect(.of(CompasData(dtype: "a/B", data: .dictionary(fields))), davos)
        let tuple = PythonNamedTuple(
            Self.className, names: ["name", "height"], values: ["Davos", nil])
        expect(.of(tuple), Station(name: "Davos", height: nil))
        expect(.of(tuple), ["Davos", nil] as [String?])
    }

    @Test func enumerationsAreReadAsTheirValues() {
        let member = PythonValue.of(PythonEnum(Self.className, name: "G", value: 2))
        expect(member, 2)
        expect(member, Colour.green)
        expect([member], [Colour.green])
        #expect(throws: ProxyError.self) { try member.as(String.self) }
    }

    @Test func tablesAreReadByColumnsAndByRows() throws {
        let columns: [String: PythonValue] = try Self.frame.as()
        #expect(columns["height"] == .array(NDArray([1560.0, 408]).erased))
        expect(
            Self.frame,
            [Station(name: "Davos", height: 1560), Station(name: "Zürich", height: 408)])
        let heights: NDArray<Double> = try Self.frame["height"].as()
        #expect(heights.scalars == [1560, 408])
        let error = #expect(throws: ConversionError.self) {
            let frame = try Self.frame.as(PandasDataFrame.self)
            _ = try frame.column("weight")
        }
        #expect(error?.message.contains("weight") == true)
        #expect(error?.message.contains("height") == true)
    }

    @Test func missingValuesAreNil() {
        let mask = NDArray([false, true]).erased
        expect(
            .of(MaskedArray(data: NDArray([1.5, 2.5]).erased, mask: mask)),
            [1.5, nil] as [Double?])
        let column = PythonValue.of(PandasObject(.array, ["Int64", [7, .none]]))
        expect(
            .of(PandasSeries(index: .none, values: column)), [7, nil] as [Int?])
        expect(.array(NDArray([1.5, .nan]).erased), [1.5, nil] as [Double?])
        expect(.double(.nan), nil as Double?)
        expect(.of(PandasObject(.notAvailable)), nil as Int?)
        expect([.of(PandasObject(.notATime)), 1], [nil, 1] as [Int?])
        #expect(throws: ProxyError.self) {
            try PythonValue.of(
                MaskedArray(data: NDArray([1.5]).erased, mask: NDArray([true]).erased)
            ).as(NDArray<Double>.self)
        }
    }

    @Test func momentsAreReadAsDates() throws {
        let moment = Date(timeIntervalSince1970: 1_577_934_245.5)
        let date = PythonDate(year: 2020, month: 1, day: 2)
        func value(_ hour: Int, _ zone: PythonTimeZone?) -> PythonValue {
            .of(
                PythonDateTime(
                    date,
                    PythonTime(
                        hour: hour, minute: 4, second: 5, microsecond: 500_000, zone: zone)))
        }
        expect(value(3, .utc), moment)
        expect(value(5, .offset(seconds: 7200)), moment)
        expect(value(4, .named("Europe/Zurich")), moment)
        expect(.scalar(Self.datetimes([1_577_934_245_500], .milliseconds).scalar(at: 0)), moment)
        expect(
            .array(Self.datetimes([0, .min, 86_400], .seconds)),
            [Date(timeIntervalSince1970: 0), nil, Date(timeIntervalSince1970: 86_400)] as [Date?])
        expect(
            .array(Self.datetimes([50, -1], .years)),
            [1_577_836_800, -31_536_000].map { Date(timeIntervalSince1970: $0) })
        // As numpy and pandas have it: without a zone, times are in UTC.
        expect(value(3, nil), moment)
        // There and back.
        expect(try ValueCoding.decode(PythonValue.self, from: ValueCoding.encode(moment)), moment)
    }

    @Test func whenClocksAreSetBackTheFoldDecides() throws {
        let date = PythonDate(year: 2021, month: 10, day: 31)
        var time = PythonTime(hour: 2, minute: 30, zone: .named("Europe/Zurich"))
        #expect(
            try PythonDateTime(date, time).moment() == Date(timeIntervalSince1970: 1_635_640_200))
        time.fold = 1
        #expect(
            try PythonDateTime(date, time).moment() == Date(timeIntervalSince1970: 1_635_643_800))
    }

    @Test func durationsAreTimedeltas() throws {
        expect(
            .of(PythonTimeDelta(seconds: -1, microseconds: 500_000)),
            Duration.milliseconds(-500))
        let negative = Duration.seconds(-2) - .microseconds(3)
        #expect(
            try PythonTimeDelta(negative) == PythonTimeDelta(seconds: -3, microseconds: 999_997))
        #expect(throws: ProxyError.self) { try ValueCoding.encode(Duration.nanoseconds(1)) }
    }

    @Test(arguments: [
        ("0", "0"), ("1.50", "1.50"), ("-2E+10", "-2E+10"), ("1e-999", "1E-999"), ("-0", "-0"),
        ("NaN", "NaN"), ("0.000001", "0.000001"), ("0.0000001", "1E-7"), ("123.4E2", "1.234E+4"),
        ("123.4E3", "1.234E+5"), ("-Infinity", "-Infinity"), ("0E+3", "0E+3"),
    ])
    func decimalsAreWrittenAsPythonWritesThem(text: String, written: String) {
        #expect(PythonDecimal(text)?.description == written)
    }

    @Test(arguments: ["", "-", "1.2.3", "e5", "1e", "0x10", "--1", "1 2", "nano"])
    func whatIsNoDecimalIsRefused(text: String) {
        #expect(PythonDecimal(text) == nil)
    }

    @Test func decimalsOfFoundationLoseNothing() throws {
        expect(try #require(PythonDecimal("1.50")).value, Decimal(string: "1.5"))
        expect(12, Decimal(12))
        let long = PythonDecimal("1.2345678901234567890123456789012345678901234567890")
        let error = #expect(throws: ProxyError.self) { try long?.value.as(Decimal.self) }
        #expect("\(String(describing: error))".contains("PythonDecimal"))
    }

    @Test func namesAndIdentifiers() throws {
        let uuid = UUID()
        expect(try PythonValue(uuid), uuid)
        expect(.string(uuid.uuidString), uuid)
        expect(.of(PythonPath("/a/ü")), "/a/ü")
        expect(.of(PythonPath("/a/b")), URL(fileURLWithPath: "/a/b"))
        expect("https://example.org/x?y=1", URL(string: "https://example.org/x?y=1"))
        expect(.of(PythonRange(5, 0, step: -2)), [5, 3, 1])
        expect(
            .tagged(
                PythonTaggedValue(
                    tag: CBORTag.bytearray, content: .bytes([1, 2]), plainForm: .content)),
            Data([1, 2]))
        #expect(throws: ProxyError.self) {
            try PythonValue.of(PythonRange(0, .max)).as([Int].self)
        }
    }

    @Test(arguments: TimeUnit.Base.allCases)
    func theFarthestTimesAreShownAndRefusedWithoutATrap(unit: TimeUnit.Base) {
        for count in [1, 1000, .max / 2] {
            for steps: Int64 in [.max, .min + 1, -1, .max / 2, -(1 << 62)] {
                let unit = TimeUnit(unit, count: count)
                #expect(!unit.text(of: steps).isEmpty)
                let array = NDArray(shape: [], [steps]).erased
                for dtype in [DType.datetime64(unit), .timedelta64(unit)] {
                    let value = PythonValue.scalar(
                        AnyNDArray(dtype: dtype, shape: [], storage: array.storage))
                    _ = try? value.as(Date.self)
                    _ = try? value.as(Duration.self)
                    #expect(!value.description.isEmpty)
                }
            }
        }
    }

    @Test func recordsOfNumpyAreReadAsTypes() throws {
        let dtype = StructuredDType(
            itemSize: 24,
            fields: [
                .init(name: "name", offset: 0, dtype: .str(length: 4)),
                .init(name: "height", offset: 16, dtype: .float64),
            ])
        let storage = ArrayStorage(byteCount: 24)
        storage.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        for (index, scalar) in "Bern".unicodeScalars.enumerated() {
            storage.bytes.storeBytes(of: scalar.value, toByteOffset: 4 * index, as: UInt32.self)
        }
        storage.bytes.storeBytes(of: 540, toByteOffset: 16, as: Double.self)
        let array = AnyNDArray(dtype: .structured(dtype), shape: [1], storage: storage)
        expect(.array(array), [Station(name: "Bern", height: 540)])
        expect(.array(array), array)
        #expect(throws: ProxyError.self) { try PythonValue.array(array).as(NDArray<Double>.self) }
    }

    @Test func everyValueCanBeWrittenAsJSON() throws {
        let value: PythonValue = [
            "set": .set([1]), "frame": Self.frame, "when": .of(PythonDate(daysSince1970: 0)),
            "days": .array(Self.datetimes([0], .days)),
        ]
        let text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        // Of the date and of the numpy array.
        #expect(text.components(separatedBy: "\"1970-01-01\"").count == 3)
        #expect(text.contains("1560"))
    }

    /// What another server could send, and no Python value is.
    @Test(arguments: [
        "c48101", "d8ff00", "c0f5", "c06474657874", "d9010282 0101".filter { $0 != " " },
        "d9c67b 84646e6f6e65 00 00 00".filter { $0 != " " }, "d825 4101".filter { $0 != " " },
        "d9c678 83 632f4f38 80 d828 82 80 d840 40".filter { $0 != " " },
        "d9c678 83 635c5330 81 1bffffffffffffffff d828 82 8100 d840 40".filter { $0 != " " },
        "d9c67c 81 01".filter { $0 != " " },
        // Arrays of numbers in the form for others; shapes whose counts overflow.
        "d9c678 83 637c6231 8101 d828 82 8101 d840 4107".filter { $0 != " " },
        "d9c678 83 637c5330 82 1b400000000000000004 d828 82 8100 d840 40".filter { $0 != " " },
        "d9c678 83 82 00 81 83 6161 00 82 633c6638 83 00 1b400000000000000004 8100 d828 82 8100 d840 40"
            .filter { $0 != " " },
        // {"é": 1, "e\u{301}": 2}, and the same as a set: different texts, but not for Swift.
        "a2 62c3a9 01 6365cc81 02".filter { $0 != " " },
        "d90102 82 62c3a9 6365cc81".filter { $0 != " " },
        // Decimals and time zones that no arithmetic can hold.
        "c4821b7fffffffffffffff01", "c4823b7fffffffffffffff01",
        "d9c67283 68 31323a30303a3030 3b7fffffffffffffff 00".filter { $0 != " " },
    ])
    func valuesThatNoPythonSendsAreRefused(hex: String) throws {
        let buffer = FrameBuffer()
        var digits = hex[...]
        while digits.count >= 2 {
            let byte = try #require(UInt8(digits.prefix(2), radix: 16))
            buffer.extend(by: 1).storeBytes(of: byte, as: UInt8.self)
            digits = digits.dropFirst(2)
        }
        let frame = InboundFrame(kind: .reply, callID: 0, buffer: buffer)
        guard
            let value = try? ValueCoding.decode(
                PythonValue.self, from: ValueCoding.Encoded(frame: frame))
        else { return }
        // The content of a tag is looked at when it is asked for as something.
        let types: [any Decodable.Type] = [
            PythonDecimal.self, PythonDateTime.self, PythonTime.self, UUID.self, Date.self,
            SparseArray.self, PandasObject.self, PandasDataFrame.self, [Int].self, Double.self,
        ]
        for type in types {
            #expect(throws: ProxyError.self, "\(type)") { _ = try value.as(type) }
        }
    }
}

extension AnyNDArray {
    /// An element as an array without dimensions.
    fileprivate func scalar(at index: Int) -> AnyNDArray {
        let bytes = withUnsafeBytes { Array($0[index * dtype.size..<(index + 1) * dtype.size]) }
        return AnyNDArray(
            dtype: dtype, shape: [], storage: bytes.withUnsafeBytes { ArrayStorage(copying: $0) })
    }
}

extension PythonDecimal {
    fileprivate var value: PythonValue { .of(self) }
}
