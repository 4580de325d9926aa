import { Bridges } from './bridges.js';
import { CatchUp } from './catchup.js';
import { Connection } from './connection.js';
import { Device } from './device.js';
import { isRefusal, PresenceError } from './error.js';
import { inParts } from './names.js';
import { Page } from './page.js';
import { EventProof } from './proof.js';
import { Requests } from './requests.js';
import { Statuses } from './statuses.js';
import { everyone, Subscriptions } from './subscriptions.js';

/** From a login to its end: a device at the broker, over as many connections as that takes. */
export class Session {
    bridges = new Bridges();
    statuses = new Statuses();
    subscriptions;
    catchUp;
    proof;

    #options;
    #connection;
    #device;
    #page;
    #requests;
    #tell;
    #onEdge;
    #onEnded;
    #onOver;
    #timers = new Set();
    #clockOffset = 0;
    #opening = null;
    #isOver = false;

    /**
     * @param mqtt MQTT.js.
     * @param options Those of `PresenceClient.connect`, complete; `name` in place of `device`: what
     *     has the device's name, a `TabName` or a `GivenName`.
     * @param listener `tell(event, ...)` for the handlers, `onEdge(username, isLoggedIn)`,
     *     `onEnded(name)` for a subscription that is over, `onOver()` when the session is.
     */
    constructor(mqtt, options, { tell, onEdge, onEnded, onOver }) {
        this.#options = options;
        this.#tell = tell;
        this.#onEdge = onEdge;
        this.#onEnded = onEnded;
        this.#onOver = onOver;
        this.#connection = new Connection(mqtt, {
            url: options.url,
            wait: options.reconnectWait,
            longestWait: options.longestReconnectWait,
            filters: () => this.#filters,
            will: (session) => this.#device.will(session),
            mqtt: {
                ...options.mqttOptions, clientId: options.clientId, username: options.username,
                password: options.password, keepalive: options.keepalive, connectTimeout: options.timeout,
            },
        }, {
            onReady: () => this.#arrived(),
            onGone: (what) => this.#gone(what),
            onRefused: (error) => this.#tell('onError', error),
            onMessage: (topic, text, packet) => this.#receive(topic, text, packet),
        });
        this.#device = new Device(options, {
            connection: this.#connection,
            topic: () => this.#topic('device'),
            excuse: () => this.#excuse,
        });
        this.#requests = new Requests({
            resendAfter: options.resendAfter,
            excuse: () => this.#excuse,
            send: (operation, text, id) => this.#connection.publish(
                `${this.#topic('request')}/${operation}`, text,
                { properties: { responseTopic: this.#topic('response'), correlationData: id } },
            ),
        });
        this.subscriptions = new Subscriptions({
            now: () => this.now(),
            renew: (names, expiry) => this.#renew(names, expiry),
        });
        this.catchUp = new CatchUp({
            ask: (operation, body) => this.ask(operation, body),
            subscriptions: this.subscriptions,
            listener: {
                onStatuses: (statuses) => this.hand(statuses),
                onTime: (time) => { this.#clockOffset = time - Date.now() / 1000; },
                onGone: (name, reason) => this.#subscriptionEnded(name, reason),
                onError: (error) => this.#tell('onError', error),
            },
        });
        this.proof = new EventProof({
            look: () => this.#look(),
            onChange: () => this.#tell('onMissingEvents', this.missingEvents),
        });
    }

    get isConnected() { return this.#connection.ready; }

    /** What the broker's ACL lacks where events do not arrive. */
    get missingEvents() {
        return this.proof.isMissing ? { topic: this.#eventTopic, right: this.#eventRight } : null;
    }

    get status() { return this.#device.status; }

    now() { return Date.now() / 1000 + this.#clockOffset; }

    /** Connects; rejected when the first attempt fails. */
    open() {
        this.#page = new Page({
            onLeave: () => this.#leave(),
            onReturn: () => this.#comeBack(),
            onDoubt: () => this.reconnect(),
        });
        return new Promise((resolve, reject) => {
            this.#opening = { resolve, reject };
            this.#page.begin(() => {
                this.#options.name.take();
                this.#connection.attempt();
            });
        });
    }

    /** Connects at once, or makes sure that the connection still is one. */
    reconnect() {
        this.#connection.attempt();
        this.#connection.check();
    }

    /** Says `offline`, unless somebody who does not announce itself, and disconnects. */
    async close() {
        if (this.#isOver) return;
        this.#end(new PresenceError('closed', 'Logged out'));
        await this.#device.farewell();
        await this.#connection.close();
    }

    /** Asks the bridge; fulfilled with the result. */
    ask(operation, body) {
        if (this.#isOver) return Promise.reject(new PresenceError('closed', 'Logged out'));
        return this.#requests.ask(operation, body, this.#options.timeout);
    }

    /** States a word for the device; fulfilled when the broker has it. */
    setStatus(word) { return this.#device.setStatus(word); }

    /** Takes subscriptions in that were answered to `subscribe`. */
    subscribed(result, { expiry, keep } = {}) {
        for (const { username, expires } of result.subscribed) {
            this.subscriptions.add(username, expires, { expiry, keep });
        }
        if (result.all) this.subscriptions.add(everyone, result.all.expires, { expiry, keep });
        this.hand(result.subscribed, { isBaseline: true });
    }

    /** Hands on of these statuses what is news. */
    hand(statuses, { isBaseline = false } = {}) {
        const { news, edges } = this.statuses.take(statuses, { isBaseline });
        if (news.length > 0) this.#tell('onPresenceStatusChange', news);
        for (const [username, isLoggedIn] of edges) this.#onEdge(username, isLoggedIn);
    }

    // MARK: What happens

    /** What of this device is below `device`, `request` and `response`. */
    #topic(kind) {
        const { prefix, username, name } = this.#options;
        return `${prefix}/${kind}/${username}/${name.device}`;
    }

    get #eventTopic() { return `${this.#options.prefix}/event/${this.#options.username}`; }

    get #eventRight() { return `pattern read ${this.#options.prefix}/event/%u`; }

    get #filters() {
        const { prefix } = this.#options;
        const right = (below) => `pattern read ${prefix}/${below}`;
        return [
            { filter: `${this.#topic('response')}/#`, right: right('response/%u/#') },
            { filter: this.#eventTopic, right: this.#eventRight },
            // Without it one learns of the bridge by its answers.
            { filter: `${prefix}/bridge/+`, right: right('bridge/+'), isOptional: true },
        ];
    }

    /** Why there is no answer. */
    get #excuse() {
        if (!this.isConnected) return this.#connection.trouble?.message ?? 'there is no connection';
        if (this.bridges.current.state === 'offline') return 'the bridge is away';
        return `the bridge is silent, or the broker's ACL lacks "${this.#filters[0].right}"`;
    }

    async #arrived() {
        try {
            await this.#device.announce();
        } catch (error) {
            // A connection that broke again meanwhile has been told of.
            if (!isRefusal(error)) return;
            if (this.#opening) {
                this.#refuse(error);
                return;
            }
            this.#tell('onError', error);
        }
        if (this.#isOver || !this.isConnected) return;
        this.#opening?.resolve();
        this.#opening = null;
        this.proof.connected();
        this.#tell('onConnected');
        // Where the state of the bridge may not be read, only its answers show that there is one.
        this.#later(1000, () => {
            if (this.bridges.isKnown) return;
            this.#requests.resend();
            this.catchUp.begin();
        });
    }

    #gone(what) {
        if (this.#opening) {
            this.#refuse(what.error);
            return;
        }
        this.bridges.forget();
        this.proof.stop();
        this.#tell('onDisconnected', what);
        if (!what.willRetry) this.#end(what.error);
    }

    /** The page is left or frozen: nobody is at this device, and others are told so at once. */
    #leave() {
        this.#options.name.leave();
        const error = new PresenceError('left', 'The page was left');
        const wasConnected = this.isConnected;
        this.#connection.leave(error);
        this.bridges.forget();
        this.proof.stop();
        if (wasConnected) this.#tell('onDisconnected', { error, willRetry: true, retryIn: null });
    }

    /** It is there again, and goes on as after every other absence. */
    #comeBack() {
        this.#options.name.take();
        this.#connection.comeBack();
    }

    /** The first attempt has failed. */
    #refuse(error) {
        this.#end(error);
        this.#connection.close();
    }

    #receive(topic, text, packet) {
        const [kind, ...rest] = topic.slice(this.#options.prefix.length + 1).split('/');
        if (kind === 'bridge') {
            this.#hearBridge(rest[0], text);
            return;
        }
        let message;
        try {
            message = JSON.parse(text);
        } catch {
            return;
        }
        if (kind === 'event' && Array.isArray(message)) this.#hearEvents(message);
        const correlation = packet.properties?.correlationData;
        if (kind === 'response' && message) this.#hearResponse(message, correlation);
    }

    #hearBridge(id, text) {
        const { changed, wasAway, brokerRestarted } = this.bridges.take(id, text);
        if (changed) this.#tell('onBridgeStateChange', this.bridges.current);
        if (wasAway) {
            this.#requests.resend();
            this.catchUp.begin();
        }
        if (brokerRestarted) {
            // All devices do this: not all at once.
            const grace = this.bridges.current.grace ?? 60;
            this.#later(Math.random() * (grace / 3) * 1000, () => this.#device.announce().catch(() => {}));
        }
    }

    #hearResponse(message, correlation) {
        if (message.operation === 'announce') this.#device.announce().catch(() => {});
        else if (message.operation === 'device') {
            const { code, message: words } = message.error ?? {};
            if (code) this.#tell('onError', new PresenceError(code, words));
        } else this.#requests.take(message, correlation && new TextDecoder().decode(correlation));
    }

    /**
     * Asks what has changed, and sees whether an event should have told it.
     *
     * While there is something to catch up on, nothing is proven by what is new; and of a user of whom
     * nothing was told, nothing is known of when the subscription began.
     */
    async #look() {
        if (this.subscriptions.isEmpty || this.catchUp.isBehind) return null;
        const before = this.statuses.snapshot();
        const users = await this.catchUp.look();
        const hasNews = users.some(
            (status) => before.get(status.username) < status.seq && this.statuses.isNewest(status),
        );
        this.hand(users);
        return hasNews && !this.catchUp.isBehind;
    }

    #hearEvents(entries) {
        this.proof.heard();
        let statuses = [];
        for (const entry of entries.filter((one) => one && typeof one === 'object')) {
            if (!entry.subscription) {
                statuses.push(entry);
                continue;
            }
            this.hand(statuses);
            statuses = [];
            this.#subscriptionEnded(entry.all ? everyone : entry.username, entry.subscription);
        }
        this.hand(statuses);
    }

    #subscriptionEnded(name, reason) {
        // An end that this client asked for, or has told of before, is no news.
        if (!this.subscriptions.has(name)) return;
        const kept = this.subscriptions.remove(name);
        if (kept && reason !== 'evicted') {
            this.#renew([name], kept.expiry, true).catch(() => this.#tellEnded(name, reason));
        } else this.#tellEnded(name, reason);
    }

    #tellEnded(name, reason) {
        if (name === everyone) this.statuses.coversEveryone = false;
        this.statuses.forget(name);
        this.#onEnded(name);
        const whose = name === everyone ? { all: true } : { username: name };
        this.#tell('onSubscriptionEnded', { ...whose, reason });
    }

    async #renew(names, expiry, keep) {
        const others = names.filter((name) => name !== everyone);
        const whom = inParts(others, 100).map((usernames) => ({ usernames }));
        if (others.length < names.length) whom.push({ all: true });
        for (const one of whom) {
            if (one.usernames?.length === 0) continue;
            this.subscribed(await this.ask('subscribe', { ...one, expiry }), { expiry, keep });
        }
    }

    #later(wait, action) {
        const timer = setTimeout(() => {
            this.#timers.delete(timer);
            action();
        }, wait);
        this.#timers.add(timer);
    }

    #end(error) {
        this.#isOver = true;
        this.#opening?.reject(error);
        this.#opening = null;
        for (const timer of this.#timers) clearTimeout(timer);
        this.#page?.stop();
        this.#device.end(error);
        this.subscriptions.stop();
        this.catchUp.stop();
        this.proof.stop();
        this.#requests.fail(error);
        this.#onOver();
    }
}
