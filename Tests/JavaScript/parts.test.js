// What needs no broker.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { duration, timeLeft } from '../../examples/web/page/words.js';
import { PresenceClient } from '../../examples/web/presence.js';
import { Connection } from '../../examples/web/presence/connection.js';
import { checkPrefix, inParts } from '../../examples/web/presence/names.js';
import { Page } from '../../examples/web/presence/page.js';
import { EventProof } from '../../examples/web/presence/proof.js';
import { refusalIn } from '../../examples/web/presence/refusals.js';
import { Statuses } from '../../examples/web/presence/statuses.js';
import { TabName } from '../../examples/web/presence/tab.js';

const status = (username, seq, online = true) => ({ username, seq, online });

test('A status is handed on once, and none that is older than one before', () => {
    const statuses = new Statuses();
    assert.deepEqual(statuses.take([status('bob', 5), status('bob', 4), status('bob', 5)]).news, [status('bob', 5)]);
    assert.deepEqual(statuses.take([status('bob', 3, false)]), { news: [], edges: [] });
});

test('What was asked for is no news, unless it shows a change that was missed', () => {
    const statuses = new Statuses();
    assert.deepEqual(statuses.take([status('bob', 5)], { isBaseline: true }), { news: [], edges: [] });
    const { news, edges } = statuses.take([status('bob', 6, false)], { isBaseline: true });
    assert.deepEqual([news, edges], [[status('bob', 6, false)], [['bob', false]]]);
});

test('A login is a login only if the user is known to have been offline', () => {
    const statuses = new Statuses();
    assert.deepEqual(statuses.take([status('bob', 1)]).edges, []);
    assert.deepEqual(statuses.take([status('bob', 2), status('bob', 3, false)]).edges, [['bob', false]]);
    statuses.coversEveryone = true;
    assert.deepEqual(statuses.take([status('carol', 1)]).edges, [['carol', true]]);
});

test('A refusal is read from the packet itself', () => {
    assert.equal(refusalIn(Uint8Array.of(0x20, 3, 0, 135, 0)).code, 'bad_login');
    // A length of two bytes.
    assert.equal(refusalIn(Uint8Array.of(0x20, 0x83, 0x01, 0, 138, 0x80, 0x01)).code, 'not_authorized');
    assert.match(refusalIn(Uint8Array.of(0x20, 3, 0, 137, 0)).message, /0x89: it is busy/);
    assert.match(refusalIn(Uint8Array.of(0xe0, 1, 142)).message, /same client id/);
    assert.match(refusalIn(Uint8Array.of(0xe0, 0)).message, /ended the connection/);
    for (const bytes of [[], [0x20], [0x20, 3, 0, 0, 0], [0x30, 3, 0, 1, 135]]) {
        assert.equal(refusalIn(Uint8Array.from(bytes)), null);
    }
});

test('Names are parted by number and by bytes', () => {
    assert.deepEqual(inParts(['a', 'b', 'c'], 2), [['a', 'b'], ['c']]);
    assert.deepEqual(inParts(['äöü', 'b'], 9, 10), [['äöü'], ['b']]);
    assert.deepEqual(inParts([], 2), [[]]);
});

test('One or several levels are a prefix', () => {
    for (const prefix of ['presence', 'a/b c/d', 'a/$b', 'pr\u00e9sence', '\u{1f600}', 'x'.repeat(256)]) {
        checkPrefix(prefix);
    }
});

test('What is wrong with a prefix is said in the words of the Swift client', () => {
    for (const [prefix, fault] of [
        ['', 'has an empty level'], ['/a', 'has an empty level'], ['a//b', 'has an empty level'],
        ['a/+', 'has a wildcard'], ['#\u0301', 'has a wildcard'],
        ['$SYS', "begins with '$', which is the broker's own"],
        ['a\u0007', 'has a character that brokers need not take'],
        ['a\u0085', 'has a character that brokers need not take'],
        ['a\uffff', 'has a character that brokers need not take'],
        ['a\u{1fffe}', 'has a character that brokers need not take'],
        ['a\ud800', 'has a character that brokers need not take'],
        ['x'.repeat(257), 'is too long with 257 bytes; 256 at most'],
        ['\u00e9'.repeat(129), 'is too long with 258 bytes; 256 at most'],
        [7, 'is no text'],
    ]) {
        assert.throws(() => checkPrefix(prefix), {
            code: 'bad_argument',
            message: `the topic prefix ${JSON.stringify(prefix)} ${fault}; allowed: `
                + "topic levels separated by '/', without '+', '#', and no '$' in front",
        });
    }
});

test('A client does not connect below a prefix that no bridge can have', async () => {
    const client = new PresenceClient({ mqtt: { connect: () => assert.fail('it connects') } });
    await assert.rejects(
        client.connect({ url: 'mqtt://localhost', username: 'bob', prefix: 'a/#' }), /has a wildcard/,
    );
});

test('Durations are said in the unit that fits', () => {
    assert.deepEqual([0, 1, 59, 119, 3600, 7200, 86_400, 604_790].map(duration), [
        '0 seconds', '1 second', '59 seconds', '2 minutes', '60 minutes', '2 hours', '24 hours', '7 days',
    ]);
    assert.equal(timeLeft(10, 11), 'ending');
});

/** Timeouts in a time that passes when it is told to. */
class Clock {
    time = 0;
    #due = new Map();
    #last = 0;

    setTimeout = (action, wait) => {
        this.#due.set(this.#last += 1, { action, at: this.time + wait });
        return this.#last;
    };

    clearTimeout = (timer) => { this.#due.delete(timer); };

    /** Lets so many milliseconds pass, with all that comes due. */
    async pass(duration) {
        const end = this.time + duration;
        for (;;) {
            const [timer, next] = [...this.#due].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
            if (!next || next.at > end) break;
            this.#due.delete(timer);
            this.time = next.at;
            next.action();
            await new Promise(setImmediate);
        }
        this.time = end;
    }
}

/** A proof on a connection; `answers` is what its looks bring, one after the other, and `false` after that. */
function proof(answers) {
    const clock = new Clock();
    const [looks, changes] = [[], []];
    const events = new EventProof({
        look: async () => {
            looks.push(clock.time / 1000);
            const answer = answers.length > 0 ? answers.shift() : false;
            if (answer instanceof Error) throw answer;
            return answer;
        },
        onChange: () => changes.push([clock.time / 1000, events.isMissing]),
        timers: clock,
    });
    events.connected();
    return { clock, looks, changes, events };
}

test('Without news the looks grow rare, also those that fail; with nothing to look for they do not', async () => {
    const { clock, looks, changes } = proof([null, null, false, new Error('no answer')]);
    await clock.pass(1_600_000);
    assert.deepEqual(looks, [5, 10, 15, 25, 45, 85, 165, 325, 625, 925, 1225, 1525]);
    assert.deepEqual(changes, []);
});

test('News without an event show that none arrive; looks take their place, and the first event is told', async () => {
    const { clock, looks, changes, events } = proof([true, false, true, null]);
    await clock.pass(7999);
    assert.deepEqual(changes, []);
    await clock.pass(52_001);
    assert.deepEqual(looks, [5, 18, 28, 41, 51]);
    assert.deepEqual(changes, [[8, true]]);
    events.heard();
    events.heard();
    await clock.pass(1_000_000);
    assert.deepEqual([looks.length, changes], [5, [[8, true], [60, false]]]);
});

test('An event in time proves that they arrive, until there is another connection', async () => {
    const { clock, looks, changes, events } = proof([true]);
    await clock.pass(7000);
    events.heard();
    await clock.pass(100_000);
    assert.deepEqual([looks, changes], [[5], []]);
    events.connected();
    await clock.pass(5000);
    assert.deepEqual(looks, [5, 112]);
});

test('What a look of an earlier connection brings proves nothing, and after the end there is none', async () => {
    let answer;
    const { clock, looks, changes, events } = proof([new Promise((resolve) => { answer = resolve; }), true]);
    await clock.pass(5000);
    events.connected();
    answer(true);
    await clock.pass(4000);
    assert.deepEqual(changes, []);
    await clock.pass(1000);
    events.stop();
    await clock.pass(1_000_000);
    assert.deepEqual([looks, changes], [[5, 10], []]);
});

test('A message that comes before the SUBACK is not lost, and heard after it', async () => {
    const link = new EventEmitter();
    link.end = () => {};
    link.subscribe = (filters, done) => {
        link.emit('message', 'presence/bridge/b', new TextEncoder().encode('early'), {});
        done(null, []);
    };
    const heard = [];
    const connection = new Connection({ connect: () => link }, { filters: () => [], will: () => undefined, mqtt: {} }, {
        onReady: () => heard.push('ready'), onMessage: (topic, text) => heard.push(text), onGone: () => {},
    });
    connection.attempt();
    link.emit('connect');
    assert.deepEqual(heard, ['ready', 'early']);
});

/** The storage of a tab. */
class Storage {
    items = new Map();

    getItem(key) { return this.items.get(key) ?? null; }

    setItem(key, value) { this.items.set(key, value); }

    copy() {
        const other = new Storage();
        other.items = new Map(this.items);
        return other;
    }
}

/** A name that is in use. */
function named(username, storage, now) {
    const name = new TabName(username, { storage, now });
    name.take();
    return name;
}

test('A name survives a reload, and is nobody else\'s while it is in use', () => {
    const storage = new Storage();
    const name = named('alice', storage);
    const other = named('alice', storage);
    assert.notEqual(name.device, other.device);
    assert.notEqual(named('alice', storage.copy()).device, name.device, 'a duplicate of the tab');
    name.take();
    name.leave();
    name.leave();
    other.leave();
    assert.notEqual(named('bob', storage).device, name.device);
    const reloaded = [named('alice', storage).device, named('alice', storage).device];
    assert.deepEqual(reloaded.sort(), [name.device, other.device].sort());
    assert.ok(!reloaded.includes(named('alice', storage).device));
});

test('A page that comes back takes its own name, or another if that was taken meanwhile', () => {
    const storage = new Storage();
    const name = named('alice', storage);
    const { device } = name;
    name.leave();
    name.take();
    assert.equal(name.device, device);
    name.leave();
    const next = named('alice', storage);
    assert.equal(next.device, device, 'the page that one went to in the same tab');
    name.take();
    assert.notEqual(name.device, device);
});

test('A name that was left long ago is not taken up', () => {
    let now = 0;
    const storage = new Storage();
    const name = named('alice', storage, () => now);
    name.leave();
    now += 300_000;
    assert.notEqual(named('alice', storage, () => now).device, name.device);
});

test('Without a storage, or with one that is broken, there is a name all the same', () => {
    const broken = { getItem() { return '{"no": "list"}'; }, setItem() { throw new Error('full'); } };
    for (const storage of [null, broken]) {
        const name = named('alice', storage);
        assert.match(name.device, /^node-[0-9a-z]{8}$/);
        name.leave();
        name.take();
        assert.match(name.device, /^node-[0-9a-z]{8}$/);
    }
    assert.notEqual(named('alice', null).device, named('alice', null).device);
});

test('A page is left, kept, frozen, seen and slept over, and hears nothing any more in the end', () => {
    const heard = [];
    const window = new EventTarget();
    window.document = new EventTarget();
    let now = 0;
    const page = new Page({
        onLeave: () => heard.push('leave'), onReturn: () => heard.push('return'), onDoubt: () => heard.push('doubt'),
    }, { window, now: () => now });
    const happens = (target, name, details = {}) => {
        heard.length = 0;
        Object.assign(window.document, details);
        target.dispatchEvent(Object.assign(new Event(name), details));
        return heard[0];
    };
    assert.equal(happens(window, 'pagehide'), 'leave');
    assert.equal(happens(window, 'pageshow', { persisted: true }), 'return');
    assert.equal(happens(window, 'pageshow', { persisted: false }), undefined, 'a load');
    assert.equal(happens(window.document, 'freeze'), 'leave');
    assert.equal(happens(window.document, 'resume'), 'return');
    assert.equal(happens(window, 'online'), 'doubt');
    assert.equal(happens(window.document, 'visibilitychange', { visibilityState: 'hidden' }), undefined);
    assert.equal(happens(window.document, 'visibilitychange', { visibilityState: 'visible' }), 'doubt');
    heard.length = 0;
    // A timer of a hidden page is late by a minute; a machine that sleeps, by hours; a clock can be put back.
    for (const passed of [15_000, 75_000, -3_600_000, 15_000]) page.look(now += passed);
    assert.deepEqual(heard, []);
    page.look(now += 3_600_000);
    assert.deepEqual(heard, ['doubt']);
    page.stop();
    assert.equal(happens(window, 'pagehide'), undefined);
});

test('A page that the browser prepares unseen begins when somebody looks at it', () => {
    const window = new EventTarget();
    window.document = Object.assign(new EventTarget(), { prerendering: true });
    let begun = 0;
    const page = new Page({}, { window });
    page.begin(() => { begun += 1; });
    assert.equal(begun, 0);
    window.document.dispatchEvent(new Event('prerenderingchange'));
    assert.equal(begun, 1);
    page.stop();
    const inNode = new Page({}, { window: undefined });
    inNode.begin(() => { begun += 1; });
    assert.equal(begun, 2);
    inNode.stop();
});
