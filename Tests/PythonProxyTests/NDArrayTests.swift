import Foundation
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
        #expect(array.debugDescription == "array([], shape=(1099511627776, 0), dtype=float64)")
        #expect(array.strides == [0, 1])
        #expect(throws: ProxyError.self) {
            try PythonValue.array(array.erased).as([[Double]].self)
        }
        // Few in each dimension, but not together.
        let square = NDArray(shape: [1 << 20, 1 << 20, 0], [Double]()).erased
        #expect(throws: ProxyError.self) {
            try PythonValue.array(square).as([[[Double]]].self)
        }
        let huge = NDArray(shape: [0, 1 << 40, 1 << 40], [Double]()).erased
        #expect(throws: ProxyError.self) { try PythonValue.array(huge).as(AnyNDArray.self) }
    }

    @Test func longArraysAreAbbreviated() {
        let text = NDArray(Array(0..<10_000)).debugDescription
        #expect(
            text == "array([   0,    1,    2, ..., 9997, 9998, 9999], shape=(10000,))")
    }

    private let cube = NDArray(shape: [2, 3, 4], Array(0..<24))

    @Test func nestedArraysBecomeDimensions() {
        #expect(NDArray([[1.0, 2], [3, 4]]) == NDArray(shape: [2, 2], [1.0, 2, 3, 4]))
        #expect(NDArray([[[1], [2]]]).shape == [1, 2, 1])
        #expect(NDArray([[Int]]()).shape == [0, 0])
    }

    @Test func zerosAreZeroOfEveryType() {
        #expect(
            NDArray<Double>.zeros(shape: [2, 3]) == NDArray(shape: [2, 3], [0, 0, 0, 0, 0, 0]))
        #expect(NDArray<Bool>.zeros(shape: [2]).scalars == [false, false])
        #expect(NDArray<Int8>.zeros(shape: [0, 3]).count == 0)
        #expect(NDArray<Float>.zeros(shape: []).scalars == [0])
    }

    @Test func dimensionsBecomeNestedArrays() throws {
        let nested = try cube.converted(to: [[[Int]]].self)
        #expect(nested[1][2] == [20, 21, 22, 23])
        #expect(try NDArray([[1.5], [2.5]]).converted(to: [[Double]].self) == [[1.5], [2.5]])
        #expect(throws: ProxyError.self) { try cube.converted(to: [[Int]].self) }
    }

    @Test func partsOfAnArrayAreArrays() {
        #expect(cube[1, 2, 0...].scalars == [20, 21, 22, 23])
        #expect(cube[1, 2...].shape == [1, 4])
        #expect(cube[0..<2, 1, ...1] == NDArray([[4, 5], [16, 17]]))
        #expect(cube[.all, 0, 3] == NDArray([3, 15]))
        #expect(cube[0, 0, .reversed].scalars == [3, 2, 1, 0])
        #expect(cube[0, 0, .every(3, of: 0..<4)].scalars == [0, 3])
        #expect(cube[0..<0].shape == [0, 3, 4])
        #expect(cube.row(1) == cube[1, 0...] && cube.row(0).row(2).scalars == [8, 9, 10, 11])
        #expect(NDArray([1.0, 2]).row(1).scalars == [2])
    }

    @Test func partsOfAnArrayCanBeAssigned() {
        var array = cube
        array[0, 0...] = NDArray(repeating: 7, shape: [3, 4])
        array[1, 1, 1..<3] = [8, 9]
        #expect(array[0, 2, 3] == 7)
        #expect(array[1, 1, 0...].scalars == [16, 8, 9, 19])
        #expect(cube[0, 0, 0] == 0)
    }

    @Test func arraysCanBeGivenAnotherShape() {
        #expect(cube.reshaped(to: [4, -1]).shape == [4, 6])
        #expect(cube.reshaped(to: [24]).scalars == cube.scalars)
        var flat = cube.reshaped(to: [-1])
        flat[0] = 99
        #expect(cube[0, 0, 0] == 0)
        #expect(cube.transposed().shape == [4, 3, 2])
        #expect(cube.transposed()[3, 2, 1] == cube[1, 2, 3])
        #expect(cube.transposed([1, 0, 2])[2, 1, 0...].scalars == cube[1, 2, 0...].scalars)
    }

    @Test func arraysSurviveOtherCoders() throws {
        let data = try JSONEncoder().encode(NDArray([[1.5, 2], [3, 4]]))
        #expect(try JSONDecoder().decode(NDArray<Double>.self, from: data).shape == [2, 2])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(NDArray<Int>.self, from: data)
        }
    }
}
