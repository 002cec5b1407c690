import Foundation
import PythonProxy

/// A matplotlib figure as the bytes of a PNG.
func picture(_ python: Proxy) async throws {
    let levels = [0.5, 1.5]
    let png: Data = try await python.script { py in
        let plt = py.matplotlib.pyplot
        let figure = plt.figure(figsize: [4, 3])
        plt.plot([1, 2, 3, 4], [1, 4, 2, 3], label: "a")
        for level in levels { plt.axhline(level, color: "red") }
        plt.legend()
        let buffer = py.io.BytesIO()
        figure.savefig(buffer, format: "png")
        plt.close(figure)
        return buffer.getvalue()
    }
    print("picture", png.count > 1000, png.dropFirst().first == UInt8(ascii: "P"))
}

/// A table: made, extended, grouped and reduced, without a round trip for each dot.
func pipeline(_ python: Proxy) async throws {
    let (best, totals): (String, [String: Double]) = try await python.script { py in
        let frame = py.pandas.DataFrame([
            "city": ["Zurich", "Paris", "Zurich", "Paris"], "visits": [2, 5, 3, 1],
            "price": [10.0, 8.0, 12.0, 9.0],
        ])
        frame["revenue"] = frame["visits"] * frame["price"]
        let large = frame[frame["revenue"] > 10]
        let totals = large.groupby("city")["revenue"].sum()
        return (totals.idxmax(), totals)
    }
    print("pipeline", best, totals["Zurich"] ?? 0)
}

/// HDF5 and netCDF files, closed also if something raises.
func files(_ python: Proxy, _ folder: URL) async throws {
    let values = NDArray((0..<1000).map { Double($0) })
    let (sum, units): (Double, String) = try await python.script { py in
        let path = folder.path + "/values.h5"
        withContext(py.h5py.File(path, "w")) { file in
            file["values"] = values
            file["values"].attrs["units"] = "m"
        }
        let file = py.h5py.File(path, "r")
        let result = (file["values"][10..<20].sum(), file["values"].attrs["units"])
        file.close()
        return result
    }
    try await python.script { py in
        withContext(py.netCDF4.Dataset(folder.path + "/values.nc", "w")) { dataset in
            dataset.createDimension("x", 3)
            let variable = dataset.createVariable("v", "f8", ["x"])
            variable[0...] = [1.0, 2.0, 3.0]
        }
    }
    print("files", sum, units)
}

/// A function for numba, which wants Python source.
func compiled(_ python: Proxy) async throws {
    let module = try await PythonModule(
        """
        import numba

        @numba.njit
        def longest(n):
            best = (0, 0)
            for start in range(1, n):
                length, x = 1, start
                while x != 1:
                    x = x // 2 if x % 2 == 0 else 3 * x + 1
                    length += 1
                if length > best[0]:
                    best = (length, start)
            return best
        """, on: python)
    let (length, start): (Int, Int) = try await module.longest(10_000)
    print("compiled", length, start)
}

/// A parameter study: one script, recorded once, run a thousand times.
func study(_ python: Proxy) async throws {
    let script = try PythonScript(parameters: 2) { py, values in
        let x = py.numpy.linspace(0, 1, 101)
        let y = values[0] * x ** 2 - values[1] * x
        return y.min()
    }
    var lowest = Double.infinity
    for number in 0..<1000 {
        let value: Double = try await script(on: python, 1 + Double(number) / 1000, 0.5)
        lowest = min(lowest, value)
    }
    print("study", (lowest * 1000).rounded() / 1000)
}

/// What is set for a context holds within it, and for nobody else.
func precision(_ python: Proxy) async throws {
    let context: PythonObject = try await python.decimal.localcontext()
    let third: String = try await withContext(context) { context in
        try await context.prec.set(6)
        return try await python.script { py in
            py.builtins.str(py.decimal.Decimal(1) / py.decimal.Decimal(3))
        }
    }
    print("precision", third)
}
