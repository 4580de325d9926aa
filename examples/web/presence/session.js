import { Bridges } from './bridges.js';
import { CatchUp } from './catchup.js';
import { Connection } from './connection.js';
import { PresenceError } from './error.js';
import { inParts } from './names.js';
import { Requests } from './requests.js';
import { Statuses } from './statuses.js';
import { everyone, Subscriptions } from './subscriptions.js';

/** From a login to its end: a device at the broker, over as many connections as that takes. */
export class Session {
    bridges = new Bridges();
    statuses = new Statuses();
    subscriptions;
    catchUp;

    #options;
    #connection;
    #requests;
    #tell;
    #onEdge;
    #onEnded;
    #onOver;
    #status;
    #statements = new Set();
    #timers = new Set();
    #clockOffset = 0;
    #opening = null;
    #isOver = false;

    /**
     * @param mqtt MQTT.js.
     * @param options Those of `PresenceClient.connect`, complete.
     * @param listener `tell(event, ...)` for the handlers, `onEdge(username, isLoggedIn)`,
     *     `onEnded(name)` for a subscription that is over, `onOver()` when the session is.
     */
    constructor(mqtt, options, { tell, onEdge, onEnded, onOver }) {
        this.#options = options;
        this.#status = options.status;
        this.#tell = tell;
        this.#onEdge = onEdge;
        this.#onEnded = onEnded;
        this.#onOver = onOver;
        const { prefix, username, device, announce } = options;
        this.#connection = new Connection(mqtt, {
            url: options.url,
            wait: options.reconnectWait,
            longestWait: options.longestReconnectWait,
            filters: [`response/${username}/${device}/#`, `event/${username}`, 'bridge/+']
                .map((filter) => `${prefix}/${filter}`),
            will: (session) => announce && {
                topic: this.#deviceTopic, qos: 1, retain: true,
                payload: JSON.stringify({ status: 'lost', session }),
            },
            mqtt: {
                ...options.mqttOptions, clientId: options.clientId, username, password: options.password,
                keepalive: options.keepalive, connectTimeout: options.timeout,
            },
        }, {
            onReady: () => this.#arrived(),
            onGone: (what) => this.#gone(what),
            onMessage: (topic, text, packet) => this.#receive(topic, text, packet),
        });
        const responseTopic = `${prefix}/response/${username}/${device}`;
        this.#requests = new Requests({
            resendAfter: options.resendAfter,
            excuse: () => this.#excuse,
            send: (operation, text, id) => this.#connection.publish(
                `${prefix}/request/${username}/${device}/${operation}`, text,
                { properties: { responseTopic, correlationData: id } },
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
    }

    get isConnected() { return this.#connection.ready; }

    get status() { return this.#status; }

    now() { return Date.now() / 1000 + this.#clockOffset; }

    /** Connects; rejected when the first attempt fails. */
    open() {
        return new Promise((resolve, reject) => {
            this.#opening = { resolve, reject };
            this.#connection.attempt();
        });
    }

    reconnect() { this.#connection.attempt(); }

    /** Says `offline`, unless somebody who does not announce itself, and disconnects. */
    async close() {
        if (this.#isOver) return;
        this.#end(new PresenceError('closed', 'Logged out'));
        if (this.#options.announce && this.isConnected) {
            const farewell = this.#state('offline').catch(() => {});
            let timer;
            await Promise.race([farewell, new Promise((resolve) => { timer = setTimeout(resolve, 2000); })]);
            clearTimeout(timer);
        }
        await this.#connection.close();
    }

    /** Asks the bridge; fulfilled with the result. */
    ask(operation, body) {
        if (this.#isOver) return Promise.reject(new PresenceError('closed', 'Logged out'));
        return this.#requests.ask(operation, body, this.#options.timeout);
    }

    /** States a word for the device; fulfilled when the broker has it. */
    setStatus(word) {
        if (!this.#options.announce) {
            return Promise.reject(new PresenceError('bad_argument',
                'A client that does not announce itself has no status'));
        }
        this.#status = word;
        return new Promise((resolve, reject) => {
            const statement = { resolve, reject };
            statement.timer = setTimeout(() => {
                this.#statements.delete(statement);
                reject(new PresenceError('timeout', `"${word}" has not been stated: ${this.#excuse}`));
            }, this.#options.timeout);
            this.#statements.add(statement);
            // Without a connection, the next one begins with it.
            this.#announce().catch(() => {});
        });
    }

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

    get #deviceTopic() {
        const { prefix, username, device } = this.#options;
        return `${prefix}/device/${username}/${device}`;
    }

    /** Why there is no answer. */
    get #excuse() {
        if (!this.isConnected) return this.#connection.trouble?.message ?? 'there is no connection';
        return this.bridges.current.state === 'offline' ? 'the bridge is away' : 'the bridge is silent';
    }

    #state(status) {
        const text = JSON.stringify({ status, session: this.#connection.session });
        return this.#connection.publish(this.#deviceTopic, text, { retain: true });
    }

    async #announce() {
        if (!this.#options.announce || this.#isOver) return;
        const statements = [...this.#statements];
        const settle = (how, value) => {
            for (const statement of statements) {
                clearTimeout(statement.timer);
                this.#statements.delete(statement);
                statement[how](value);
            }
        };
        try {
            await this.#state(this.#status);
            settle('resolve');
        } catch (error) {
            if (error.code === 'not_authorized') settle('reject', error);
            throw error;
        }
    }

    async #arrived() {
        try {
            await this.#announce();
        } catch (error) {
            // A connection that broke again meanwhile has been told of.
            if (error.code !== 'not_authorized') return;
            if (this.#opening) {
                this.#refuse(error);
                return;
            }
            this.#tell('onError', error);
        }
        if (this.#isOver || !this.isConnected) return;
        this.#opening?.resolve();
        this.#opening = null;
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
        this.#tell('onDisconnected', what);
        if (!what.willRetry) this.#end(what.error);
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
            this.#later(Math.random() * (grace / 3) * 1000, () => this.#announce().catch(() => {}));
        }
    }

    #hearResponse(message, correlation) {
        if (message.operation === 'announce') this.#announce().catch(() => {});
        else if (message.operation === 'device') {
            const { code, message: words } = message.error ?? {};
            if (code) this.#tell('onError', new PresenceError(code, words));
        } else this.#requests.take(message, correlation && new TextDecoder().decode(correlation));
    }

    #hearEvents(entries) {
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
        for (const statement of this.#statements) {
            clearTimeout(statement.timer);
            statement.reject(error);
        }
        this.#statements.clear();
        this.subscriptions.stop();
        this.catchUp.stop();
        this.#requests.fail(error);
        this.#onOver();
    }
}
