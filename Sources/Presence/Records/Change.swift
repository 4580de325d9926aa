/// One step by which what is stored changes; a store replays itself as `put` steps.
public enum Change: Hashable, Sendable {
    /// Adds the user or replaces what is stored of it.
    case putUser(UserRecord)
    /// Takes the user away. Its devices and subscriptions have gone before.
    case removeUser(UserID)
    /// Adds the device or replaces it.
    case putDevice(DeviceRecord)
    /// Takes the device away, if it is there.
    case removeDevice(user: UserID, name: Name)
    /// Adds the subscription or replaces its end.
    case putSubscription(SubscriptionRecord)
    /// Takes the subscription away, if it is there.
    case removeSubscription(watcher: UserID, user: UserID)
    /// Replaces what is stored of the broker.
    case putBroker(BrokerRecord)
    /// Changes the change log.
    case log(LogStep)
}
