import Simulation

extension AdoptedThing {
    static let plug = AdoptedThing(user: "plug", device: "d", topic: "tele/p/LWT")
    static let hub = AdoptedThing(user: "z", device: "d", topic: "z/state")
    static let lamp: AdoptedThing = {
        var lamp = AdoptedThing(user: "lamp", device: "d", topic: "z/lamp")
        lamp.gateway = "z/state"
        return lamp
    }()
    static let home: AdoptedThing = {
        var home = AdoptedThing(user: "home", device: "d", topic: "home/status")
        home.isRetained = false
        return home
    }()
    static let roof: AdoptedThing = {
        var roof = AdoptedThing(user: "roof", device: "d", topic: "eco/word")
        (roof.ttl, roof.signs) = (20_000, "eco/sign")
        return roof
    }()
    static let cell: AdoptedThing = {
        var cell = AdoptedThing(user: "cell", device: "d", topic: "tele/c/LWT")
        cell.sleeps = "tele/c/DEEPSLEEP"
        return cell
    }()
}
