import Presence

/// Collects the devices of one message.
struct DiscoveryReader {
    private(set) var devices: [DiscoveredDevice] = []
    private(set) var leftOut: [String] = []
    /// How many different availabilities there are, and how many entities were read.
    private var count = 0
    private var entities = 0

    /// Reads a message of one entity.
    mutating func readEntity(_ object: DiscoveryObject, _ place: String) {
        let device = object["device", "dev"]?.object.map { DiscoveryObject($0) }
        let child = device?["child_device", "cdev"]?.object.map { DiscoveryObject($0) }
        add(object, to: child ?? device, place, base: object.base)
    }

    /// Reads a message of a device: what it says of availability holds for each entity that says nothing of its own.
    mutating func readDevice(_ object: DiscoveryObject, _ place: String) {
        let device = object["device", "dev"]?.object.map { DiscoveryObject($0) }
        readComponents(of: object, device, place, shared: object)
        for case .object(let child) in object["child_devices", "cdevs"]?.array ?? [] {
            let child = DiscoveryObject(child)
            readComponents(of: child, child, place, shared: object)
        }
    }

    private mutating func readComponents(
        of object: DiscoveryObject,
        _ device: DiscoveryObject?,
        _ place: String,
        shared: DiscoveryObject
    ) {
        guard let components = object["components", "cmps"]?.object else { return }
        for (_, value) in components.entries {
            guard case .object(let members) = value else { continue }
            let component = DiscoveryObject(members)
            // One with its platform alone is removed by that.
            guard members.keys.count > 1 else { continue }
            let platform = component["platform", "p"]?.string
            guard platform != "tag", platform != "device_automation" else { continue }
            add(component.over(shared), to: device, place, base: component.base ?? shared.base)
        }
    }

    private mutating func add(
        _ entity: DiscoveryObject,
        to device: DiscoveryObject?,
        _ place: String,
        base: String?
    ) {
        entities += 1
        guard entities <= DiscoveryMessage.mostEntities else {
            return leftOut.leaveOut("what is past \(DiscoveryMessage.mostEntities) entities")
        }
        let most = DiscoveryMessage.mostAvailabilities
        guard count < most else {
            return leftOut.leaveOut("what is past \(most) different availabilities")
        }
        let id = device?.identity ?? place
        guard id.utf8.count <= DiscoveryMessage.longestText else {
            return leftOut.leaveOut(
                "an identifier of more than \(DiscoveryMessage.longestText) bytes"
            )
        }
        let availability: DiscoveredAvailability?
        do throws(AdoptionFault) {
            availability = try entity.availability(base: base, &leftOut)
        } catch {
            return leftOut.leaveOut(error.reason)
        }
        guard let availability else { return }
        let index = devices.firstIndex { $0.exactID == ExactText(id) }
        guard let index else {
            count += 1
            let name = device?["name", "name"]?.string ?? ""
            let isName = (1...DiscoveryMessage.longestText).contains(name.utf8.count)
            return devices.append(
                DiscoveredDevice(id: id, name: isName ? name : nil, availabilities: [availability])
            )
        }
        guard !devices[index].availabilities.contains(availability) else { return }
        count += 1
        devices[index].availabilities.append(availability)
    }
}
