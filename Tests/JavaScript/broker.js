import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';

// A part of MQTT.js.
const { generate, parser } = createRequire(import.meta.url)('mqtt-packet');

/** A broker that says what brokers say which are not at hand: it acknowledges, and does nothing else. */
export class FakeBroker {
    /**
     * What it answers with, besides success: `granted`, an object of filter → code; `puback`, a reason
     * code; `sessionPresent`; `disconnect`, a reason code to end each connection with.
     */
    behaviour;
    #server;
    #sockets = new Set();
    #packets = [];

    static async start(behaviour) {
        const broker = new FakeBroker();
        broker.behaviour = behaviour;
        broker.#server = createServer((socket) => broker.#serve(socket)).listen(0, '127.0.0.1');
        await once(broker.#server, 'listening');
        return broker;
    }

    get url() { return `mqtt://127.0.0.1:${this.#server.address().port}`; }

    /** The packets of a kind that have come so far. */
    heard(command) { return this.#packets.filter(({ cmd }) => cmd === command); }

    /** Ends all connections without a word. */
    cut() { for (const socket of this.#sockets) socket.destroy(); }

    stop() {
        this.cut();
        this.#server.close();
    }

    #serve(socket) {
        this.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
        const packets = parser({ protocolVersion: 5 });
        packets.on('packet', (packet) => {
            this.#packets.push(packet);
            for (const answer of this.#answers(packet)) {
                socket.write(generate(answer, { protocolVersion: 5 }));
                if (answer.cmd === 'disconnect') socket.end();
            }
        });
        socket.on('data', (data) => packets.parse(data));
    }

    #answers({ cmd, messageId, subscriptions }) {
        const { granted = {}, puback = 0, sessionPresent = false, disconnect } = this.behaviour;
        switch (cmd) {
        case 'connect': return [{ cmd: 'connack', reasonCode: 0, sessionPresent }];
        case 'subscribe': return [{ cmd: 'suback', messageId, granted: subscriptions.map(({ topic }) => granted[topic] ?? 1) }];
        case 'publish': {
            // Of what is too large a broker acknowledges nothing.
            const acks = disconnect === 0x95 ? [] : [{ cmd: 'puback', messageId, reasonCode: puback }];
            return disconnect ? [...acks, { cmd: 'disconnect', reasonCode: disconnect }] : acks;
        }
        case 'pingreq': return [{ cmd: 'pingresp' }];
        default: return [];
        }
    }
}
