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
    world = await World.start({ offline_grace: '4s', logout_grace: '1s', history_keep: '1d' }, { servesPage: true });
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

test('Who is online is there to be chosen, found, and followed', async (t) => {
    const browser = shared;
    const others = await Promise.all(['alice', 'carol'].map((name) => world.client(name)));
    t.after(() => Promise.all(others.map((one) => one.logout())));
    await browser.signIn('erin');
    await browser.see('#choices', /alice carol/);
    await browser.see('#people-heading', /People/);
    assert.equal(await browser.run('() => document.activeElement.id'), 'people-heading');
    await browser.run('() => document.querySelector("#choices [data-name=carol]").click()');
    await browser.see('#here', /Online 1 C carol online/);
    await browser.see('#choices', /^alice$/);
    await browser.type('#follow [name=usernames]', 'bo');
    await until('nobody fits', () => browser.run('() => document.getElementById("around").hidden'));
    await follow(browser, 'bob, dave');
    await browser.see('#gone', /Offline 2.*bob.*dave/);
    await browser.see('#choices', /^alice$/);
    await browser.type('#find [name=text]', 'DAV');
    await browser.see('#gone', /Offline 1 D dave/);
    assert.equal(await browser.run('(row) => document.querySelector(row).checkVisibility()', row('bob')), false);
    await browser.type('#find [name=text]', 'nobody is called that');
    await browser.see('#none-found', /Nobody/);
    await browser.run('() => document.getElementById("find").reset()');
    await browser.click('#find [name=online]');
    await browser.see('#here', /carol/);
    assert.equal(await browser.run('() => document.getElementById("gone").hidden'), true);
    await browser.click('#find [name=online]');
    // The list is two stops of the Tab key, and the arrows go from row to row.
    const stops = '() => [...document.querySelectorAll("#people button")].filter((one) => one.tabIndex === 0 && !one.hidden).length';
    assert.equal(await browser.run(stops), 2);
    await browser.run('(row) => document.querySelector(`${row} .renew`).focus()', row('carol'));
    await browser.press('\uE015', '\uE015');
    assert.equal(await browser.run('() => document.activeElement.getAttribute("aria-label")'), 'Renew dave');
    assert.equal(await browser.run(stops), 2);
    await browser.reload();
    await browser.see('#connection', /Live/);
    await until('the keyboard is where it was', async () => await browser.run(
        '() => document.activeElement.getAttribute("aria-label")',
    ) === 'Renew dave');
    await browser.click('#logout');
});

test('A long description is cut to three lines, and is read whole at a press', async (t) => {
    const browser = shared;
    const dave = await world.client('dave');
    t.after(() => dave.logout());
    await dave.publishPresence({ description: `${'many words '.repeat(60)}${'x'.repeat(300)} end` });
    await browser.signIn('alice');
    await browser.resize(380, 800);
    await follow(browser, 'dave');
    await browser.see(`${row('dave')} .more`, /more/);
    const height = () => browser.run('(row) => document.querySelector(row).offsetHeight', row('dave'));
    const cut = await height();
    assert.ok(cut < 300, `${cut} pixels`);
    assert.equal(await browser.run('() => document.documentElement.scrollWidth'), 380);
    await browser.run('(row) => document.querySelector(`${row} .more`).click()', row('dave'));
    await browser.see(`${row('dave')} .more`, /less/);
    assert.ok(await height() > cut + 100);
    assert.equal(await browser.run('() => document.documentElement.scrollWidth'), 380);
    await dave.publishPresence({ description: 'short' });
    await browser.see(row('dave'), /short/);
    await browser.resize(1100, 800);
    await browser.click('#logout');
});

test('The last day is a strip: one\'s own out of the history, others\' as far as it is known', async (t) => {
    const browser = shared;
    const bob = await world.client('bob');
    const tones = (selector) => browser.run(
        '(selector) => [...document.querySelectorAll(`${selector} rect`)].map(({ dataset }) => dataset.tone)', selector,
    );
    await bob.setStatus('busy');
    const before = await world.client('carol');
    t.after(() => Promise.all([bob.logout(), before.logout()]));
    await before.setStatus('away');
    const isAway = ({ status, time }) => status.status === 'away' && before.now() > time + 1;
    // Times are told in whole seconds: what lasted for none is not on the strip.
    await until('she was away for a second', async () => (await before.getHistory()).some(isAway));
    await browser.signIn('carol');
    await until('carol sees her day', async () => {
        const own = await tones('#own-strip');
        return own.includes('here') && own.includes('away');
    });
    await browser.see('#own-day', /Your last day.*not known/);
    const label = await browser.run('() => document.getElementById("own-strip").getAttribute("aria-label")');
    assert.match(label, /^Last day: online .*until now; the rest is not known$/);
    await follow(browser, 'bob, erin');
    await until('bob is seen busy', async () => (await tones(`${row('bob')} .strip`)).at(-1) === 'busy');
    // Of erin's day only is known how it ended, and of nobody more than somebody has seen.
    const shares = await browser.run(`(row) => [...document.querySelectorAll(\`\${row} rect\`)]
        .reduce((sum, rect) => sum + Number(rect.getAttribute('width')), 0)`, row('bob'));
    assert.ok(shares < 3_600, `${shares} seconds are known`);
    await bob.setStatus('away');
    await until('bob is seen away', async () => (await tones(`${row('bob')} .strip`)).at(-1) === 'away');
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
    await browser.see('#login-error', /Wrong name or password/);
    await browser.type('[name=password]', 'erin');
    await browser.click('#login button');
    await browser.see('#connection', /Live/);
    await follow(browser, 'not/aname');
    await browser.see('#people-error', /not\/aname/);

    await world.killBridge();
    await browser.see('#trouble', /service is away/);
    await browser.see('#say', /when the service is back/);
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
