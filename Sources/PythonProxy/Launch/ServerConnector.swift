import Foundation
import ProxyTransport
import ProxyWire

/// Connects to a server that is there, and shakes hands with it. Blocks.
struct ServerConnector {
    let place: ServerPlace
    /// The server that is meant; nil if any will do.
    let identity: ServerIdentity?
    /// How long the server may take to answer.
    let milliseconds: Int
    let role: ClientRole
    var cancellation = CancellationFlag()

    /// Nobody listens, or the server that did is just ending.
    struct NobodyThere: Error {
        let address: ServerAddress

        var proxyError: ProxyError {
            .serverUnavailable(
                "no server listens at \(address); 'pyproxy list' shows those that run")
        }
    }

    /// Somebody listens, and does not answer in time.
    struct NotAnswering: Error {
        let address: ServerAddress
        /// Who listens, if the system says it.
        let process: Int32?

        var proxyError: ProxyError {
            .serverUnavailable(
                "the server at \(address)" + (process.map { " (process \($0))" } ?? "")
                    + " does not answer; end it with 'pyproxy stop"
                    + (process.map { " \($0)'" } ?? "'"))
        }
    }

    /// - Throws: `NobodyThere`, `NotAnswering`, `ProxyError`, `CancellationError`.
    func connect() throws -> EstablishedConnection {
        let descriptor: Descriptor
        do { descriptor = try place.address.connect() } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .connectionRefused:
                throw NobodyThere(address: place.address)
            default: throw ProxyError.serverUnavailable("\(error)")
            }
        }
        let peer = PeerProcess(of: descriptor.number)?.identifier
        return try connect(over: descriptor, to: peer)
    }

    /// Shakes hands over a socket that is connected.
    ///
    /// - Parameter peer: the process at its other end, if that is known.
    /// - Throws: as `connect()`.
    func connect(
        over descriptor: consuming Descriptor, to peer: Int32?
    ) throws -> EstablishedConnection {
        let channel = Channel(descriptor, payloadLimit: Limits.handshakeLength)
        let welcome = try cancellation.run(
            onCancel: { channel.close() }, { try shakeHands(over: channel, with: peer) })
        return EstablishedConnection(
            channel: channel, welcome: welcome, limits: limits, place: place)
    }

    private func shakeHands(over channel: Channel, with peer: Int32?) throws -> Welcome {
        let token = try token(watching: channel)
        let name = ProcessInfo.processInfo.processName
        channel.send(
            Hello(
                client: "\(name) (\(getpid()))", identity: identity, limits: limits,
                token: token?.claim ?? "", role: role
            ).frame())
        let answer: InboundFrame?
        do { answer = try channel.receive(milliseconds: milliseconds) } catch let error as WireError
        {
            throw ProxyError.protocolViolation(
                "what listens at \(place.address) is no server of this kind (\(error))")
        } catch let error as SystemError where error.errno == .timedOut {
            throw NotAnswering(address: place.address, process: peer)
        } catch { throw NobodyThere(address: place.address) }
        guard let answer else { throw NobodyThere(address: place.address) }
        let welcome = try welcome(in: answer)
        guard token?.isProved(by: welcome.proof) ?? true else {
            throw ProxyError.serverUnavailable(
                "what listens at \(place.address) does not know the server's token, and is not "
                    + "trusted; find out what it is, or choose another port")
        }
        return welcome
    }

    /// What this side accepts: no shared memory over TCP, which passes no descriptors.
    var limits: Limits {
        place.address.sharesMemory ? Limits() : Limits(segmentLength: 0)
    }

    private func token(watching channel: Channel) throws -> Token? {
        guard let path = place.tokenPath else { return nil }
        if let token = place.token() { return token }
        // A server that is just ending takes its token with it, and then hangs up.
        if channel.waitForBytes(milliseconds: 500),
            (try? channel.receive(milliseconds: 500)) == nil
        {
            throw NobodyThere(address: place.address)
        }
        throw ProxyError.serverUnavailable(
            "something listens at \(place.address), but there is no token of a server of yours in "
                + "\(path); choose another port")
    }

    private func welcome(in answer: InboundFrame) throws -> Welcome {
        do {
            switch answer.kind {
            case .welcome:
                return try answer.read(limits: Limits()) { try Welcome(from: &$0) }
            case .refusal, .goodbye:
                let closing = try answer.read(limits: Limits()) { try Closing(from: &$0) }
                if closing.reason == .shutdown { throw NobodyThere(address: place.address) }
                throw ProxyError.serverUnavailable(
                    "the server at \(place.address) refuses the connection: \(closing.message)")
            default:
                throw ProxyError.protocolViolation("a \(answer.kind) frame instead of a welcome")
            }
        } catch let error as WireError {
            throw ProxyError.protocolViolation("\(error)")
        }
    }
}
