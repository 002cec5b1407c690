import Testing

@testable import PythonProxy

struct NDArrayTests {
    @Test func copiesAreIndependent() {
        let original = NDArray(shape: [2, 2], [1.0, 2, 3, 4])
        var copy = original
        copy[1, 0] = 9
        #expect(original.scalars == [1, 2, 3, 4])
        #expect(copy.scalars == [1, 2, 9, 4])
    }

    @Test func elementsAreInRowMajorOrder() {
        let array = NDArray(shape: [2, 3, 4], Array(0..<24))
        #expect(array.strides == [12, 4, 1])
        #expect(array[1, 2, 3] == 23)
        #expect(array[0, 1, 2] == 6)
        #expect(array.count == 24)
    }

    @Test func anArrayWithoutDimensionsHasOneElement() {
        let array = NDArray(shape: [], [7])
        #expect(array.count == 1)
        #expect(array[] == 7)
    }

    @Test func aTypedViewNeedsTheSameDtype() {
        let array = NDArray<Float>([1, 2]).erased
        #expect(array.as(Float.self)?.scalars == [1, 2])
        #expect(array.as(Double.self) == nil)
    }

    /// numpy makes arrays such as zeros((2**40, 0)): they take no memory, but would make a long list.
    @Test func aHugeNumberOfEmptyRowsIsNoTrap() throws {
        let array = NDArray(shape: [1 << 40, 0], [Double]())
        #expect(array.description == "array([])")
        #expect(array.strides == [0, 1])
        #expect(throws: ProxyError.self) {
            try PythonValue.array(array.erased).as([[Double]].self)
        }
        let huge = NDArray(shape: [0, 1 << 40, 1 << 40], [Double]()).erased
        #expect(throws: ProxyError.self) { try PythonValue.array(huge).as(AnyNDArray.self) }
    }

    @Test func longArraysAreAbbreviated() {
        let text = NDArray(Array(0..<10_000)).description
        #expect(text == "array([0, 1, 2, ..., 9997, 9998, 9999])")
    }
}
