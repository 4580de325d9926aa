// swift-tools-version: 6.3
import PackageDescription

let checked: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
// What is shipped, and the simulated world. The other tests and the bench call the system's C by
// themselves, to spawn brokers and to wait for many sockets: nobody's data depends on their memory.
let strict = checked + [.strictMemorySafety()]

let package = Package(
    name: "presence-bridge",
    products: [
        .executable(name: "presence-bridge", targets: ["presence-bridge"]),
        .executable(name: "presence", targets: ["PresenceCommand"]),
        .library(name: "PresenceClient", targets: ["PresenceClient"]),
        .library(name: "PresencePlugin", type: .dynamic, targets: ["PresencePlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Of hummingbird the core alone, without what its traits would add.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The words and the wire: names, statuses, topics, requests, answers, JSON.
        .target(name: "Presence", swiftSettings: strict),

        // What other programs publish of their availability, and what it means.
        .target(name: "PresenceAdoption", dependencies: ["Presence"], swiftSettings: strict),

        // What is decided: a value without a clock, a socket or a disk.
        .target(
            name: "PresenceCore",
            dependencies: [
                "Presence", "PresenceAdoption",
                .product(name: "BitCollections", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),

        // The edges: the broker and the disk.
        .systemLibrary(
            name: "CMosquitto",
            pkgConfig: "libmosquitto",
            providers: [.apt(["libmosquitto-dev"]), .brew(["mosquitto"])]
        ),
        .target(name: "Mosquitto", dependencies: ["CMosquitto"], swiftSettings: strict),
        // Replaces `read` and `write` in whatever links it: so the bridge does, and the client library does not.
        .target(name: "CSocketBuffer"),
        .target(
            name: "MosquittoSocketBuffer",
            dependencies: ["Mosquitto", "CSocketBuffer"],
            swiftSettings: strict
        ),
        .target(name: "ServiceNotification", swiftSettings: strict),
        // Requests to HTTP servers: libcurl.
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .target(name: "Curl", dependencies: ["CCurl"], swiftSettings: strict),
        // A database server: libpq.
        .systemLibrary(
            name: "CPostgreSQL",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]
        ),
        .target(name: "PostgreSQL", dependencies: ["CPostgreSQL"], swiftSettings: strict),
        .target(
            name: "PresenceStore",
            dependencies: [
                "Presence", "PostgreSQL",
                .product(name: "BitCollections", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),

        // The HTTP side, which knows the bridge by a protocol alone.
        .target(
            name: "PresenceHTTP",
            dependencies: [
                "Presence",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        // The shell: one thread, one loop, everything is done here.
        .target(
            name: "PresenceBridge",
            dependencies: [
                "Presence", "PresenceAdoption", "PresenceCore", "Mosquitto",
                "MosquittoSocketBuffer", "PresenceHTTP", "PresenceStore", "ServiceNotification",
                "Curl",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "presence-bridge",
            dependencies: [
                "PresenceBridge", "PresenceHTTP", "ServiceNotification",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // For apps: one device of one user.
        .target(
            name: "PresenceClient",
            dependencies: [
                "Presence", "Mosquitto",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // For people: the command line `presence`. Its module has a name of its own, since file
        // systems that do not tell letters by case would take it for the module Presence.
        .executableTarget(
            name: "PresenceCommand",
            dependencies: [
                "PresenceClient", "Presence", "Curl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // A plugin for the broker itself: what it decides, and the shell that mosquitto loads. Its
        // functions are the broker's own, so nothing is linked.
        .systemLibrary(
            name: "CMosquittoBroker",
            providers: [.apt(["mosquitto-dev", "libmosquitto-dev"]), .brew(["mosquitto"])]
        ),
        .target(
            name: "PresencePluginCore",
            dependencies: [
                "Presence",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PresencePlugin",
            dependencies: ["Presence", "PresencePluginCore", "CMosquittoBroker"],
            swiftSettings: strict,
            // Released with Swift's own libraries in it, so that a broker loads it on a machine
            // without Swift; and never unmapped, since a runtime cannot be taken out of a process.
            linkerSettings: [
                .unsafeFlags(["-static-stdlib"], .when(configuration: .release)),
                .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "nodelete"]),
            ]
        ),

        // A small app on the client library, to read and to copy.
        .executableTarget(
            name: "roster",
            dependencies: ["PresenceClient"],
            path: "examples/swift",
            exclude: ["README.md"],
            swiftSettings: strict
        ),

        // What follows from a seed, for everything below. Optimized, since worlds are made of it.
        .target(
            name: "Chance",
            path: "Tests/Chance",
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),

        // A real mosquitto on a free loopback port, for the tests that need one.
        .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),
        .target(
            name: "BrokerFixture",
            dependencies: ["Mosquitto", "CSpawn"],
            path: "Tests/BrokerFixture",
            swiftSettings: checked
        ),
        // A real PostgreSQL, reached by a socket in a folder of its own.
        .target(
            name: "DatabaseFixture",
            dependencies: ["BrokerFixture"],
            path: "Tests/DatabaseFixture",
            swiftSettings: checked
        ),
        // The bridge in a simulated world: broker, disk, time and clients from one seed.
        .target(
            name: "Simulation",
            dependencies: [
                "Chance", "Presence", "PresenceAdoption", "PresenceCore", "PresenceBridge",
                "PresenceStore", "PresencePluginCore", "Mosquitto", "Curl",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Simulation",
            // Optimized in debug builds, too: hundreds of seeds are part of every test run.
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/simulate",
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "Presence", "PresenceCore", "PresenceBridge", "PresenceStore",
                "Mosquitto", "BrokerFixture", "DatabaseFixture", "PostgreSQL", "simulate",
            ],
            swiftSettings: checked
        ),

        // Many clients on one thread, for chaos and load.
        .systemLibrary(name: "CEpoll", path: "Tests/CEpoll"),
        .target(
            name: "Crowd",
            dependencies: ["Chance", "Mosquitto", "Presence", "CEpoll"],
            path: "Tests/Crowd",
            swiftSettings: checked
        ),

        // What comes in to a core that serves many users, for the bench and the counts.
        .target(
            name: "CoreLoad",
            dependencies: ["Chance", "Presence", "PresenceCore"],
            path: "Tests/CoreLoad",
            swiftSettings: checked
        ),
        // The core's hot paths, each repeated, for a count of their instructions.
        .executableTarget(
            name: "core-counts",
            dependencies: ["CoreLoad", "Presence", "PresenceAdoption", "PresenceCore"],
            path: "Tests/CoreCounts",
            swiftSettings: strict
        ),
        .testTarget(name: "CountsTests", exclude: ["counts.txt"], swiftSettings: checked),

        // The bridge beside its yardsticks: rates, times and memory.
        .executableTarget(
            name: "presence-bench",
            dependencies: [
                "Chance", "Presence", "PresenceAdoption", "PresenceCore", "PresenceStore",
                "CMosquitto", "BrokerFixture", "Crowd", "CoreLoad", "DatabaseFixture", "PostgreSQL",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Benchmarks",
            swiftSettings: checked
        ),

        // Mutated inputs for everything that reads what others wrote, and what must hold then.
        .target(
            name: "Fuzzing",
            dependencies: [
                "Chance", "Presence", "PresenceCore", "PresenceStore", "PresenceBridge",
                "PresenceHTTP", "PresencePluginCore", "PresenceClient", "Mosquitto",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/Fuzzing",
            exclude: ["README.md"],
            swiftSettings: checked
        ),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Fuzzing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/FuzzCommand",
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["Fuzzing", "Presence"],
            resources: [.copy("Cases")],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceBenchTests",
            dependencies: ["presence-bench", "presence-bridge", "BrokerFixture"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceTests",
            dependencies: ["Presence", "Chance"],
            swiftSettings: checked
        ),
        // What real programs have sent of their availability.
        .target(
            name: "AdoptionCaptures",
            path: "Tests/AdoptionCaptures",
            exclude: ["wire.log"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceAdoptionTests",
            dependencies: ["PresenceAdoption", "Presence", "AdoptionCaptures"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceCoreTests",
            dependencies: ["PresenceCore", "PresenceAdoption", "AdoptionCaptures", "Chance"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceClientTests",
            dependencies: ["PresenceClient", "Presence"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PostgreSQLTests",
            dependencies: ["PostgreSQL", "DatabaseFixture"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceStoreTests",
            dependencies: [
                "PresenceStore", "PostgreSQL", "Chance", "BrokerFixture", "DatabaseFixture",
            ],
            exclude: ["Files"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "MosquittoTests",
            dependencies: ["Mosquitto", "BrokerFixture"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceBridgeTests",
            dependencies: [
                "PresenceBridge", "PresenceAdoption", "PresenceCore", "PresenceHTTP",
                "PresenceStore", "PresencePluginCore",
                "Presence",
                "Curl", "Mosquitto", "MosquittoSocketBuffer", "BrokerFixture", "Chance",
                "Simulation",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceHTTPTests",
            dependencies: [
                "PresenceHTTP", "Presence", "BrokerFixture",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresencePluginTests",
            dependencies: ["PresencePluginCore", "Presence"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Presence", "PresenceClient", "Mosquitto", "BrokerFixture", "DatabaseFixture",
                "AdoptionCaptures", "presence-bridge",
                "PresenceCommand", "roster",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Peers/device.py", "Adoption/Programs"],
            swiftSettings: checked
        ),
        // Runs the tests in Tests/JavaScript.
        .testTarget(
            name: "WebTests",
            dependencies: ["BrokerFixture", "presence-bridge"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "PresenceCommandTests",
            dependencies: ["PresenceCommand", "PresenceClient", "Presence"],
            swiftSettings: checked
        ),
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "Chance", "Presence", "Mosquitto", "BrokerFixture", "DatabaseFixture", "Crowd",
                "presence-bridge",
            ],
            swiftSettings: checked
        ),
    ],
    swiftLanguageModes: [.v6]
)
