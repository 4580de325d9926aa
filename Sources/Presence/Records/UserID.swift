/// The number that stands for a user's name, in memory and in the store: from 1; 0 is
/// ``everyone``.
public typealias UserID = UInt32

extension UserID {
    /// In a subscription's place of the user watched: the subscription to every user.
    public static let everyone: UserID = 0
}
