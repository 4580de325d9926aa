import Presence

/// A transaction of which nobody has said whether it was done.
///
/// Who wanted it was told that nothing was stored. Where it was done all the same, it is undone before anything else
/// is: what stays would come back with the next start.
struct Doubt {
    /// The number of the transaction before it.
    let base: Int64
    /// What puts back what the transaction would have changed, and what is not written again by itself.
    let undoing: [Change]
    /// How often it was tried to undo it.
    var tries: Int64 = 0

    /// Which numbers the last transaction has where it was done.
    var numbers: ClosedRange<Int64> { base + 1...base + 1 + tries }
}
