// What the page knows of somebody's last day.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline, words } from '../../examples/web/page/timeline.js';

const status = (seq, since, updated, word = 'online') => ({
    seq, since, updated, online: word !== 'offline', status: word, devices: {},
});
const told = (timeline, from = 0, to = 1000) => timeline.parts(from, to).map(({ from: a, to: b, tone }) => `${a}-${b} ${tone}`);

test('One status tells since when somebody is there, and nothing of before', () => {
    const timeline = new Timeline();
    timeline.learn(status(1, 300, 500, 'busy'));
    assert.deepEqual(told(timeline), ['300-500 here', '500-1000 busy']);
    assert.deepEqual(told(timeline, 400, 600), ['400-500 here', '500-600 busy']);
    const never = new Timeline();
    never.learn({ ...status(0, null, null, 'offline') });
    assert.deepEqual(told(never), []);
});

test('Each change is known from then on, and what is told twice is told once', () => {
    const timeline = new Timeline();
    timeline.learn(status(1, 300, 300));
    timeline.learn(status(2, 300, 400, 'away'));
    timeline.learn(status(2, 300, 400, 'away'));
    timeline.learn(status(1, 300, 300));
    timeline.learn(status(3, 598, 600, 'offline'));
    assert.deepEqual(told(timeline), ['300-400 here', '400-600 away', '600-1000 gone']);
});

test('What has just begun is seen, though the clock of here is behind', () => {
    const timeline = new Timeline();
    timeline.learn(status(1, 300, 300));
    timeline.learn(status(2, 300, 1001, 'away'));
    assert.deepEqual(told(timeline).at(-1), '999-1000 away');
});

test('An absence of the page is a gap, unless nothing has changed in it, or the status tells', () => {
    const timeline = new Timeline();
    timeline.learn(status(1, 100, 100));
    timeline.lose(200);
    timeline.lose(250);
    assert.deepEqual(told(timeline), ['100-200 here']);
    timeline.learn(status(1, 100, 100));
    assert.deepEqual(told(timeline), ['100-1000 here']);
    timeline.lose(300);
    timeline.learn(status(5, 400, 500, 'busy'));
    assert.deepEqual(told(timeline), ['100-300 here', '400-500 here', '500-1000 busy']);
    timeline.lose(600);
    // Still there since 400: so it was all the time.
    timeline.learn(status(6, 400, 800, 'away'));
    assert.deepEqual(told(timeline), ['100-300 here', '400-500 here', '500-600 busy', '600-800 here', '800-1000 away']);
});

test('The log of changes is all that is known, from its first change on', () => {
    const timeline = new Timeline();
    timeline.learn(status(9, 1, 2));
    timeline.read([
        { time: 500, status: status(3, 490, 500, 'offline') }, { time: 200, status: status(2, 100, 200, 'away') },
        { time: 100, status: status(1, 100, 100) },
    ]);
    assert.deepEqual(told(timeline), ['100-200 here', '200-500 away', '500-1000 gone']);
    timeline.read([]);
    assert.deepEqual(told(timeline), []);
});

test('A strip has words for those who do not see it', () => {
    process.env.TZ = 'UTC';
    const timeline = new Timeline();
    const text = () => words(timeline.parts(0, 86_400), 0, 86_400).replace(/\s?[AP]M/g, '');
    assert.equal(text(), 'Nothing is known of the last day');
    timeline.learn(status(1, 82_800, 82_800, 'offline'));
    assert.equal(text(), 'Last day: not online; the rest is not known');
    timeline.learn(status(2, 84_600, 84_600));
    assert.match(text(), /^Last day: online from \d+:30 until now; the rest is not known$/);
});
