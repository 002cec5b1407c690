/// What clients and a server that listens on TCP must know of each other: two secrets from a file that
/// only their user can read.
///
/// The client shows the first one, and the server answers with the second. Who listens on the port of a
/// server that has died learns a secret that no server accepts any more, and cannot answer.
package struct Token: Sendable {
    /// What the client shows.
    package let claim: String
    /// What the server answers with.
    package let proof: String

    /// - Parameter text: the content of the token file: the two secrets, each on a line.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 2, lines.allSatisfy({ $0.utf8.count >= 32 }) else { return nil }
        claim = String(lines[0])
        proof = String(lines[1])
    }

    /// Whether a client knows the secret. Takes the same time whatever the text is.
    package func accepts(_ text: String) -> Bool { Self.areEqual(text, claim) }

    /// Whether a server knows the secret. Takes the same time whatever the text is.
    package func isProved(by text: String) -> Bool { Self.areEqual(text, proof) }

    private static func areEqual(_ text: String, _ secret: String) -> Bool {
        let (bytes, secret) = (Array(text.utf8), Array(secret.utf8))
        var difference = UInt8(bytes.count == secret.count ? 0 : 1)
        for (index, byte) in secret.enumerated() {
            difference |= byte ^ (index < bytes.count ? bytes[index] : 0)
        }
        return difference == 0
    }
}
