/// The number that stands for each kind of change in a journal.
///
/// A number never gets another meaning, since a journal may have been written by an earlier release.
enum ChangeKind: UInt8, CaseIterable {
    case putBroker = 1
    case putUser = 2
    case removeUser = 3
    case putDevice = 4
    case removeDevice = 5
    case putSubscription = 6
    case removeSubscription = 7
    case putLogged = 8
    case eraseLogged = 9
    case putLogEnd = 10
    case putWebhook = 11
    case removeWebhook = 12
}
