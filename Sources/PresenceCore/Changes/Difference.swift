import Presence

/// By what a user's status differs from an earlier one, as far as the change log tells kinds of change apart.
struct Difference: Hashable, Sendable {
    private let wasOnline: Bool
    private var hasOtherWord: Bool
    private var hasOtherDescription: Bool

    init(from before: Visible, to after: Visible) {
        wasOnline = !before.devices.isEmpty
        hasOtherWord = before.devices.foremost != after.devices.foremost
        hasOtherDescription = before.description != after.description
    }

    /// What the kind of the change is that leads to a user who is online or not.
    func kind(isOnline: Bool) -> LoggedChange.Kind {
        if isOnline != wasOnline { return isOnline ? .online : .offline }
        if hasOtherWord { return .status }
        return hasOtherDescription ? .description : .devices
    }

    /// This one and then another: one difference.
    func followed(by other: Difference) -> Difference {
        var both = self
        both.hasOtherWord = hasOtherWord || other.hasOtherWord
        both.hasOtherDescription = hasOtherDescription || other.hasOtherDescription
        return both
    }
}
