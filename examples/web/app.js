import mqtt from 'mqtt';
import { PresenceClient } from './presence.js';
import { Roster } from './page/roster.js';
import { Login } from './page/login.js';
import { sentence } from './page/words.js';

const element = (id) => document.getElementById(id);
const client = new PresenceClient({ mqtt });
const roster = new Roster({
    list: element('people'),
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
const kept = new Login();
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;

// MARK: Coming and going

async function signIn(login) {
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
        else signedOut(error.code === 'bad_login' ? 'This name and password do not fit.' : `${error.message}.`);
        return;
    }
    kept.keep(login);
}

function signedOut(reason) {
    kept.forget();
    roster.clear();
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
    attempt(() => client.setStatus(status));
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
    });
});

let isListing = false;

/** Reads the list of subscriptions, which other devices of the user change, too. */
async function list() {
    if (isListing) return;
    isListing = true;
    try {
        await listNow();
    } finally {
        isListing = false;
    }
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
}

element('retry').addEventListener('click', () => client.reconnect());
setInterval(() => roster.tick(), 1000);

// A reload is no logout: the device comes back, under its name, before anybody is told that it went.
if (kept.current) signIn(kept.current);
else signedOut('');
