// What needs no broker.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { duration, timeLeft } from '../../examples/web/page/words.js';
import { Connection } from '../../examples/web/presence/connection.js';
import { inParts } from '../../examples/web/presence/names.js';
import { Statuses } from '../../examples/web/presence/statuses.js';

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

test('Names are parted by number and by bytes', () => {
    assert.deepEqual(inParts(['a', 'b', 'c'], 2), [['a', 'b'], ['c']]);
    assert.deepEqual(inParts(['äöü', 'b'], 9, 10), [['äöü'], ['b']]);
    assert.deepEqual(inParts([], 2), [[]]);
});

test('Durations are said in the unit that fits', () => {
    assert.deepEqual([0, 1, 59, 119, 3600, 7200, 86_400, 604_790].map(duration), [
        '0 seconds', '1 second', '59 seconds', '2 minutes', '60 minutes', '2 hours', '24 hours', '7 days',
    ]);
    assert.equal(timeLeft(10, 11), 'ending');
});

test('A message that comes before the SUBACK is not lost, and heard after it', async () => {
    const link = new EventEmitter();
    link.end = () => {};
    link.subscribe = (filters, done) => {
        link.emit('message', 'presence/bridge/b', new TextEncoder().encode('early'), {});
        done(null, []);
    };
    const heard = [];
    const connection = new Connection({ connect: () => link }, { filters: [], will: () => null, mqtt: {} }, {
        onReady: () => heard.push('ready'), onMessage: (topic, text) => heard.push(text), onGone: () => {},
    });
    connection.attempt();
    link.emit('connect');
    assert.deepEqual(heard, ['ready', 'early']);
});
