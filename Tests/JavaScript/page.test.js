// The page in a real browser: two people see each other come, change, and go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, Driver } from './browser.js';
import { until } from './until.js';
import { World } from './world.js';

let world;
let driver;
// For tests that need but one: a browser takes seconds to start.
let shared;
before(async () => {
    world = await World.start({ offline_grace: '4s', logout_grace: '1s' }, { servesPage: true });
    driver = await Driver.start();
    shared = await Browser.open(driver, world.page);
});
after(async () => {
    await shared?.close();
    await driver?.stop();
    await world?.stop();
});

const row = (name) => `#people li[data-name="${name}"]`;

/** A browser of somebody's own. */
async function open(t, name) {
    const browser = await Browser.open(driver, world.page);
    t.after(() => browser.close());
    await browser.signIn(name);
    return browser;
}

async function follow(browser, names) {
    await browser.type('#follow [name=usernames]', names);
    await browser.click('#follow button');
}

test('One sees the other come, change, reload, and vanish when the whole browser is killed', async (t) => {
    const alice = await open(t, 'alice');
    await follow(alice, 'bob, carol');
    await alice.see(row('carol'), /never seen/);
    const bob = await open(t, 'bob');
    await alice.see(row('bob'), /online/);
    await bob.click('#mood .chips label:nth-of-type(3)');
    await bob.type('[name=description]', 'in a meeting');
    await bob.click('#mood button');
    await alice.see(row('bob'), /busy.*in a meeting/);
    assert.match(await alice.run('() => document.getElementById("news").textContent'), /bob is busy: in a meeting/);

    const said = await alice.run('() => document.getElementById("news").textContent');
    await bob.reload();
    await bob.see('#connection', /Live/);
    await bob.see('#me-name', /bob/);
    // Longer than the grace after a logout: a reload must not be one.
    await until('a grace is over', (() => { const end = Date.now() + 1700; return () => Date.now() > end; })());
    assert.equal(await alice.run('() => document.getElementById("news").textContent'), said);
    await alice.see(row('bob'), /busy/);

    await bob.kill();
    await alice.see(row('bob'), /offline.*connection lost/);
    await alice.see('#count', /0 of 2 online/);
});

test('It goes by keyboard alone, and unfollowing keeps the place', async () => {
    const browser = shared;
    const [tab, enter, space] = ['\uE004', '\uE007', ' '];
    await browser.see('#entrance', /Sign in/);
    await browser.press(...'carol', tab, ...'carol', enter);
    await browser.see('#connection', /Live/);
    await browser.run('() => document.querySelector("#follow [name=usernames]").focus()');
    await browser.press(...'dave erin', enter);
    await browser.see('#people', /dave.*erin/);
    await browser.run('(row) => document.querySelector(`${row} .renew`).focus()', row('dave'));
    await browser.press(tab, space);
    await browser.see('#count', /0 of 1/);
    assert.equal(await browser.run('() => document.activeElement.getAttribute("aria-label")'), 'Unfollow erin');
    await browser.press(space);
    await browser.see('#nobody', /nobody/);
    await browser.click('#logout');
});

test('A tab that is duplicated is a device of its own', async (t) => {
    const browser = shared;
    await browser.signIn('erin');
    const watcher = await world.client('dave', { announce: false });
    t.after(() => watcher.logout());
    const devices = async () => Object.keys((await watcher.getPresenceStatus({ usernames: ['erin'] })).users[0].devices);
    await until('one device', async () => (await devices()).length === 1);
    // A window that a page opens begins with a copy of its storage.
    await browser.run('() => { window.second = open(location.href); }');
    await until('two devices', async () => (await devices()).length === 2);
    await browser.run('() => window.second.close()');
    await until('one device again', async () => (await devices()).length === 1);
    await browser.click('#logout');
});

test('Every control has a name', async () => {
    const browser = shared;
    await browser.signIn('dave');
    await follow(browser, 'bob');
    await browser.see('#people', /bob/);
    const { nodes } = await browser.command('Accessibility.getFullAXTree', {});
    const controls = nodes.filter(({ ignored, role }) => !ignored
        && ['button', 'textbox', 'combobox', 'radio', 'list', 'region'].includes(role?.value));
    assert.ok(controls.length >= 12);
    for (const { role, name } of controls) assert.ok(name?.value, `${role.value} without a name`);
    await browser.click('#logout');
});

test('The page says what is wrong: a password, the bridge, the broker', async () => {
    const browser = shared;
    await browser.see('#entrance', /Sign in/);
    await browser.type('[name=username]', 'erin');
    await browser.type('[name=password]', 'wrong');
    // The page is so busy that it hears of the refusal and of the closed WebSocket at once.
    await browser.run(`() => {
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (data) {
            WebSocket.prototype.send = send;
            this.send(data);
            for (const end = Date.now() + 500; Date.now() < end;);
        };
    }`);
    await browser.click('#login button');
    await browser.see('#login-error', /name and password do not fit/);
    await browser.type('[name=password]', 'erin');
    await browser.click('#login button');
    await browser.see('#connection', /Live/);
    await follow(browser, 'not/aname');
    await browser.see('#people-error', /not\/aname/);

    await world.killBridge();
    await browser.see('#trouble', /service is away/);
    await world.startBridge();
    await browser.see('#connection', /Live/);
    await world.killBroker();
    await browser.see('#trouble', /tried again/);
    await world.startBroker();
    await browser.see('#connection', /Live/);
    await browser.click('#logout');
    await browser.see('#entrance', /Sign in/);
    await browser.reload();
    await browser.see('#entrance', /Sign in/);
});

test('The page says that the broker delivers no events, and which right its ACL lacks', async (t) => {
    const other = await World.start({}, { servesPage: true, lacks: 'pattern read presence/event/%u' });
    t.after(() => other.stop());
    const alice = await Browser.open(driver, other.page);
    t.after(() => alice.close());
    await alice.signIn('alice');
    await follow(alice, 'bob');
    await alice.see(row('bob'), /never seen/);
    await other.client('bob');
    await alice.see('#trouble', /does not deliver changes.*pattern read presence\/event\/%u/);
    await alice.see('#connection', /Late/);
    await alice.see(row('bob'), /online/);
});
