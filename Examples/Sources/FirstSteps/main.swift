import PythonProxy

// A rope of five nodes between two anchors, with a weight on each node in between.
try await withProxy("compas.numerical", python: "venv") { numerical in
    let nodes = [[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0]]
    let weights = [[0.0, 0, 0], [0, 0, -1], [0, 0, -1], [0, 0, -1], [0, 0, 0]]
    let cables = [[0, 1], [1, 2], [2, 3], [3, 4]]
    let results: [NDArray<Double>] = try await numerical.fd_numpy(
        nodes, cables, [0, 4], q: [1.0, 1, 1, 1], loads: weights)
    print("lowest point:", results[0][2, 2])
    do { try await numerical.fd_numpi() } catch { print(error) }
}
