/// What a store holds that it cannot hold.
struct Damage: Error {
    let reason: String
}
