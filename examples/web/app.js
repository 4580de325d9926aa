import mqtt from 'mqtt';
import { PresenceClient } from './presence.js';
import { Choices } from './page/choices.js';
import { Place } from './page/focus.js';
import { Login } from './page/login.js';
import { OwnDay } from './page/own.js';
import { Roster } from './page/roster.js';
import { sentence } from './page/words.js';

const element = (id) => document.getElementById(id);
const client = new PresenceClient({ mqtt });
const group = (id) => ({
    place: element(id), list: element(id).querySelector('ul'), count: element(`${id}-count`),
});
const roster = new Roster({
    groups: { here: group('here'), gone: group('gone') },
    template: element('person'),
    now: () => client.now(),
    actions: {
        renew: (name) => attempt(() => follow([name])),
        unfollow: (name) => attempt(async () => {
            await client.unsubscribePresence({ usernames: [name] });
            roster.remove(name);
            count();
        }),
    },
});
const choices = new Choices({
    client,
    place: element('around'),
    list: element('choices'),
    rest: element('around-rest'),
    follow: (name) => attempt(() => follow([name])),
});
const ownDay = new OwnDay({ client, strip: element('own-strip'), note: element('own-note') });
const place = new Place(element('room'));
const kept = new Login();
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;

// MARK: Coming and going

async function signIn(login, isReload = false) {
    show('entrance', false);
    show('room', true);
    element('me-name').textContent = login.username;
    element('me-avatar').textContent = [...login.username][0].toUpperCase();
    element('mood').elements.status.value = login.status;
    connection('connecting', 'Connecting');
    try {
        await client.connect({ url, ...login });
    } catch (error) {
        if (error.code === 'closed') signedOut('');
        else signedOut(error.code === 'bad_login' ? 'Wrong name or password.' : `${error.message}.`);
        return;
    }
    kept.keep(login);
    // The keyboard begins with the people, and after a reload goes on where it was.
    const before = isReload ? place.last : null;
    if (document.activeElement === document.body) element('people-heading').focus();
    await attempt(list);
    if (before && document.activeElement === element('people-heading')) place.restore(before);
}

function signedOut(reason) {
    kept.forget();
    place.forget();
    roster.clear();
    choices.clear();
    ownDay.clear();
    element('find').reset();
    roster.filter('', false);
    show('room', false);
    show('entrance', true);
    explain('login-error', reason);
    const { username, password } = element('login').elements;
    password.value = '';
    (username.value ? password : username).focus();
}

element('login').addEventListener('submit', (event) => {
    event.preventDefault();
    const { username, password } = event.target.elements;
    explain('login-error', '');
    signIn({ username: username.value.trim(), password: password.value, status: 'online' });
});

element('logout').addEventListener('click', async () => {
    await client.logout();
    signedOut('');
});

// MARK: What others see

element('mood').addEventListener('change', (event) => {
    if (event.target.name !== 'status') return;
    const status = event.target.value;
    kept.change({ status });
    attempt(async () => {
        await client.setStatus(status);
        await ownDay.showSoon();
    });
});

element('mood').addEventListener('submit', (event) => {
    event.preventDefault();
    const { description, expiry } = event.target.elements;
    attempt(async () => {
        await client.publishPresence({
            description: description.value, expiry: expiry.value ? Number(expiry.value) : undefined,
        });
        tell(description.value ? 'Others can read it now' : 'Your words are gone');
    });
});

// MARK: Whom one sees

async function follow(usernames) {
    const expiry = Number(element('follow').elements.expiry.value);
    const { subscribed, rejected } = await client.subscribePresence({ usernames, expiry });
    for (const status of subscribed) {
        roster.update(status);
        roster.add(status.username, status.expires);
    }
    count();
    if (rejected.length > 0) {
        explain('people-error', `You follow too many to follow ${rejected.join(', ')}, too.`);
    }
}

element('follow').addEventListener('submit', (event) => {
    event.preventDefault();
    const { usernames } = event.target.elements;
    attempt(async () => {
        await follow(usernames.value.split(/[\s,]+/).filter(Boolean));
        usernames.value = '';
        count();
    });
});

for (const kind of ['input', 'submit', 'reset']) {
    element('find').addEventListener(kind, (event) => {
        if (kind === 'submit') event.preventDefault();
        const { text, online } = element('find').elements;
        roster.filter(text.value, online.checked);
        count();
    });
}
element('follow').elements.usernames.addEventListener('input', () => count());

let listing = null;

/** Reads the list of subscriptions, which other devices of the user change, too. */
function list() {
    listing ??= listNow().finally(() => { listing = null; });
    return listing;
}

async function listNow() {
    const all = [];
    let page;
    do {
        page = await client.getSubscribedPresenceList({ pageNum: page ? page.pageNum + 1 : 0, pageSize: 500 });
        all.push(...page.subscriptions);
    } while (page.subscriptions.length > 0 && all.length < page.total);
    const { users: [me] } = await client.getPresenceStatus({ usernames: [client.username] });
    const { description } = element('mood').elements;
    if (document.activeElement !== description) description.value = me.description;
    roster.replace(all);
    await choices.read();
    await ownDay.showSoon();
    count();
}

client.addEventHandler('page', {
    onPresenceStatusChange(statuses) {
        for (const status of statuses) {
            roster.update(status);
            if (roster.has(status.username)) tell(sentence(status));
        }
        if (statuses.some(({ username }) => !roster.has(username))) attempt(list);
        count();
    },
    onSubscriptionEnded({ username, reason }) {
        roster.remove(username);
        count();
        tell(reason === 'evicted' ? `${username} had to give way to others you follow`
            : `You do not follow ${username} any more`);
    },
    onConnected() {
        state();
    },
    onDisconnected({ error, willRetry }) {
        if (!willRetry) signedOut(`${error.message}.`);
        else state(error);
    },
    onBridgeStateChange({ state: bridge }) {
        state();
        if (bridge === 'online') attempt(list);
    },
    onMissingEvents() {
        state();
    },
    onError(error) {
        explain('people-error', `${error.message}.`);
    },
});

// MARK: What is the matter

/** Says how true the page is. */
function state(error) {
    const isLive = client.isConnected && client.bridge.state === 'online';
    element('people').toggleAttribute('data-stale', !isLive);
    element('say').textContent = isLive ? 'Say it' : 'Say it when the service is back';
    if (!isLive) {
        roster.lose();
        ownDay.lose();
    }
    show('retry', !client.isConnected);
    if (isLive && client.missingEvents) {
        connection('away', 'Late');
        explain('trouble', 'The broker does not deliver changes, so what you see is up to 10 seconds '
            + `old. Its ACL lacks "${client.missingEvents.right}".`);
    } else if (isLive) {
        connection('live', 'Live');
        explain('trouble', '');
    } else if (client.isConnected) {
        connection('away', 'Service away');
        explain('trouble', 'The presence service is away. What you see may be out of date; '
            + 'it goes on by itself.');
    } else {
        connection('lost', 'Not connected');
        explain('trouble', `${error?.message ?? 'There is no connection'}. It is tried again and again; `
            + 'what you see may be out of date.');
    }
}

/** Does what somebody wants, and says why if it cannot be done. */
async function attempt(action) {
    explain('people-error', '');
    try {
        await action();
    } catch (error) {
        if (error.code !== 'closed') explain('people-error', `${error.message}.`);
    }
}

function connection(name, text) {
    element('connection').dataset.state = name;
    element('connection-text').textContent = text;
}

function explain(id, text) {
    show(id, Boolean(text));
    (element(`${id}-text`) ?? element(id)).textContent = text;
}

function show(id, isShown) {
    element(id).hidden = !isShown;
}

/** Tells those who listen rather than look. */
function tell(text) {
    const line = document.createElement('span');
    line.textContent = `${text}. `;
    element('news').append(line);
    while (element('news').childElementCount > 5) element('news').firstElementChild.remove();
}

function count() {
    element('count').textContent = roster.size > 0 ? `${roster.onlineCount} of ${roster.size} online` : '';
    show('nobody', roster.size === 0);
    show('find', roster.size > 0);
    show('none-found', roster.size > 0 && element('here').hidden && element('gone').hidden);
    const typed = element('follow').elements.usernames.value.split(/[\s,]+/).at(-1);
    choices.show((name) => roster.has(name), typed);
}

element('retry').addEventListener('click', () => client.reconnect());
setInterval(() => roster.tick(), 1000);
// Who has come online whom nobody here follows, and one's own day.
setInterval(() => {
    if (document.hidden || !client.isConnected || client.bridge.state !== 'online') return;
    attempt(async () => {
        await choices.read();
        await ownDay.show();
        count();
    });
}, 20_000);
show('demo-hint', ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname));

// A reload is no logout: the device comes back, under its name, before anybody is told that it went.
if (kept.current) signIn(kept.current, true);
else signedOut('');
