import Presence

/// What others need to know of what readings have found on device topics.
protocol ReadTopics {
    /// The devices whose topic should be there and was not found.
    func missing(in reading: ReadingID) -> [DeviceRecord.Key]

    /// The same, of some users' devices.
    func missing(of users: some Sequence<UserID>, in reading: ReadingID) -> [DeviceRecord.Key]

    /// Which of some topics a reading has not found either, which another had not found.
    func missing(
        among keys: some Sequence<DeviceRecord.Key>,
        in reading: ReadingID
    ) -> [DeviceRecord.Key]

    /// Which of some topics have not been found or heard since a reading began, each once.
    func unread(
        _ keys: some Sequence<DeviceKey>,
        since reading: ReadingID,
        _ names: Names
    ) -> [DeviceKey]
}

extension Devices: ReadTopics {
    func missing(in reading: ReadingID) -> [DeviceRecord.Key] { missing(of: all, in: reading) }
}
