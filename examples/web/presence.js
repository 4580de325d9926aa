import { PresenceError } from './presence/error.js';
import { Logins } from './presence/logins.js';
import { checkName, checkPrefix, findRandomness, hasRandomness, inParts, randomName } from './presence/names.js';
import { Session } from './presence/session.js';
import { everyone } from './presence/subscriptions.js';
import { GivenName, TabName } from './presence/tab.js';
import { wordOf } from './presence/word.js';

export { PresenceError };

/**
 * A client of the MQTT presence protocol, for browsers and Node.
 *
 * It has the presence calls of Agora Chat (`subscribePresence` and those beside it) and, below
 * `presence`, those of deepstream. All return promises, rejected with a `PresenceError`. Lists of
 * more users than fit into one request are split; when a later part fails, the error's `result` says
 * what had been done. Statuses are the objects of docs/protocol.md.
 *
 * It keeps the connection, states its device again when that is due, and after every absence, its
 * own or the bridge's, asks for what it missed: each change arrives once, in order; of several
 * changes of one user in quick succession or during an absence, the last.
 */
export class PresenceClient {
    /** deepstream's calls: `subscribe`, `unsubscribe`, `getAll`. */
    presence = new Logins(this);

    #mqtt;
    #session = null;
    #username;
    #name;
    #ownNames = new Map();
    #handlers = new Map();
    #renews = false;
    // Those whom subscribePresence() was called for, which presence.unsubscribe() must leave alone.
    #asked = new Set();

    /** @param mqtt MQTT.js 4.3: `import mqtt from 'mqtt'`, or the global of its browser build. */
    constructor({ mqtt = globalThis.mqtt } = {}) {
        if (typeof mqtt?.connect !== 'function') {
            throw this.badArgument('new PresenceClient({ mqtt }) needs MQTT.js');
        }
        this.#mqtt = mqtt;
    }

    // MARK: The connection

    /** Whether there is a connection to the broker. */
    get isConnected() { return this.#session?.isConnected ?? false; }

    /** The bridge's state, as it said; `state` is `online`, `offline` or `unknown`. */
    get bridge() { return this.#session?.bridges.current ?? { state: 'unknown' }; }

    /**
     * `null`, or the topic whose events the broker does not deliver, and the right that its ACL lacks:
     * `{topic, right}`. Statuses are asked for each 10 seconds then.
     */
    get missingEvents() { return this.#session?.missingEvents ?? null; }

    /** The user. */
    get username() { return this.#username; }

    /** The name of the device. */
    get device() { return this.#name?.device; }

    /** The word that the device has stated, or states when the connection is back. */
    get status() { return this.#session?.status ?? 'offline'; }

    /** The bridge's time in Unix seconds, to compare `expires` and `since` with. */
    now() { return this.#session?.now() ?? Date.now() / 1000; }

    /**
     * Connects, and says that this device is online.
     *
     * It is rejected when the first attempt fails; a connection that is lost later comes back by
     * itself. The present statuses of those whom the user was already subscribed to follow through
     * `onPresenceStatusChange`.
     *
     * @param {object} options
     * @param {string} options.url `ws://`, `wss://`, in Node also `mqtt://` and `mqtts://`.
     * @param {string} options.username The login at the broker, and the user.
     * @param {string} [options.password]
     * @param {string} [options.device] A label of the user's own; two devices need two. By default
     *     one is made: in a browser for each tab, and kept over a reload; in Node for each client.
     * @param {string} [options.status] The word to begin with.
     * @param {boolean} [options.announce] `false` for one who only watches, and is not online by it.
     * @param {boolean} [options.renews] Renews what `subscribePresence` subscribes to before it ends.
     * @param {number} [options.ttl] Seconds, 5 to 86,400. The device states itself again three times
     *     within them, and is lost without: so it leaves no ghost where the broker publishes no
     *     will. 0 for none.
     * @param {number} [options.keepalive] Seconds of silence before the connection is tested.
     * @param {number} [options.timeout] Milliseconds that a call waits for its answer, over
     *     interruptions of the connection.
     * @param {number} [options.resendAfter] Milliseconds after which a request is sent again.
     * @param {number} [options.reconnectWait] Milliseconds before the first attempt to reconnect;
     *     doubled after each one, up to `longestReconnectWait`.
     * @param {string} [options.clientId] The MQTT client id; random, since whoever knows it could
     *     throw this connection off. That of one who only watches begins with `presence-watch-`, by
     *     which the broker's plugin knows that it is no device.
     * @param {string} [options.prefix] The first level or levels of all topics: up to 256 bytes,
     *     without empty levels, `+`, `#` and control characters, no `$` in front.
     * @param {object} [options.mqttOptions] Further options of MQTT.js, such as `ca`.
     */
    async connect({
        url, username, password, device, status = 'online', announce = true, renews = false, ttl = 300,
        keepalive = 45, timeout = 15_000, resendAfter = 3_000, reconnectWait = 500,
        longestReconnectWait = 30_000, clientId, prefix = 'presence', mqttOptions = {},
    }) {
        if (!hasRandomness()) await findRandomness();
        if (this.#session) throw this.badArgument('It is connected already; logout() comes first');
        if (!url) throw this.badArgument('connect() needs "url"');
        checkName('username', username, 128);
        if (device !== undefined) checkName('device', device, 64);
        checkPrefix(prefix);
        if (ttl && !(Number.isInteger(ttl) && ttl >= 5 && ttl <= 86_400)) {
            throw this.badArgument(`"ttl" is 5 to 86400 whole seconds, or 0 for none; it is ${ttl}`);
        }
        const name = device === undefined ? this.#ownName(username) : new GivenName(device);
        const session = new Session(this.#mqtt, {
            url, username, password, name, status: wordOf(status), announce, ttl, keepalive, timeout, resendAfter,
            reconnectWait, longestReconnectWait, prefix, mqttOptions,
            clientId: clientId ?? `presence-${announce ? '' : 'watch-'}${randomName(22)}`,
        }, {
            tell: (event, ...values) => this.#tell(event, ...values),
            onEdge: (name, isLoggedIn) => {
                for (const callback of this.presence.callbacks(name)) call(callback, name, isLoggedIn);
            },
            onEnded: (name) => {
                this.#asked.delete(name);
                this.presence.ended(name);
            },
            onOver: () => this.#forgetSession(session),
        });
        this.#session = session;
        this.#username = username;
        this.#name = name;
        this.#renews = renews;
        await session.open();
    }

    /** Tries at once to reconnect; while connected, makes sure that the broker still answers. */
    reconnect() { this.#session?.reconnect(); }

    /** Says that this device is offline, and disconnects. */
    async logout() { await this.#session?.close(); }

    /** The same as `logout()`. */
    close() { return this.logout(); }

    /**
     * States another word for this device: `away`, `busy`, `invisible`, or any of `a-z 0-9 _ -`. It
     * is read as the bridge reads it: upper case becomes lower, `on` is `online`.
     *
     * Without a connection it waits for the next; fulfilled when the broker has it.
     */
    async setStatus(word) {
        await this.#open.setStatus(wordOf(word));
    }

    // MARK: Handlers

    /**
     * Sets handlers under a name, in place of those that were there under it:
     *
     * - `onPresenceStatusChange(statuses)`: an array of status objects that are news;
     * - `onSubscriptionEnded({username, reason})`: `expired`, `evicted` (by a longer one when there
     *   were too many) or `gone` (ended by another device, or during an absence);
     *   `{all: true, reason}` for the one to everyone;
     * - `onConnected()`, `onDisconnected({error, willRetry, retryIn})` with milliseconds;
     * - `onBridgeStateChange(bridge)`: statuses may be stale unless `bridge.state` is `online`;
     * - `onMissingEvents(missing)`: `missingEvents` has changed; `null` when they come after all;
     * - `onError(error)`: what no call waits for, such as `too_many_devices`.
     */
    addEventHandler(name, handlers) { this.#handlers.set(name, handlers); }

    removeEventHandler(name) { this.#handlers.delete(name); }

    // MARK: Agora's calls

    /**
     * Subscribes to users, or anew with another duration.
     *
     * @param {{usernames: string[], expiry?: number}} options `expiry` in seconds, up to 30 days.
     * @returns {Promise<{subscribed: object[], evicted: string[], rejected: string[]}>} The statuses
     *     of those subscribed to, with `expires`; which others had to give way; and which of these
     *     found no place.
     */
    async subscribePresence({ usernames, expiry }) {
        const result = await this.#subscribe(usernames, expiry, this.#renews || undefined);
        for (const { username } of result.subscribed) this.#asked.add(username);
        return result;
    }

    /** Ends subscriptions, also for the callbacks of `presence.subscribe`. */
    async unsubscribePresence({ usernames }) {
        const session = this.#open;
        return this.#inParts('unsubscribe', usernames, {
            merge: (one, other) => ({ unsubscribed: [...one.unsubscribed, ...other.unsubscribed] }),
            take: (result, names) => {
                for (const name of names) {
                    session.subscriptions.remove(name);
                    session.statuses.forget(name);
                    this.#asked.delete(name);
                    this.presence.ended(name);
                }
            },
        });
    }

    /**
     * Publishes the user's own words, for all its devices; `''` takes them away. Unlike Agora's, they
     * stay when the user goes offline, unless they have an `expiry` in seconds.
     *
     * @returns {Promise<object>} The user's status.
     */
    async publishPresence({ description, expiry }) {
        return this.#open.ask('publish', { description, expiry });
    }

    /**
     * A page of the user's subscriptions:
     * `{total, pageNum, pageSize, subscriptions: [{username, expires}]}`.
     */
    async getSubscribedPresenceList({ pageNum, pageSize } = {}) {
        return this.#open.ask('subscriptions', { pageNum, pageSize });
    }

    /** The statuses of users, subscribed to or not: `{users}`, in the order given. */
    async getPresenceStatus({ usernames }) {
        return this.#inParts('get', usernames, {
            merge: (one, other) => ({ users: [...one.users, ...other.users] }),
        });
    }

    // MARK: Further calls

    /** The names of all who are online. */
    async getOnlineUsers() { return this.#pages('online'); }

    /** How many users are online. */
    async getOnlineCount() { return (await this.#open.ask('online', { pageSize: 0 })).total; }

    /** The names of those who are subscribed to this user. */
    async getWatchers() { return this.#pages('watchers'); }

    /**
     * What has changed of this user, the newest first: `[{id, time, type, status}]`. `after` and `before` are Unix
     * seconds. `forbidden` where the operator keeps none.
     */
    async getHistory({ after, before, limit = 50 } = {}) {
        const session = this.#open;
        const all = [];
        let cursor;
        do {
            const pageSize = Math.min(500, limit - all.length);
            const page = await session.ask('history', { after, before, pageSize, cursor });
            all.push(...page.changes);
            cursor = page.cursor;
        } while (cursor !== undefined && all.length < limit);
        return all;
    }

    /** Whether users are online: an object of username → Boolean. */
    async areOnline(usernames) {
        const { online } = await this.#inParts('get', usernames, {
            most: 1000,
            body: { brief: true },
            // By entries, since a user may be called __proto__.
            merge: (one, other) => ({
                online: Object.fromEntries([...Object.entries(one.online), ...Object.entries(other.online)]),
            }),
        });
        return online;
    }

    // MARK: What `presence` is made of

    /** Subscribes for callbacks, and renews. @package */
    async follow(names) {
        const session = this.#open;
        const single = names.filter((name) => name !== everyone);
        for (const name of single) if (this.#asked.has(name)) session.subscriptions.keep(name, true);
        const fresh = single.filter((name) => !this.#asked.has(name));
        if (fresh.length > 0) {
            const { rejected } = await this.#subscribe(fresh, undefined, true);
            if (rejected.length > 0) {
                throw new PresenceError('limit_exceeded', `No place for ${rejected.join(', ')}`);
            }
        }
        if (!names.includes(everyone)) return;
        const { all } = await session.ask('subscribe', { all: true });
        session.subscriptions.add(everyone, all.expires, { keep: true });
        // Who is online now, so that each login and logout from now on is one.
        for await (const { users } of session.catchUp.pages(0)) session.hand(users, { isBaseline: true });
        session.statuses.coversEveryone = true;
    }

    /** Ends what `follow` began. @package */
    async unfollow(names) {
        const session = this.#open;
        const single = names.filter((name) => name !== everyone);
        for (const name of single) session.subscriptions.keep(name, this.#renews);
        const fresh = single.filter((name) => !this.#asked.has(name));
        if (fresh.length > 0) await this.unsubscribePresence({ usernames: fresh });
        if (!names.includes(everyone)) return;
        session.subscriptions.remove(everyone);
        session.statuses.coversEveryone = false;
        // To unsubscribe from all would end every single subscription as well; so let it run out.
        await session.ask('subscribe', { all: true, expiry: 1 });
    }

    /** An error for a call that makes no sense. @package */
    badArgument(message) { return new PresenceError('bad_argument', message); }

    // MARK: How

    /** The name for a device that the app has not named; this client keeps it over a logout. */
    #ownName(username) {
        if (!this.#ownNames.has(username)) this.#ownNames.set(username, new TabName(username));
        return this.#ownNames.get(username);
    }

    get #open() {
        if (!this.#session) throw new PresenceError('closed', 'Not connected; connect() comes first');
        return this.#session;
    }

    #forgetSession(session) {
        if (this.#session !== session) return;
        this.#session = null;
        this.#asked.clear();
        this.presence.clear();
    }

    #tell(event, ...values) {
        for (const handlers of [...this.#handlers.values()]) {
            if (handlers[event]) call(handlers[event].bind(handlers), ...values);
        }
    }

    async #subscribe(usernames, expiry, keep) {
        const session = this.#open;
        return this.#inParts('subscribe', usernames, {
            body: { expiry },
            merge: (one, other) => ({
                subscribed: [...one.subscribed, ...other.subscribed],
                evicted: [...one.evicted, ...other.evicted],
                rejected: [...one.rejected, ...other.rejected],
            }),
            // No place for any of one part is no error of the others.
            recover: (error, part) => error.code === 'limit_exceeded'
                && { subscribed: [], evicted: [], rejected: part },
            take: (result) => session.subscribed(result, { expiry, keep }),
        });
    }

    /** Asks in as many requests as the names need. */
    async #inParts(operation, usernames, {
        most = 100, body = {}, merge, take = () => {}, recover = () => null,
    }) {
        if (!Array.isArray(usernames)) throw this.badArgument(`"${operation}" needs an array of usernames`);
        const session = this.#open;
        const parts = inParts(usernames, most);
        let result;
        for (const part of parts) {
            try {
                const answer = await session.ask(operation, { ...body, usernames: part }).catch((error) => {
                    const instead = parts.length > 1 && recover(error, part);
                    if (!instead) throw error;
                    return instead;
                });
                take(answer, part);
                result = result ? merge(result, answer) : answer;
            } catch (error) {
                if (result) error.result = result;
                throw error;
            }
        }
        return result;
    }

    async #pages(operation) {
        const session = this.#open;
        const names = [];
        let cursor;
        do {
            const page = await session.ask(operation, { pageSize: 500, cursor });
            names.push(...page.usernames);
            cursor = page.cursor;
        } while (cursor);
        return names;
    }
}

/** Calls what somebody else wrote; its errors are theirs. */
function call(callback, ...values) {
    try {
        callback(...values);
    } catch (error) {
        console.error(error);
    }
}
