import { PresenceError } from './error.js';
import { randomName } from './names.js';

// CONNACK codes of MQTT 3.1.1 and 5 that trying again does not mend.
const refusals = {
    4: 'bad_login', 5: 'bad_login', 134: 'bad_login', 135: 'bad_login', 140: 'bad_login',
    133: 'not_authorized', 138: 'not_authorized',
};

/**
 * A connection to the broker that comes back by itself.
 *
 * Each time it is a new connection of MQTT.js, not one of its reconnects: those repeat the will of
 * the first, and the will must name the session that it ends.
 */
export class Connection {
    /** Names the connection that is open now, in its birth and in its will. */
    session = '';
    /** Whether its topics are subscribed to and requests can be sent. */
    ready = false;
    /** Why there is no connection, if there is none. */
    trouble = null;

    #mqtt;
    #options;
    #listener;
    #link = null;
    #early = [];
    #waiting = new Set();
    #timer;
    #failures = 0;
    #closed = false;

    /**
     * @param mqtt MQTT.js.
     * @param options `url`, `filters`, `will(session)` → a will or null, `wait` and `longestWait`
     *     between attempts in ms, `mqtt`: what MQTT.js is given besides.
     * @param listener `onReady()`, `onGone({error, willRetry, retryIn})`, `onMessage(topic, text, packet)`.
     */
    constructor(mqtt, options, listener) {
        this.#mqtt = mqtt;
        this.#options = options;
        this.#listener = listener;
    }

    /** Tries to connect, now and not when the next attempt is due. */
    attempt() {
        clearTimeout(this.#timer);
        if (this.#closed || this.#link) return;
        this.session = randomName();
        let link;
        try {
            link = this.#mqtt.connect(this.#options.url, {
                ...this.#options.mqtt,
                protocolVersion: 5,
                clean: true,
                reconnectPeriod: 0,
                resubscribe: false,
                queueQoSZero: false,
                will: this.#options.will(this.session) ?? undefined,
            });
        } catch (error) {
            this.#gone(new PresenceError('unreachable', `${this.#options.url}: ${error.message}`));
            return;
        }
        this.#link = link;
        let error = null;
        link.on('connect', () => this.#subscribe(link));
        link.on('message', (topic, payload, packet) => {
            if (this.#link !== link) return;
            const message = [topic, new TextDecoder().decode(payload), packet];
            // Retained messages can come before the SUBACK; whom they are for could not answer yet.
            if (this.ready) this.#listener.onMessage(...message);
            else this.#early.push(message);
        });
        link.on('error', (cause) => {
            error = this.#explain(cause);
            link.end(true);
        });
        link.on('close', () => {
            if (this.#link !== link) return;
            this.#link = null;
            link.end(true);
            this.#gone(error ?? new PresenceError('unreachable', this.ready
                ? 'The connection to the broker was lost' : `No broker answers at ${this.#options.url}`));
        });
    }

    /** Publishes with QoS 1; fulfilled when the broker has it. */
    publish(topic, payload, { retain = false, properties } = {}) {
        const link = this.#link;
        if (!this.ready || !link) return Promise.reject(this.trouble ?? notConnected());
        return new Promise((resolve, reject) => {
            this.#waiting.add(reject);
            link.publish(topic, payload, { qos: 1, retain, properties }, (error) => {
                this.#waiting.delete(reject);
                if (!error) resolve();
                else if (error.code >= 128) {
                    reject(new PresenceError('not_authorized',
                        `The broker does not let this user write to ${topic}: see its ACL`));
                } else reject(notConnected());
            });
        });
    }

    /** Disconnects for good; the broker publishes no will. */
    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        const link = this.#link;
        this.#link = null;
        this.ready = false;
        if (!link) return Promise.resolve();
        return new Promise((resolve) => {
            const force = setTimeout(() => { link.end(true); resolve(); }, 1000);
            link.end(false, () => { clearTimeout(force); resolve(); });
        });
    }

    #subscribe(link) {
        const filters = Object.fromEntries(this.#options.filters.map((filter) => [filter, { qos: 1 }]));
        link.subscribe(filters, (error, granted = []) => {
            if (this.#link !== link || this.#closed) return;
            const refused = granted.find((one) => one.qos >= 128);
            if (error || refused) {
                link.emit('error', refused ? new PresenceError('not_authorized',
                    `The broker does not let this user read ${refused.topic}: see its ACL`) : error);
                return;
            }
            this.ready = true;
            this.trouble = null;
            this.#failures = 0;
            this.#listener.onReady();
            for (const message of this.#early.splice(0)) this.#listener.onMessage(...message);
        });
    }

    #explain(cause) {
        if (cause instanceof PresenceError) return cause;
        const code = refusals[cause.code];
        const message = code === 'bad_login' ? 'The broker refuses the username or password'
            : cause.message || `No broker answers at ${this.#options.url}`;
        return new PresenceError(code ?? 'unreachable', message);
    }

    #gone(error) {
        this.ready = false;
        this.trouble = error;
        for (const reject of this.#waiting) reject(error);
        this.#waiting.clear();
        this.#early = [];
        if (this.#closed) return;
        const willRetry = !['bad_login', 'not_authorized'].includes(error.code);
        const { wait, longestWait } = this.#options;
        // Up to twice as long each time, and not all clients at once.
        const retryIn = Math.min(longestWait, wait * 2 ** this.#failures) * (0.5 + Math.random() / 2);
        this.#failures += 1;
        if (willRetry) this.#timer = setTimeout(() => this.attempt(), retryIn);
        this.#listener.onGone({ error, willRetry, retryIn: willRetry ? retryIn : null });
    }
}

function notConnected() {
    return new PresenceError('unreachable', 'There is no connection to the broker');
}
