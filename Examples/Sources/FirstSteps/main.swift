import PythonProxy

try await withProxy("numpy", python: "venv") { numpy in
    let x: [Double] = try await numpy.linalg.solve([[3.0, 1], [1, 2]], [9.0, 8])
    print("x =", x)
    do { try await numpy.linalg.slove() } catch { print(error) }
}
