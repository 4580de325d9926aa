import Presence
import PresenceAdoption

/// The number of a device that was described; 0 stands for none.
typealias DiscoveredNumber = UInt32

/// What discovery messages have described: devices, what each is called, and what tells whether it is there.
///
/// Whatever the order in which messages come, the same devices have the same names.
struct DiscoveredTable: Sendable {
    /// A device, and how many messages say that it goes by what.
    struct Device: Sendable {
        let id: ExactText
        /// Which device of which user it is; `nil` where another device has that name.
        var key: DeviceKey?
        /// What messages call it.
        fileprivate(set) var names = DiscoveredNames()
        fileprivate(set) var uses: [(availability: Int, count: Int)] = []

        /// The line that describes it.
        var rule: Int { names.best?.rule ?? 0 }
    }

    /// What a message has said: that a device goes by something.
    private struct Use: Equatable, Sendable {
        let device: DiscoveredNumber
        let availability: Int
    }

    private struct Config: Sendable {
        var uses: [Use]
        var names: [(device: DiscoveredNumber, name: DiscoveredNames.Name)]
        /// What tells its payload from another one; `nil` where there was no room for all of it, so that it is taken
        /// anew when it is found again.
        let hash: Int?
        var reading: ReadingID
    }

    private let bounds: AdoptionBounds
    private var configs: [ExactText: Config] = [:]
    private var numbers: [ExactText: DiscoveredNumber] = [:]
    private var owners: [DeviceKey: DiscoveredNumber] = [:]
    /// The devices that have no name since the one that is called alike has it.
    private var rivals: [DeviceKey: [DiscoveredNumber]] = [:]
    private var devices: [Device?] = [nil]
    private var freeDevices: [DiscoveredNumber] = []
    private var bytes = 0
    /// What tells whether devices are there.
    var topics: DiscoveredTopics

    init(_ bounds: AdoptionBounds = AdoptionBounds()) {
        self.bounds = bounds
        topics = DiscoveredTopics(bounds)
    }

    // MARK: - What is asked

    var isEmpty: Bool { configs.isEmpty && topics.isEmpty }
    func describes(_ topic: ExactText) -> Bool { configs[topic] != nil }

    subscript(number: DiscoveredNumber) -> Device? {
        Int(number) < devices.count ? devices[Int(number)] : nil
    }

    /// Whether a device is there; `nil` as long as that is not known.
    ///
    /// It is as long as one of its entities is available.
    func state(of number: DiscoveredNumber) -> Bool? {
        let states = self[number]?.uses.map { topics.state(of: $0.availability) } ?? []
        return states.contains(true) ? true : states.contains(false) ? false : nil
    }

    /// Whether no topic has said anything of a device.
    func isSilent(_ number: DiscoveredNumber) -> Bool {
        self[number]?.uses.allSatisfy { topics.isSilent($0.availability) } ?? true
    }

    /// The topics that tell of a device and are listened to for that alone.
    func topics(of number: DiscoveredNumber) -> [String] {
        let named = self[number]?.uses.flatMap { topics.topics(of: $0.availability) }
        return Set(named ?? []).map(\.text).sorted()
    }

    // MARK: - What messages describe

    /// What has come of a message.
    struct Outcome: Sendable {
        /// Devices of which it says something new.
        var changed: [DiscoveredNumber] = []
        /// Devices that nothing describes any more.
        var gone: [DeviceKey] = []
        /// Devices whose names another one has.
        var nameless: [(device: DiscoveredNumber, key: DeviceKey)] = []
        /// Whether there is no room for all of it.
        var isFull = false
        /// The topics that are read in too many ways already.
        var crowded: [String] = []
    }

    /// A message describes some devices, or none any more.
    ///
    /// - Parameters:
    ///   - described: The devices, and which device of which user each is.
    ///   - hash: What tells the payload from another one; `nil` where the topic was emptied.
    ///   - isRead: Whether a line reads a topic already.
    mutating func describe(
        _ message: ExactText,
        _ described: [(device: DiscoveredDevice, key: DeviceKey)],
        hash: Int?,
        by rule: Int,
        qos: UInt8,
        reading: ReadingID,
        isRead: (String) -> Bool
    ) -> Outcome {
        var outcome = Outcome()
        let before = configs[message]
        if hash != nil, before == nil, configs.count >= bounds.messages || isFull {
            outcome.isFull = true
            return outcome
        }
        var config = Config(uses: [], names: [], hash: nil, reading: reading)
        for (device, key) in described {
            guard let number = number(of: device) else {
                outcome.isFull = true
                continue
            }
            let name = DiscoveredNames.Name(key: key, isGiven: device.isNamed, rule: rule)
            devices[Int(number)]?.names.add(name)
            config.names.append((number, name))
            outcome.changed.append(number)
            for what in device.availabilities {
                let keeping = topics.keep(
                    what,
                    qos: qos,
                    reading: reading,
                    hasRoom: !isFull,
                    isRead: isRead
                )
                switch keeping {
                case .at(let place):
                    let use = Use(device: number, availability: place)
                    guard !config.uses.contains(use) else { continue }
                    add(use)
                    config.uses.append(use)
                case .full: outcome.isFull = true
                case .tooManyWays(let topic): outcome.crowded.append(topic)
                }
            }
        }
        for use in before?.uses ?? [] { remove(use, &outcome) }
        for (number, name) in before?.names ?? [] {
            devices[Int(number)]?.names.remove(name)
            if !outcome.changed.contains(number) { outcome.changed.append(number) }
        }
        keep(hash == nil ? nil : config, hash, of: message, isWhole: outcome.isWhole)
        for number in outcome.changed { settleName(of: number, &outcome) }
        outcome.changed.removeAll { self[$0] == nil }
        return outcome
    }

    private mutating func keep(
        _ config: Config?,
        _ hash: Int?,
        of message: ExactText,
        isWhole: Bool
    ) {
        let before = configs.removeValue(forKey: message)
        if before != nil { bytes -= Self.cost(of: message, before) }
        guard let config else { return }
        configs[message] = Config(
            uses: config.uses,
            names: config.names,
            hash: isWhole ? hash : nil,
            reading: config.reading
        )
        bytes += Self.cost(of: message, config)
    }

    private static func cost(of message: ExactText, _ config: Config?) -> Int {
        DiscoveredTopics.cost(of: message.text)
            + (config?.names.count ?? 0) * MemoryLayout<DiscoveredNames.Name>.stride
    }

    /// Whether a message was taken as it is: to read it again brings nothing.
    func has(_ message: ExactText, hash: Int) -> Bool { configs[message]?.hash == hash }

    /// A message was found again and has nothing new, or nothing that can be taken.
    mutating func find(_ message: ExactText, reading: ReadingID) {
        guard let known = configs[message]?.reading else { return }
        configs[message]?.reading = max(known, reading)
    }

    private var isFull: Bool { bytes + topics.bytes >= bounds.bytes }

    private mutating func number(of device: DiscoveredDevice) -> DiscoveredNumber? {
        if let number = numbers[device.exactID] { return number }
        guard numbers.count < bounds.devices, !isFull else { return nil }
        let number = freeDevices.popLast() ?? DiscoveredNumber(devices.count)
        if Int(number) == devices.count { devices.append(nil) }
        devices[Int(number)] = Device(id: device.exactID)
        numbers[device.exactID] = number
        bytes += DiscoveredTopics.cost(of: device.id)
        return number
    }

    private mutating func add(_ use: Use) {
        let number = Int(use.device)
        let uses = devices[number]?.uses ?? []
        if let index = uses.firstIndex(where: { $0.availability == use.availability }) {
            devices[number]?.uses[index].count += 1
        } else {
            devices[number]?.uses.append((use.availability, 1))
            topics.add(use.device, to: use.availability)
        }
    }

    private mutating func remove(_ use: Use, _ outcome: inout Outcome) {
        let number = Int(use.device)
        guard let device = devices[number],
            let index = device.uses.firstIndex(where: { $0.availability == use.availability })
        else { return }
        guard device.uses[index].count == 1 else {
            devices[number]?.uses[index].count -= 1
            return
        }
        devices[number]?.uses.remove(at: index)
        topics.remove(use.device, from: use.availability)
        if !outcome.changed.contains(use.device) { outcome.changed.append(use.device) }
    }

    // MARK: - What devices are called

    /// A device takes the name that messages give it now; one that no message describes any more is forgotten.
    private mutating func settleName(of number: DiscoveredNumber, _ outcome: inout Outcome) {
        guard let device = self[number] else { return }
        let wanted = device.names.best?.key
        guard wanted != device.names.sought else { return }
        if let former = device.names.sought { release(former, of: number, &outcome) }
        devices[Int(number)]?.names.sought = wanted
        guard let wanted else {
            devices[Int(number)] = nil
            numbers[device.id] = nil
            freeDevices.append(number)
            bytes -= DiscoveredTopics.cost(of: device.id.text)
            return
        }
        seek(wanted, for: number, &outcome)
    }

    /// A device is to have a name: of several that are called alike the one with the least identifier has it.
    private mutating func seek(
        _ key: DeviceKey,
        for number: DiscoveredNumber,
        _ outcome: inout Outcome
    ) {
        guard let owner = owners[key] else { return own(key, number) }
        let loser = precedes(number, owner) ? owner : number
        rivals[key, default: []].append(loser)
        outcome.nameless.append((loser, key))
        guard loser == owner else { return }
        devices[Int(owner)]?.key = nil
        own(key, number)
    }

    private mutating func own(_ key: DeviceKey, _ number: DiscoveredNumber) {
        owners[key] = number
        devices[Int(number)]?.key = key
    }

    /// A device has a name no more, and whoever is called so takes it.
    private mutating func release(
        _ key: DeviceKey,
        of number: DiscoveredNumber,
        _ outcome: inout Outcome
    ) {
        guard owners[key] == number else {
            rivals[key]?.removeAll { $0 == number }
            if rivals[key]?.isEmpty == true { rivals[key] = nil }
            return
        }
        owners[key] = nil
        devices[Int(number)]?.key = nil
        outcome.gone.append(key)
        guard var waiting = rivals[key], let next = waiting.min(by: precedes) else { return }
        waiting.removeAll { $0 == next }
        rivals[key] = waiting.isEmpty ? nil : waiting
        own(key, next)
        outcome.changed.append(next)
    }

    private func precedes(_ one: DiscoveredNumber, _ other: DiscoveredNumber) -> Bool {
        guard let one = self[one]?.id.text, let other = self[other]?.id.text else { return false }
        return one.utf8.lexicographicallyPrecedes(other.utf8)
    }

    // MARK: - Readings

    /// Something was found on a device's topics by an earlier process, and nothing by this one.
    mutating func expect(_ number: DiscoveredNumber) {
        for use in self[number]?.uses ?? [] { topics.expect(use.availability) }
    }

    /// What a reading of everything should have found and has not.
    func missing(in reading: ReadingID) -> [String] {
        let messages = configs.filter { !$0.value.uses.isEmpty && $0.value.reading < reading }
        return (messages.map(\.key.text) + topics.missing(in: reading)).sorted()
    }

    /// Other messages that describe something.
    func messages(besides asked: Set<String>, _ most: Int) -> [String] {
        Array(configs.keys.lazy.map(\.text).filter { !asked.contains($0) }.prefix(most))
    }

    /// Whether a reading, in which a message was asked for alone, has not found it though it was there once.
    func lacks(_ message: ExactText, in reading: ReadingID) -> Bool {
        configs[message].map { $0.reading < reading } ?? false
    }
}

extension DiscoveredTable.Outcome {
    /// Whether there was room for all of it.
    fileprivate var isWhole: Bool { !isFull && crowded.isEmpty }
}
