// What a broker refuses is told in words, and a connection that cannot last is no reason for a storm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PresenceClient } from '../../examples/web/presence.js';
import { FakeBroker } from './broker.js';
import { Diary, until } from './until.js';
import { mqtt } from './world.js';

/** A client of a broker that behaves as told. */
async function client(t, behaviour, options = {}) {
    const broker = await FakeBroker.start(behaviour);
    t.after(() => broker.stop());
    const diary = new Diary();
    const client = new PresenceClient({ mqtt });
    client.addEventHandler('test', Object.fromEntries(
        ['onConnected', 'onDisconnected', 'onError'].map((event) => [event, diary.on(event)]),
    ));
    t.after(() => client.logout());
    const connected = client.connect({
        url: broker.url, username: 'alice', password: 'alice', device: 'web', reconnectWait: 20, timeout: 300, ...options,
    });
    return { broker, diary, client, connected };
}

const needed = [
    ['presence/response/alice/web/#', 'pattern read presence/response/%u/#'],
    ['presence/event/alice', 'pattern read presence/event/%u'],
];

for (const [filter, right] of needed) {
    test(`A broker that does not let one read ${filter} is told of, with what its ACL lacks`, async (t) => {
        const { connected } = await client(t, { granted: { [filter]: 0x87 } });
        await assert.rejects(connected, ({ code, message }) => {
            assert.equal(code, 'not_authorized');
            return message.includes(filter) && message.includes(right);
        });
    });
}

test('A subscription that is refused for another reason is told of with that reason', async (t) => {
    const { connected } = await client(t, { granted: { 'presence/event/alice': 0x97 } });
    await assert.rejects(connected, { code: 'refused', message: /presence\/event\/alice.*0x97: a quota is used up/ });
});

test('After the first connection, it is tried again, since it may have been a mood of the broker', async (t) => {
    const { broker, diary, connected } = await client(t, {});
    await connected;
    broker.behaviour.granted = { 'presence/event/alice': 0x80 };
    broker.cut();
    await diary.find('the refusal', (event, what) => event === 'onDisconnected' && what.error.code === 'refused' && what.willRetry);
    broker.behaviour.granted = {};
    await until('it is back', () => diary.entries.filter(([event]) => event === 'onConnected').length === 2);
});

test('The state of the bridge may be forbidden: that is an error, and no end', async (t) => {
    const { diary, connected } = await client(t, { granted: { 'presence/bridge/+': 0x87 } });
    await connected;
    await diary.find('the error', (event, error) => event === 'onError' && /pattern read presence\/bridge\/\+/.test(error.message));
});

test('Fewer QoS than asked for, and a session that the broker claims to have, change nothing', async (t) => {
    const granted = { 'presence/response/alice/web/#': 0, 'presence/event/alice': 0, 'presence/bridge/+': 0 };
    const { broker, diary, connected } = await client(t, { granted, sessionPresent: true });
    await connected;
    broker.cut();
    await until('the second connection', () => broker.heard('subscribe').length === 2);
    for (const { subscriptions } of broker.heard('subscribe')) {
        assert.deepEqual(subscriptions.map(({ topic }) => topic), Object.keys(granted));
    }
    assert.ok(broker.heard('connect').every(({ clean }) => clean));
    assert.ok(!diary.entries.some(([event]) => event === 'onError'));
});

test('A word that the broker refuses is refused, and what it says is passed on', async (t) => {
    const { broker, client: alice, connected } = await client(t, {});
    await connected;
    broker.behaviour.puback = 0x97;
    await assert.rejects(alice.setStatus('away'), { code: 'refused', message: /0x97: a quota is used up/ });
    await assert.rejects(alice.getOnlineUsers(), { code: 'refused' });
    broker.behaviour.puback = 0x87;
    await assert.rejects(alice.setStatus('away'), { code: 'not_authorized', message: /presence\/device\/alice\/web/ });
});

for (const [how, behaviour] of [['an acknowledgement that MQTT 5 does not know', { puback: 0x95 }], ['a DISCONNECT', { disconnect: 0x95 }]]) {
    test(`A request that is too large for the broker, which says so by ${how}, is refused and not sent again`, async (t) => {
        const { broker, diary, client: alice, connected } = await client(t, {});
        await connected;
        Object.assign(broker.behaviour, behaviour);
        const before = broker.heard('publish').length;
        await assert.rejects(alice.publishPresence({ description: 'long' }), { code: 'refused', message: /larger than it takes/ });
        assert.equal(broker.heard('publish').length, before + 1);
        broker.behaviour = {};
        await until('it is back', () => diary.entries.filter(([event]) => event === 'onConnected').length === 2);
        await alice.setStatus('away');
    });
}

test('An answer that does not come may lack a right: the time-out says which', async (t) => {
    const { client: alice, connected } = await client(t, {});
    await connected;
    await assert.rejects(alice.getOnlineUsers(), { code: 'timeout', message: /pattern read presence\/response\/%u\/#/ });
});

test('A client that is thrown off again and again says why, and waits longer each time', async (t) => {
    const { diary, connected } = await client(t, { disconnect: 0x8e });
    await connected;
    const cuts = () => diary.entries.filter(([event]) => event === 'onDisconnected').map(([, what]) => what);
    await until('six ends', () => cuts().length === 6);
    assert.match(cuts()[0].error.message, /another client has connected with the same client id/);
    assert.ok(cuts()[5].retryIn > 4 * cuts()[0].retryIn, JSON.stringify(cuts()));
});

test('Each client has an id that nobody can guess, and that none of its topics shows', async (t) => {
    const one = await client(t, {});
    const other = await client(t, {}, { device: undefined });
    await Promise.all([one.connected, other.connected]);
    const ids = [one, other].map(({ broker }) => broker.heard('connect')[0].clientId);
    assert.notEqual(ids[0], ids[1]);
    const watcher = await client(t, {}, { announce: false });
    await watcher.connected;
    assert.match(watcher.broker.heard('connect')[0].clientId, /^presence-watch-[0-9a-z]{22}$/);
    for (const [index, { broker }] of [one, other].entries()) {
        assert.match(ids[index], /^presence-[0-9a-z]{22}$/);
        const shown = JSON.stringify([broker.heard('subscribe'), broker.heard('publish'), broker.heard('connect')[0].will]);
        assert.ok(!shown.includes(ids[index].slice('presence-'.length)));
    }
});
