// A page that is left by a link, frozen, duplicated or opened twice, in a real browser.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Browser, Driver } from './browser.js';
import { Diary, until } from './until.js';
import { World } from './world.js';

let world;
let driver;
let elsewhere;
before(async () => {
    world = await World.start({ offline_grace: '4s', logout_grace: '1s' }, { servesPage: true });
    driver = await Driver.start();
    elsewhere = createServer((_, response) => {
        response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
});
after(async () => {
    elsewhere?.close();
    await driver?.stop();
    await world?.stop();
});

/** A browser in which somebody has signed in. */
async function open(t, name, options) {
    const browser = await Browser.open(driver, world.page, options);
    t.after(() => browser.close());
    await browser.signIn(name);
    return browser;
}

/** Somebody who watches a user, and whom the page does not see. */
async function watch(t, name) {
    const diary = new Diary();
    const watcher = await world.client('dave', { announce: false }, diary.statuses());
    t.after(() => watcher.logout());
    const status = async () => (await watcher.getPresenceStatus({ usernames: [name] })).users[0];
    const devices = async () => Object.keys((await status()).devices);
    await watcher.subscribePresence({ usernames: [name] });
    // What was told of the user since the last call.
    let read = 0;
    const news = () => {
        const since = diary.entries.slice(read).map(([, one]) => one).filter(({ username }) => username === name);
        read = diary.entries.length;
        return since;
    };
    return { diary, devices, news };
}

test('A page that is left by a link is told at once, and is there again when one comes back', async (t) => {
    const { diary, devices } = await watch(t, 'alice');
    const alice = await open(t, 'alice');
    await diary.status('alice', (one) => one.online);
    const [device] = await devices();
    await alice.run('() => { window.isTheSame = true; }');

    await alice.follow(`http://127.0.0.1:${elsewhere.address().port}/`);
    // Sooner than the keep-alive of 45 s would tell of it.
    const gone = await diary.status('alice', (one) => !one.online);
    assert.equal(gone.cause, 'lost');

    await alice.back();
    await alice.see('#connection', /Live/);
    assert.equal(await alice.run('() => window.isTheSame'), true, 'the browser had kept the page');
    await until('alice is online', async () => (await devices()).length === 1);
    assert.deepEqual(await devices(), [device]);
});

test('A reload keeps the name of the device, and nobody is told of it', async (t) => {
    const { diary, devices, news } = await watch(t, 'bob');
    const bob = await open(t, 'bob');
    await diary.status('bob', (one) => one.online);
    const [device] = await devices();
    assert.match(device, /^web-[0-9a-z]{8}$/);
    news();
    for (let reload = 1; reload <= 3; reload += 1) {
        await bob.reload();
        await bob.see('#connection', /Live/);
        assert.deepEqual(await devices(), [device]);
    }
    // A change that everybody is told of comes after all that a reload could have brought.
    await bob.click('#mood .chips label:nth-of-type(3)');
    await diary.status('bob', (one) => one.status === 'busy');
    assert.deepEqual(news().map(({ status }) => status), ['busy']);
});

test('Two tabs are two devices, and who signs out in one stays online in the other', async (t) => {
    const { diary, devices, news } = await watch(t, 'carol');
    const carol = await open(t, 'carol');
    await until('the first device', async () => (await devices()).length === 1);
    const [first] = await devices();
    // A window that a page opens begins with a copy of its storage, as a tab that is duplicated does.
    await carol.run('() => { window.second = open(location.href); }');
    await until('the second device', async () => (await devices()).length === 2);
    const [second] = (await devices()).filter((name) => name !== first);
    await carol.run('() => { second.isOld = true; second.location.reload(); }');
    await until('it is there again', () => carol.run('() => !second.isOld && /Live/.test(second.document.body?.innerText)'));
    assert.deepEqual((await devices()).sort(), [first, second].sort());
    await carol.click('#logout');
    await until('one device', async () => (await devices()).length === 1);
    assert.deepEqual(await devices(), [second]);
    await carol.run('() => second.close()');
    assert.equal((await diary.status('carol', (one) => !one.online)).cause, 'lost');
    assert.equal(news().filter(({ online }) => !online).length, 1, 'only the end of the last one is told');
});

test('A page that is frozen where it is goes, and connects again when it goes on', async (t) => {
    const { diary, devices, news } = await watch(t, 'erin');
    const erin = await open(t, 'erin');
    await diary.status('erin', (one) => one.online);
    const [device] = await devices();
    await erin.type('#follow [name=usernames]', 'bob');
    await erin.click('#follow button');
    await erin.see('#people', /bob/);
    await erin.command('Page.setWebLifecycleState', { state: 'frozen' });
    await diary.status('erin', (one) => !one.online);
    const bob = await world.client('bob', { status: 'coffee' });
    t.after(() => bob.logout());
    news();
    await erin.command('Page.setWebLifecycleState', { state: 'active' });
    await erin.see('#connection', /Live/);
    await erin.see('#people', /coffee/);
    await until('erin is online', () => news().some(({ online }) => online), { every: 50 });
    assert.deepEqual(await devices(), [device]);
});

test('Where the browser forbids the storage, the page works all the same', async (t) => {
    const { devices } = await watch(t, 'alice');
    const alice = await open(t, 'alice', { prefs: { 'profile.default_content_setting_values.cookies': 2 } });
    assert.equal(await alice.run(`() => { try { return String(sessionStorage); } catch (error) { return error.name; } }`), 'SecurityError');
    assert.match((await devices())[0], /^web-[0-9a-z]{8}$/);
    await alice.click('#logout');
    await alice.see('#entrance', /Sign in/);
});

test('A page that the browser prepares unseen is nobody until somebody goes there', async (t) => {
    const { devices } = await watch(t, 'bob');
    const bob = await open(t, 'bob');
    const [device] = await devices();
    // What search engines and links do that expect to be followed.
    await bob.run(`() => {
        const rules = Object.assign(document.createElement('script'), { type: 'speculationrules' });
        rules.textContent = JSON.stringify({ prerender: [{ urls: ['/index.html'], eagerness: 'immediate' }] });
        document.head.append(rules);
    }`);
    await until('a while has passed', (() => { const end = Date.now() + 2000; return () => Date.now() > end; })());
    assert.deepEqual(await devices(), [device]);
    await bob.follow('/index.html');
    await bob.see('#connection', /Live/);
    assert.equal(await bob.run('() => performance.getEntriesByType("navigation")[0].activationStart > 0'), true);
    await until('it is the same device', async () => (await devices()).join() === device);
});
