// After an absence of the bridge, the broker or the client, the stream goes on and misses nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Relay } from './relay.js';
import { Diary, until } from './until.js';
import { World } from './world.js';

let world;
before(async () => { world = await World.start(); });
after(() => world?.stop());

/** A watcher of bob and carol, with a diary of all that its handlers are told. */
async function watcher(t) {
    const diary = new Diary();
    const events = ['onConnected', 'onDisconnected', 'onBridgeStateChange', 'onSubscriptionEnded', 'onError'];
    const alice = await world.client('alice', {}, {
        ...diary.statuses(), ...Object.fromEntries(events.map((event) => [event, diary.on(event)])),
    });
    t.after(() => alice.logout());
    await alice.subscribePresence({ usernames: ['bob', 'carol'] });
    await until('the bridge is known', () => alice.bridge.state === 'online');
    return { alice, diary };
}

/** Each status came once, and those of one user in order. */
function assertInOrder(diary) {
    const newest = new Map();
    for (const [event, status] of diary.entries) {
        if (event !== 'status') continue;
        assert.ok(status.seq > (newest.get(status.username) ?? 0), `${JSON.stringify(status)} came late, or again`);
        newest.set(status.username, status.seq);
    }
}

test('After kill -9 of the bridge the stream goes on, and changes of meanwhile come', async (t) => {
    const { alice, diary } = await watcher(t);
    const bob = await world.client('bob');
    await diary.status('bob', (one) => one.online);
    await world.killBridge();
    await diary.find('the bridge is away', (event, bridge) => event === 'onBridgeStateChange' && bridge.state === 'offline');
    await bob.setStatus('away');
    const carol = await world.client('carol');
    // Asked while nobody answers; answered when there is somebody again.
    const description = carol.publishPresence({ description: 'meanwhile' });
    await world.startBridge();
    assert.equal((await description).description, 'meanwhile');
    await diary.status('bob', (one) => one.status === 'away');
    await diary.status('carol', (one) => one.description === 'meanwhile');
    await bob.setStatus('busy');
    await diary.status('bob', (one) => one.status === 'busy');
    assertInOrder(diary);
    assert.equal(alice.bridge.state, 'online');
    await Promise.all([bob.logout(), carol.logout()]);
    await diary.status('carol', (one) => !one.online);
});

for (const [how, stop] of [['a kill', () => world.killBroker()], ['a stop', () => world.stopBroker()]]) {
    test(`After ${how} of the broker and its restart the stream goes on, and tells of nobody who came back`, async (t) => {
        const { alice, diary } = await watcher(t);
        const [bob, carol] = await Promise.all([world.client('bob'), world.client('carol')]);
        await diary.status('bob', (one) => one.online);
        await diary.status('carol', (one) => one.online);
        const before = diary.entries.length;
        await stop();
        await diary.find('the broker is away', (event, what) => event === 'onDisconnected' && what.willRetry);
        // Said while there is no broker; stated as soon as there is one.
        const stated = bob.setStatus('away');
        await world.startBroker();
        await stated;
        await diary.find('the client is back', (event) => event === 'onConnected');
        await diary.status('bob', (one) => one.status === 'away');
        await carol.setStatus('dnd');
        await diary.status('carol', (one) => one.status === 'dnd');
        assertInOrder(diary);
        const since = diary.entries.slice(before);
        assert.ok(!since.some(([event, one]) => event === 'status' && !one.online), 'nobody was gone');
        assert.equal((await alice.getOnlineCount()), 3);
        await Promise.all([bob.logout(), carol.logout()]);
        await diary.status('carol', (one) => !one.online);
    });
}

test('A watcher that was cut off is told of the last change, of logins, and of subscriptions that ended', async (t) => {
    const relay = await Relay.to(world.webPort);
    t.after(() => relay.end());
    const diary = new Diary();
    const [bob, carol] = await Promise.all([world.client('bob'), world.client('carol', { announce: false })]);
    const dave = await world.client('dave', { url: relay.url }, {
        ...diary.statuses(), onDisconnected: diary.on('gone'), onSubscriptionEnded: diary.on('ended'),
    });
    t.after(() => Promise.all([bob, carol, dave].map((client) => client.logout())));
    await dave.subscribePresence({ usernames: ['carol'], expiry: 1 });
    await dave.presence.subscribe('bob', diary.on('edge'));
    relay.cut();
    await diary.find('the connection is lost', (event) => event === 'gone');
    await until('the subscription is over', async () => !(await carol.getWatchers()).includes('dave'), { every: 100 });
    await bob.publishPresence({ description: 'gone home' });
    await bob.logout();
    await until('bob is offline', async () => !(await carol.areOnline(['bob'])).bob);
    relay.mend();
    const status = await diary.status('bob', (one) => !one.online);
    assert.equal(status.description, 'gone home');
    await diary.find('the logout', (event, name, isIn) => event === 'edge' && name === 'bob' && !isIn);
    await diary.find('the end', (event, what) => event === 'ended' && what.username === 'carol' && what.reason === 'expired');
    assert.equal(diary.entries.filter(([event]) => event === 'edge').length, 1);
    assertInOrder(diary);
});

test('Each connection has a session of its own, which its will names', async (t) => {
    const relay = await Relay.to(world.webPort);
    t.after(() => relay.end());
    const statements = await world.listen('presence/device/erin/+');
    const erin = await world.client('erin', { url: relay.url });
    t.after(() => erin.logout());
    relay.cut();
    await until('the will', () => statements.find(({ status }) => status === 'lost'));
    relay.mend();
    await until('the second birth', () => statements.filter(({ status, by }) => status === 'online' && !by).length === 2);
    const [first, second] = statements.filter(({ status, by }) => status === 'online' && !by);
    assert.notEqual(first.session, second.session);
    assert.equal(statements.find(({ status }) => status === 'lost').session, first.session);
});

test('A device states itself again when it is asked to, and when the broker was restarted', async (t) => {
    const statements = await world.listen('presence/device/erin/+');
    const erin = await world.client('erin', { status: 'away' });
    t.after(() => erin.logout());
    const heard = (count) => until(`${count} statements`, () => statements.filter(({ status }) => status === 'away').length === count);
    await heard(1);
    await world.say(`presence/response/erin/${erin.device}`, { operation: 'announce' });
    await heard(2);
    const state = { state: 'online', started: 1, epoch: 1, grace: 1 };
    t.after(() => world.say('presence/bridge/other', null, true));
    await world.say('presence/bridge/other', state, true);
    await world.say('presence/bridge/other', { ...state, epoch: 2 }, true);
    await heard(3);
});

test('A device states itself well within its ttl, which others never hear of, and is lost when it hangs', async (t) => {
    const { diary } = await watcher(t);
    const relay = await Relay.to(world.webPort);
    t.after(() => relay.end());
    const bob = await world.client('bob', { url: relay.url, ttl: 6 });
    t.after(() => bob.logout());
    const statements = await world.listen(`presence/device/bob/${bob.device}`);
    await until('four statements', () => statements.length === 4);
    for (const { status, ttl, session } of statements) {
        assert.deepEqual([status, ttl, session], ['online', 6, statements[0].session]);
    }
    const { seq } = await diary.status('bob', (one) => one.online && Object.keys(one.devices).includes(bob.device));
    relay.stall();
    await diary.status('bob', (one) => one.cause === 'ttl');
    const news = diary.entries.filter(([event, one]) => event === 'status' && one.username === 'bob' && one.seq > seq);
    assert.deepEqual(news.map(([, { status }]) => status), ['offline']);
});

test('A broker that is silent is given up when somebody asks, and not before its keep-alive is over', async (t) => {
    const relay = await Relay.to(world.webPort);
    t.after(() => relay.end());
    const diary = new Diary();
    const erin = await world.client('erin', { url: relay.url }, { onDisconnected: diary.on('gone'), onConnected: diary.on('back') });
    t.after(() => erin.logout());
    const states = [];
    erin.addEventHandler('bridge', { onBridgeStateChange: (state) => states.push(state) });
    await until('the bridge is known', () => erin.bridge.state === 'online');
    // While it answers, nothing comes of it.
    const known = states.length;
    erin.reconnect();
    await erin.getOnlineCount();
    assert.equal(states.length, known);
    relay.stall();
    erin.reconnect();
    const [, { error }] = await diary.find('it is given up', (event) => event === 'gone');
    assert.match(error.message, /does not answer any more/);
    relay.mend();
    await until('it is back', () => diary.entries.filter(([event]) => event === 'back').length === 2);
    assert.deepEqual(await erin.areOnline(['erin']), { erin: true });
});
