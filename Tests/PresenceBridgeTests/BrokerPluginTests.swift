import Testing

@testable import PresenceBridge

@Suite("What the bridge knows of the plugin in the broker")
struct BrokerPluginTests {
    @Test("It is there from its answer on, and for that connection")
    func present() {
        var plugin = BrokerPlugin()
        #expect(plugin.connect() == true)
        #expect(!plugin.isPresent)
        #expect(plugin.acknowledge(isFailure: false) == false)
        #expect(!plugin.isPresent)
        plugin.answer()
        #expect(plugin.isPresent)
        #expect(plugin.acknowledge(isFailure: false) == false)
        #expect(plugin.isPresent)
        #expect(plugin.connect() == true)
        #expect(!plugin.isPresent)
    }

    @Test("On a connection on which nobody may ask there is none, whatever there was before")
    func notAsked() {
        var plugin = BrokerPlugin()
        _ = plugin.connect()
        plugin.answer()
        #expect(plugin.connect(mayAsk: false) == false)
        #expect(!plugin.isPresent)
        #expect(!plugin.isGivenUp)
    }

    @Test("An answer may come before the broker has acknowledged the question")
    func early() {
        var plugin = BrokerPlugin()
        _ = plugin.connect()
        plugin.answer()
        _ = plugin.acknowledge(isFailure: false)
        #expect(plugin.isPresent)
    }

    @Test("A question that is refused is no complaint; a fan-out that is refused is one, once")
    func refused() {
        var plugin = BrokerPlugin()
        _ = plugin.connect()
        #expect(plugin.acknowledge(isFailure: true) == false)
        plugin.answer()
        #expect(plugin.acknowledge(isFailure: true) == true)
        #expect(!plugin.isPresent)
        #expect(plugin.acknowledge(isFailure: true) == false)
    }

    @Test(
        "A fan-out that may be overtaken is unfinished until the plugin says so, or seconds later"
    )
    func unfinished() {
        var plugin = BrokerPlugin()
        _ = plugin.connect()
        plugin.answer(isOvertaken: true)
        plugin.send()
        plugin.send()
        plugin.finish()
        #expect(plugin.isUnfinished)
        plugin.finish()
        #expect(!plugin.isUnfinished)
        plugin.send()
        for _ in 1...9 { plugin.tick() }
        // The broker has not even acknowledged it.
        #expect(plugin.isUnfinished)
        for _ in 1...3 { _ = plugin.acknowledge(isFailure: false) }
        for _ in 1...2 { plugin.tick() }
        #expect(plugin.isUnfinished)
        plugin.tick()
        #expect(!plugin.isUnfinished)
        plugin.send()
        _ = plugin.connect()
        #expect(!plugin.isUnfinished)
    }

    @Test("A fan-out that cannot be overtaken is never waited for")
    func inOrder() {
        var plugin = BrokerPlugin()
        _ = plugin.connect()
        plugin.answer()
        plugin.send()
        #expect(!plugin.isUnfinished)
    }

    @Test("A broker that ends three connections over the question is not asked again")
    func punished() {
        var plugin = BrokerPlugin()
        for _ in 1...3 { #expect(plugin.connect() == true) }
        for _ in 1...3 { #expect(plugin.connect() == false) }
    }

    @Test("One that has acknowledged it once in between is")
    func unlucky() {
        var plugin = BrokerPlugin()
        for _ in 1...9 {
            #expect(plugin.connect() == true)
            #expect(plugin.connect() == true)
            _ = plugin.acknowledge(isFailure: true)
        }
    }
}
