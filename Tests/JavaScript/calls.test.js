// Each call of the two interfaces that this client brings together, against the real bridge and broker.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PresenceClient, PresenceError } from '../../examples/web/presence.js';
import { Diary, until } from './until.js';
import { mqtt, World } from './world.js';

let world;
let onlooker;
before(async () => {
    world = await World.start({ allow_subscribe_all: 'dave', history_keep: '1d' });
    onlooker = await world.client('alice', { announce: false });
});
// Who was online in one test has a grace to go, and is not to go in the midst of the next one.
beforeEach(() => until('everyone has gone', async () => (await onlooker.getOnlineCount()) === 0));
after(async () => {
    await onlooker?.logout();
    await world?.stop();
});

/** Brings users online for one test. */
async function online(t, ...names) {
    const clients = await Promise.all(names.map((name) => world.client(name)));
    t.after(() => Promise.all(clients.map((client) => client.logout())));
    return clients;
}

test('subscribePresence answers with statuses, and changes come to onPresenceStatusChange', async (t) => {
    const [bob] = await online(t, 'bob');
    const diary = new Diary();
    const alice = await world.client('alice', {}, diary.statuses());
    t.after(() => alice.logout());
    const { subscribed, evicted, rejected } = await alice.subscribePresence({ usernames: ['bob'], expiry: 3600 });
    assert.equal(subscribed[0].username, 'bob');
    assert.equal(subscribed[0].online, true);
    assert.ok(Math.abs(subscribed[0].expires - alice.now() - 3600) < 5);
    assert.deepEqual([evicted, rejected], [[], []]);

    await bob.publishPresence({ description: 'in a meeting' });
    await bob.setStatus('busy');
    const status = await diary.status('bob', (one) => one.status === 'busy');
    assert.equal(status.description, 'in a meeting');
    await bob.logout();
    const offline = await diary.status('bob', (one) => !one.online);
    assert.equal(offline.cause, 'logout');
    const seqs = diary.entries.map(([, one]) => one.seq);
    assert.deepEqual(seqs, [...new Set(seqs)].sort((one, other) => one - other));
});

test('unsubscribePresence says who was unsubscribed from, and no change of them comes any more', async (t) => {
    const [bob, carol] = await online(t, 'bob', 'carol');
    const diary = new Diary();
    const alice = await world.client('alice', {}, diary.statuses());
    t.after(() => alice.logout());
    await alice.subscribePresence({ usernames: ['bob', 'carol'] });
    assert.deepEqual(await alice.unsubscribePresence({ usernames: ['bob', 'erin'] }), { unsubscribed: ['bob'] });
    await bob.setStatus('away');
    await until('bob is away', async () => (await alice.getPresenceStatus({ usernames: ['bob'] })).users[0].status === 'away');
    await carol.setStatus('away');
    await diary.status('carol', (one) => one.status === 'away');
    assert.ok(!diary.entries.some(([, one]) => one.username === 'bob' && one.status === 'away'));
    await alice.unsubscribePresence({ usernames: ['carol'] });
});

test('publishPresence publishes a description that can end by itself, and the empty one takes it away', async (t) => {
    const [bob] = await online(t, 'bob');
    assert.equal((await bob.publishPresence({ description: 'back at 5', expiry: 1 })).description, 'back at 5');
    await until('it is gone', async () => (await bob.getPresenceStatus({ usernames: ['bob'] })).users[0].description === '', { every: 100 });
    await bob.publishPresence({ description: 'again' });
    assert.equal((await bob.publishPresence({ description: '' })).description, '');
});

test('getSubscribedPresenceList pages through the subscriptions', async (t) => {
    const [alice] = await online(t, 'alice');
    const names = Array.from({ length: 5 }, (_, index) => `page-${index}`);
    await alice.subscribePresence({ usernames: names, expiry: 60 });
    const page = await alice.getSubscribedPresenceList({ pageNum: 1, pageSize: 2 });
    assert.equal(page.total, 5);
    assert.deepEqual(page.subscriptions.map((one) => one.username), ['page-2', 'page-3']);
    assert.deepEqual((await alice.unsubscribePresence({ usernames: names })).unsubscribed, names);
    assert.equal((await alice.getSubscribedPresenceList()).total, 0);
});

test('getPresenceStatus needs no subscription, and keeps the order of names', async (t) => {
    const [alice] = await online(t, 'alice', 'bob');
    const { users } = await alice.getPresenceStatus({ usernames: ['nobody', 'bob'] });
    assert.deepEqual(users.map((one) => [one.username, one.online]), [['nobody', false], ['bob', true]]);
});

test('Lists that are too long for one request are split, and what they bring is put together', async (t) => {
    await online(t, 'bob');
    // Over TCP: mosquitto's WebSockets take their time with large messages.
    const alice = await world.client('alice', { url: world.tcp });
    t.after(() => alice.logout());
    const names = [...Array.from({ length: 249 }, (_, index) => `many-${index}`), 'bob'];
    const { subscribed } = await alice.subscribePresence({ usernames: names, expiry: 60 });
    assert.deepEqual(subscribed.map((one) => one.username), names);
    assert.equal((await alice.getPresenceStatus({ usernames: names })).users.length, 250);
    assert.equal((await alice.unsubscribePresence({ usernames: names })).unsubscribed.length, 250);
    // One request by their number, two by their length.
    const long = Array.from({ length: 700 }, (_, index) => `${'x'.repeat(120)}${index}`);
    const brief = await alice.areOnline([...long, 'bob', '__proto__']);
    assert.equal(Object.keys(brief).length, 702);
    assert.equal(brief.bob, true);
    await assert.rejects(alice.subscribePresence({ usernames: [...names, 'a/b'] }), (error) => {
        assert.equal(error.code, 'invalid_username');
        assert.equal(error.result.subscribed.length, 200);
        return true;
    });
    await alice.unsubscribePresence({ usernames: names });
});

test('presence.subscribe calls back for a login and a logout, and for nothing else', async (t) => {
    const [alice] = await online(t, 'alice');
    const diary = new Diary();
    const second = diary.on('second');
    await alice.presence.subscribe('bob', diary.on('first'));
    await alice.presence.subscribe('bob', second);
    assert.equal((await alice.getSubscribedPresenceList()).total, 1);
    const bob = await world.client('bob');
    await diary.find('the login', (which, name, isIn) => which === 'second' && name === 'bob' && isIn);
    await bob.setStatus('away');
    await alice.presence.unsubscribe('bob', second);
    assert.equal((await alice.getSubscribedPresenceList()).total, 1);
    await bob.logout();
    await diary.find('the logout', (which, name, isIn) => which === 'first' && !isIn);
    assert.deepEqual(diary.entries, [
        ['first', 'bob', true], ['second', 'bob', true], ['first', 'bob', false],
    ]);
    await alice.presence.unsubscribe('bob');
    assert.equal((await alice.getSubscribedPresenceList()).total, 0);
});

test('presence.unsubscribe without arguments ends all, and leaves what subscribePresence made', async (t) => {
    const [alice] = await online(t, 'alice');
    await alice.subscribePresence({ usernames: ['carol'] });
    await alice.presence.subscribe(['bob', 'carol', 'erin'], () => {});
    await alice.presence.unsubscribe();
    const { subscriptions } = await alice.getSubscribedPresenceList();
    assert.deepEqual(subscriptions.map((one) => one.username), ['carol']);
    await alice.unsubscribePresence({ usernames: ['carol'] });
});

test('presence.subscribe without a name follows everyone, where the operator allows it', async (t) => {
    const [alice, dave] = await online(t, 'alice', 'dave', 'erin');
    await assert.rejects(alice.presence.subscribe(() => {}), { name: 'PresenceError', code: 'forbidden' });
    const diary = new Diary();
    const callback = diary.on('edge');
    await dave.presence.subscribe(callback);
    const bob = await world.client('bob');
    await diary.find('the login', (_, name, isIn) => name === 'bob' && isIn);
    await bob.logout();
    await diary.find('the logout', (_, name, isIn) => name === 'bob' && !isIn);
    assert.equal(diary.entries.length, 2, 'erin was online before, and has no edge');
    await dave.presence.unsubscribe(callback);
    await until('the subscription has run out', async () => !(await dave.getSubscribedPresenceList()).all, { every: 200 });
});

test('presence.getAll lists everyone else, or tells of each one', async (t) => {
    const [alice] = await online(t, 'alice', 'bob');
    assert.deepEqual(await alice.presence.getAll(), ['bob']);
    assert.deepEqual(await alice.presence.getAll(['bob', 'pedro']), { bob: true, pedro: false });
    const diary = new Diary();
    await alice.presence.getAll(diary.on('all'));
    await alice.presence.getAll(['pedro'], diary.on('some'));
    await alice.presence.getAll(['a/b'], diary.on('error'));
    assert.deepEqual(diary.entries.slice(0, 2), [['all', null, ['bob']], ['some', null, { pedro: false }]]);
    assert.equal(diary.entries[2][1].code, 'invalid_username');
});

test('A subscription that runs out is told of, and one that is renewed goes on', async (t) => {
    const diary = new Diary();
    const handlers = { onSubscriptionEnded: diary.on('ended') };
    const alice = await world.client('alice', {}, handlers);
    const carol = await world.client('carol', { renews: true }, handlers);
    t.after(() => Promise.all([alice.logout(), carol.logout()]));
    const told = await world.listen('presence/event/carol');
    const { subscribed: [{ expires }] } = await carol.subscribePresence({ usernames: ['bob'], expiry: 4 });
    await alice.subscribePresence({ usernames: ['erin'], expiry: 1 });
    await diary.find('the end', (_, { username, reason }) => username === 'erin' && reason === 'expired');
    await until('the first duration is over', () => carol.now() > expires + 1, { every: 50 });
    const { subscriptions } = await carol.getSubscribedPresenceList();
    assert.deepEqual(subscriptions.map((one) => one.username), ['bob']);
    assert.equal(diary.entries.length, 1);
    assert.ok(!told.flat().some(({ subscription }) => subscription), 'it was renewed before it ended');
    await carol.unsubscribePresence({ usernames: ['bob'] });
});

test('onlookers are not online; others can be counted, listed, and see their watchers', async (t) => {
    const [bob] = await online(t, 'bob');
    const alice = await world.client('alice', { announce: false });
    t.after(() => alice.logout());
    await alice.subscribePresence({ usernames: ['bob'] });
    assert.deepEqual([await alice.getOnlineUsers(), await alice.getOnlineCount()], [['bob'], 1]);
    assert.deepEqual(await bob.getWatchers(), ['alice']);
    await alice.unsubscribePresence({ usernames: ['bob'] });
});

test('Errors have codes and words', async (t) => {
    const [alice] = await online(t, 'alice');
    const refused = (promise, code) => assert.rejects(promise, (error) => {
        assert.ok(error instanceof PresenceError);
        assert.equal(error.code, code, error.message);
        return true;
    });
    await refused(world.client('alice', { password: 'wrong' }), 'bad_login');
    await refused(world.client('alice', { url: 'ws://127.0.0.1:1' }), 'unreachable');
    await refused(world.client('alice', { url: 'nonsense' }), 'unreachable');
    await refused(new PresenceClient({ mqtt }).getOnlineUsers(), 'closed');
    await refused(alice.setStatus('In A Meeting'), 'invalid_status');
    await refused(alice.subscribePresence({ usernames: [] }), 'malformed_request');
    await refused(alice.subscribePresence({ usernames: 'bob' }), 'bad_argument');
    await refused(alice.subscribePresence({ usernames: ['bob'], expiry: 0 }), 'invalid_expiry');
    await refused(alice.publishPresence({ description: 'x'.repeat(2000) }), 'invalid_description');
});

test('It works over TCP, too', async (t) => {
    const alice = await world.client('alice', { url: world.tcp, device: 'node' });
    t.after(() => alice.logout());
    const { users: [status] } = await until('alice is online', async () => {
        const answer = await alice.getPresenceStatus({ usernames: ['alice'] });
        return answer.users[0].online && answer;
    });
    assert.equal(status.devices.node, 'online');
});

test('A device that the app has not named has a name of its own, also over a logout', async (t) => {
    const [one, other] = await online(t, 'alice', 'alice');
    assert.match(one.device, /^node-[0-9a-z]{8}$/);
    const devices = async () => Object.keys((await one.getPresenceStatus({ usernames: ['alice'] })).users[0].devices);
    await until('two devices', async () => (await devices()).length === 2);
    assert.deepEqual(await devices(), [one.device, other.device].sort());
    const { device } = other;
    await other.logout();
    await until('one device', async () => (await devices()).length === 1);
    await other.connect({ url: world.tcp, username: 'alice', password: 'alice' });
    assert.equal(other.device, device);
    const named = await world.client('alice', { device: 'phone' });
    t.after(() => named.logout());
    assert.equal(named.device, 'phone');
});

test('What cannot be a device, a user or a ttl is refused before it is sent', async () => {
    const wrong = [
        { device: 'a/b' }, { device: '$a' }, { device: 'ä'.repeat(33) }, { device: '' }, { device: 7 }, { username: 'a+b' },
        { ttl: 4 }, { ttl: 90_000 }, { ttl: 7.5 }, { ttl: '60' },
    ];
    for (const options of wrong) {
        const key = Object.keys(options)[0];
        await assert.rejects(world.client('alice', options), ({ code, message }) => code === 'bad_argument' && message.includes(`"${key}"`));
    }
});

test('Names cannot be guessed where Node has no crypto of its own, either', async () => {
    const program = `
        import { PresenceClient } from './presence.js';
        import { createRequire } from 'node:module';
        const mqtt = createRequire(import.meta.url)('mqtt');
        Math.random = () => 0.5;
        const client = new PresenceClient({ mqtt });
        await client.connect({ url: '${world.tcp}', username: 'alice', password: 'alice' });
        console.log(typeof globalThis.crypto, client.device);
        await client.logout();`;
    // Not by --eval, which makes all modules global.
    const [first, second] = [1, 2].map(() => spawnSync(
        process.execPath, ['--no-experimental-global-webcrypto', '--input-type=module', '-'],
        { input: program, encoding: 'utf8', cwd: fileURLToPath(new URL('../../examples/web', import.meta.url)) },
    ));
    assert.match(first.stdout, /^undefined node-[0-9a-z]{8}\n$/);
    assert.notEqual(first.stdout, second.stdout);
});

test('A word is read as the bridge will read it', async (t) => {
    const alice = await world.client('alice', { status: ' Busy\n' });
    t.after(() => alice.logout());
    const shown = async () => (await alice.getPresenceStatus({ usernames: ['alice'] })).users[0].status;
    assert.equal(alice.status, 'busy');
    await until('it is busy', async () => await shown() === 'busy');
    await alice.setStatus('TRUE');
    assert.equal(alice.status, 'online');
    await until('it is online', async () => await shown() === 'online');
    for (const word of ['off', '0', 'Dead', 'Offline', 'lost', '', 'x'.repeat(33), 'käse', undefined]) {
        await assert.rejects(alice.setStatus(word === undefined ? {} : word), { code: 'invalid_status' });
    }
});

test('Where the broker delivers no events that is found out, told with the right, and made up for', async (t) => {
    const right = 'pattern read presence/event/%u';
    const other = await World.start({}, { lacks: right });
    t.after(() => other.stop());
    const diary = new Diary();
    const handlers = { ...diary.statuses(), onMissingEvents: diary.on('missing') };
    const alice = await other.client('alice', {}, handlers);
    await alice.subscribePresence({ usernames: ['bob'], expiry: 3600 });
    const bob = await other.client('bob');
    await diary.find('it is told', (event, missing) => event === 'missing' && missing.right === right);
    assert.deepEqual(alice.missingEvents, { topic: 'presence/event/alice', right });
    await bob.setStatus('busy');
    await diary.status('bob', ({ status }) => status === 'busy');
    await bob.setStatus('away');
    await diary.status('bob', ({ status }) => status === 'away');
    assert.equal(diary.entries.filter(([event]) => event === 'missing').length, 1);
});

test('What has changed of a user is read as far as it is kept, the newest first', async (t) => {
    const [bob] = await online(t, 'bob');
    await bob.publishPresence({ description: 'back at 5' });
    const [last, ...earlier] = await bob.getHistory({ limit: 2 });
    assert.deepEqual([last.type, last.status.description], ['description', 'back at 5']);
    assert.equal(earlier.length, 1);
    assert.ok(BigInt(earlier[0].id) < BigInt(last.id));
    await bob.publishPresence({ description: '' });
});
