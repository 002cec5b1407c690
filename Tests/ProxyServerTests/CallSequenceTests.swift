import Testing

@testable import ProxyServer

/// Before which calls files are looked at. Times in nanoseconds.
struct CallSequenceTests {
    @Test func aClientThatCallsAtOnceHasSavedNothing() {
        let sequence = CallSequence()
        sequence.arrived(1)
        sequence.answers(at: 1_000_000)
        sequence.arrived(1)
        let mayFollow = sequence.mayFollowASave(at: 1_007_000)
        #expect(!mayFollow)
    }

    @Test func aClientThatTakesLongerMayHaveSavedAFile() {
        let sequence = CallSequence()
        sequence.arrived(1)
        sequence.answers(at: 1_000_000)
        sequence.arrived(1)
        let mayFollow = sequence.mayFollowASave(at: 1_023_000)
        #expect(mayFollow)
    }

    @Test func theFirstCallMayFollowASave() {
        let sequence = CallSequence()
        sequence.arrived(1)
        let mayFollow = sequence.mayFollowASave(at: 1_000_000)
        #expect(mayFollow)
    }

    @Test func callsAtTheSameTimeMayFollowASaveFromThenOn() {
        let sequence = CallSequence()
        sequence.arrived(1)
        sequence.arrived(1)
        sequence.answers(at: 1_000_000)
        sequence.answers(at: 1_000_000)
        sequence.arrived(1)
        let mayFollow = sequence.mayFollowASave(at: 1_001_000)
        #expect(mayFollow)
    }
}
