/// What a message says of a thing's name, for patterns that take it up as they do what a topic captures.
struct DescribedName {
    /// What a pattern may have: what people call the thing, and what it is known by.
    static let captures = ["name", "id"]

    /// Both, one behind the other.
    let text: String
    /// Where each stands, in the order of ``captures``.
    let places: [Range<Int>]

    init(_ device: DiscoveredDevice) {
        text = device.name + device.id
        let (name, id) = (device.name.utf8.count, device.id.utf8.count)
        places = [0..<name, name..<(name + id)]
    }
}
