/// A net of cables as the service `sample_net` describes it.
struct Net: Decodable {
    /// The coordinates of each node.
    var vertices: [[Double]]
    /// The nodes that each cable joins.
    var edges: [[Int]]
    /// The nodes that are held in place.
    var anchors: [Int]
    /// Whether each cable is part of the border.
    var isBoundary: [Bool]
}
