import { PresenceError } from './error.js';
import { randomName } from './names.js';
import { ended, explain, refusalIn, unread, unwritten } from './refusals.js';

// A connection that ends sooner than that counts as a failure: the pause before the next one grows.
const lasting = 5000;
// How long the broker may take to show that it is there, in ms.
const patience = 5000;

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
    #readySince = 0;
    #check;
    #closed = false;
    #left = false;

    /**
     * @param mqtt MQTT.js.
     * @param options `url`; `filters()` → what to subscribe to, as `{filter, right, isOptional}`, with
     *     the line that mosquitto's ACL needs; `will(session)` → a will, if there is one; `wait` and
     *     `longestWait` between attempts in ms; `mqtt`: what MQTT.js is given besides.
     * @param listener `onReady()`, `onGone({error, willRetry, retryIn})`, `onMessage(topic, text,
     *     packet)`, `onRefused(error)` for an optional filter.
     */
    constructor(mqtt, options, listener) {
        this.#mqtt = mqtt;
        this.#options = options;
        this.#listener = listener;
    }

    /** Tries to connect, now and not when the next attempt is due. */
    attempt() {
        clearTimeout(this.#timer);
        if (this.#closed || this.#left || this.#link) return;
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
                will: this.#options.will(this.session),
            });
        } catch (error) {
            this.#gone(new PresenceError('unreachable', `${this.#options.url}: ${error.message}`));
            return;
        }
        this.#link = link;
        let error = null;
        // In a browser, MQTT.js throws away what it has not handled when the WebSocket is closed.
        let unhandled = null;
        if (globalThis.WebSocket && link.stream?.socket instanceof WebSocket) {
            link.stream.socket.addEventListener('message', ({ data }) => { unhandled = refusalIn(new Uint8Array(data)); });
        }
        link.on('connect', () => this.#subscribe(link));
        link.on('message', (topic, payload, packet) => {
            if (this.#link !== link) return;
            const message = [topic, new TextDecoder().decode(payload), packet];
            // Retained messages can come before the SUBACK; whom they are for could not answer yet.
            if (this.ready) this.#listener.onMessage(...message);
            else this.#early.push(message);
        });
        link.on('error', (cause) => {
            error = explain(cause, this.#options.url);
            if (this.#link === link) this.#rejectAll(error);
            link.end(true);
        });
        link.on('disconnect', ({ reasonCode }) => {
            error = ended(reasonCode ?? 0);
            if (this.#link === link) this.#rejectAll(error);
        });
        link.on('close', () => {
            if (this.#link !== link) return;
            this.#link = null;
            link.end(true);
            this.#gone(error ?? unhandled ?? new PresenceError('unreachable', this.ready
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
                else reject(error.code >= 128 ? unwritten(topic, error.code) : notConnected());
            });
        });
    }

    /** Makes sure that the broker is there: one that is silent is given up, and connected to anew. */
    check() {
        const link = this.#link;
        if (!this.ready || this.#check) return;
        this.#check = setTimeout(() => {
            link.emit('error', new PresenceError('unreachable', 'The broker does not answer any more'));
        }, patience);
        // What every client may read; its retained messages come again, and say nothing new.
        const { filter } = this.#options.filters().at(-1);
        link.subscribe({ [filter]: { qos: 1 } }, () => { if (this.#link === link) this.#checked(); });
    }

    /**
     * Ends the connection at once, in the course of this call, and makes none until `comeBack()`: the
     * page may be frozen next. The broker publishes the will.
     */
    leave(error) {
        clearTimeout(this.#timer);
        this.#left = true;
        const link = this.#link;
        this.#link = null;
        this.#lost(error);
        // What MQTT.js is asked for, it does in a moment, and there may be none.
        const socket = link?.stream?.socket;
        if (socket && socket.readyState === globalThis.WebSocket?.OPEN) {
            socket.send(disconnectWithWill);
            socket.close();
        }
        link?.end(true);
    }

    /** The page is there again: connects. */
    comeBack() {
        if (!this.#left) return;
        this.#left = false;
        this.#failures = 0;
        this.attempt();
    }

    /** Disconnects for good; the broker publishes no will. */
    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        this.#checked();
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
        const filters = this.#options.filters();
        link.subscribe(Object.fromEntries(filters.map(({ filter }) => [filter, { qos: 1 }])), (error, granted = []) => {
            if (this.#link !== link || this.#closed) return;
            const refused = granted.filter(({ qos }) => qos >= 128).map(({ topic, qos }) => {
                const { right, isOptional } = filters.find(({ filter }) => filter === topic);
                return { error: unread(topic, qos, right), isOptional };
            });
            const fatal = error ?? refused.find(({ isOptional }) => !isOptional)?.error;
            if (fatal) {
                link.emit('error', fatal);
                return;
            }
            this.ready = true;
            this.trouble = null;
            this.#readySince = Date.now();
            this.#listener.onReady();
            for (const one of refused) this.#listener.onRefused(one.error);
            for (const message of this.#early.splice(0)) this.#listener.onMessage(...message);
        });
    }

    #checked() {
        clearTimeout(this.#check);
        this.#check = undefined;
    }

    #lost(error) {
        this.#checked();
        this.ready = false;
        this.trouble = error;
        this.#rejectAll(error);
        this.#early = [];
    }

    /** Tells all that wait for an acknowledgement why there will be none; MQTT.js would not know. */
    #rejectAll(error) {
        for (const reject of this.#waiting) reject(error);
        this.#waiting.clear();
    }

    #gone(error) {
        // The clock may have been put back.
        if (this.ready && Math.abs(Date.now() - this.#readySince) > lasting) this.#failures = 0;
        this.#lost(error);
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

// Of MQTT 5: DISCONNECT, one byte long, "Disconnect with Will Message".
const disconnectWithWill = Uint8Array.of(0xe0, 1, 0x04);

function notConnected() {
    return new PresenceError('unreachable', 'There is no connection to the broker');
}
