import Foundation

/// Draws nets side by side, seen at an angle from above, as SVG.
struct NetPicture {
    var panels: [(title: String, vertices: [[Double]])]
    var edges: [[Int]]
    var anchors: [Int]

    private let size = 420.0
    private let margin = 40.0

    func write(to file: URL) throws {
        let width = size * Double(panels.count)
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(size)" \
            viewBox="0 0 \(width) \(size)">
            <rect width="100%" height="100%" fill="white"/>

            """
        let scale = scale()
        for (index, panel) in panels.enumerated() {
            svg += draw(panel, at: Double(index) * size, scale)
        }
        try (svg + "</svg>\n").write(to: file, atomically: true, encoding: .utf8)
    }

    private func draw(
        _ panel: (title: String, vertices: [[Double]]), at left: Double,
        _ scale: (factor: Double, center: (Double, Double))
    ) -> String {
        let points = panel.vertices.map { vertex in
            let (x, y) = project(vertex)
            return (
                left + size / 2 + (x - scale.center.0) * scale.factor,
                size / 2 - (y - scale.center.1) * scale.factor
            )
        }
        func number(_ value: Double) -> String { String(format: "%.2f", value) }
        let lines = edges.map { edge in
            let (a, b) = (points[edge[0]], points[edge[1]])
            return "<line x1=\"\(number(a.0))\" y1=\"\(number(a.1))\" x2=\"\(number(b.0))\" "
                + "y2=\"\(number(b.1))\" stroke=\"#33506b\" stroke-width=\"1.2\"/>"
        }
        let dots = anchors.map {
            "<circle cx=\"\(number(points[$0].0))\" cy=\"\(number(points[$0].1))\" r=\"4\" fill=\"#c0392b\"/>"
        }
        let title =
            "<text x=\"\(number(left + size / 2))\" y=\"24\" font-family=\"sans-serif\" "
            + "font-size=\"15\" text-anchor=\"middle\">\(panel.title)</text>"
        return (lines + dots + [title]).joined(separator: "\n") + "\n"
    }

    /// Axonometric: x to the upper right, y to the upper left, z up.
    private func project(_ vertex: [Double]) -> (Double, Double) {
        let angle = Double.pi / 6
        return (
            (vertex[0] - vertex[1]) * cos(angle),
            (vertex[0] + vertex[1]) * sin(angle) + vertex[2]
        )
    }

    /// The same for all panels, so that they can be compared.
    private func scale() -> (factor: Double, center: (Double, Double)) {
        let points = panels.flatMap(\.vertices).map(project)
        let (xs, ys) = (points.map(\.0), points.map(\.1))
        guard let left = xs.min(), let right = xs.max(), let low = ys.min(), let high = ys.max()
        else { return (1, (0, 0)) }
        let extent = max(right - left, high - low, 1e-9)
        return ((size - 2 * margin) / extent, ((left + right) / 2, (low + high) / 2))
    }
}
