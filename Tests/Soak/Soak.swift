import ArgumentParser

/// Many clients, mixed calls, and everything that goes wrong in production, for a bounded time.
@main
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let servers and clients die at random, and count what is lost.",
        subcommands: [SoakRun.self, SoakClient.self, SoakScopes.self],
        defaultSubcommand: SoakRun.self)
}
