import Foundation
import PythonProxy

/// A row of the table.
private struct Trip: Decodable {
    var tripId: Int
    var vendor: String
    var pickup: Date
    var passengerCount: Int
    var distance: Double
    var fare: Double
    var tip: Double?
    var payment: String
}

/// Rows of a table as structs.
extension ProxyBenchmark {
    /// A DataFrame as `count` structs: as JSON text that is decoded here, and as the rows themselves, in turns.
    func timeRows() async throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .secondsSince1970
        try await withProxy(
            "rows_peer", python: PythonEnvironment(python), path: path
        ) { [count, runs] peer in
            let clock = ContinuousClock()
            for turn in 0...runs {
                var start = clock.now
                let text: String = try await peer.as_json(count)
                let expected = try decoder.decode([Trip].self, from: Data(text.utf8))
                let jsonDuration = clock.now - start
                start = clock.now
                let trips: [Trip] = try await peer.trips(count)
                let duration = clock.now - start
                precondition(trips.count == count && expected.count == count)
                precondition(trips[count - 1].pickup == expected[count - 1].pickup)
                precondition(trips[count - 1].tip == expected[count - 1].tip)
                // The first one imports pandas and reads the table.
                guard turn > 0 else { continue }
                print("floor", jsonDuration.nanoseconds)
                print("pythonproxy", duration.nanoseconds)
            }
        }
    }
}
