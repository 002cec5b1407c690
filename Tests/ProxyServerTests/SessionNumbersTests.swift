import ProxyWire
import Testing

@testable import ProxyServer

struct SessionNumbersTests {
    @Test func numbersBeginAgainAndAreNeverThoseOfAnOpenSession() {
        var numbers = SessionNumbers(after: CallKey.lastSession - 1)
        #expect(numbers.next(except: []) == CallKey.lastSession)
        // 0 stands for no session, and 1 and 2 are still open.
        #expect(numbers.next(except: [1, 2]) == 3)
        let keys = [1, 3, CallKey.lastSession].map {
            CallKey(session: $0, call: CallKey.limit - 1)
        }
        #expect(Set(keys).count == 3)
        #expect(keys.map(\.session) == [1, 3, CallKey.lastSession])
        #expect(keys.allSatisfy { $0.call == CallKey.limit - 1 })
    }
}
