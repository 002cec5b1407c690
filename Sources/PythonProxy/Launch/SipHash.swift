/// SipHash-2-4, a hash with a key: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.
///
/// Swift's own `Hasher` has another key in every process.
struct SipHash {
    let key: (UInt64, UInt64)

    func callAsFunction(_ bytes: [UInt8]) -> UInt64 {
        var v0 = key.0 ^ 0x736F_6D65_7073_6575
        var v1 = key.1 ^ 0x646F_7261_6E64_6F6D
        var v2 = key.0 ^ 0x6C79_6765_6E65_7261
        var v3 = key.1 ^ 0x7465_6462_7974_6573

        func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
            value << count | value >> (64 - count)
        }
        func rounds(_ count: Int) {
            for _ in 0..<count {
                v0 &+= v1
                v1 = rotate(v1, 13) ^ v0
                v0 = rotate(v0, 32)
                v2 &+= v3
                v3 = rotate(v3, 16) ^ v2
                v0 &+= v3
                v3 = rotate(v3, 21) ^ v0
                v2 &+= v1
                v1 = rotate(v1, 17) ^ v2
                v2 = rotate(v2, 32)
            }
        }
        func take(_ word: UInt64) {
            v3 ^= word
            rounds(2)
            v0 ^= word
        }

        let whole = bytes.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            take((0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) })
        }
        var last = UInt64(bytes.count & 0xFF) << 56
        for (index, byte) in bytes[whole...].enumerated() {
            last |= UInt64(byte) << (8 * UInt64(index))
        }
        take(last)
        v2 ^= 0xFF
        rounds(4)
        return v0 ^ v1 ^ v2 ^ v3
    }
}
