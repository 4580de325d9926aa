import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Stands between clients and the broker's WebSocket port, and can cut them off. */
export class Relay {
    #sockets = new Set();
    #isCut = false;
    #server;

    static async to(port) {
        const relay = new Relay();
        relay.#server = createServer((socket) => relay.#pass(socket, port)).listen(0, '127.0.0.1');
        await once(relay.#server, 'listening');
        return relay;
    }

    get url() { return `ws://127.0.0.1:${this.#server.address().port}`; }

    /** Ends all connections, and lets none be made. */
    cut() {
        this.#isCut = true;
        for (const socket of this.#sockets) socket.destroy();
    }

    /** Passes nothing on any more, and closes nothing either, as a network that has gone. */
    stall() {
        for (const socket of this.#sockets) socket.unpipe().pause();
    }

    mend() { this.#isCut = false; }

    end() {
        this.cut();
        this.#server.close();
    }

    #pass(socket, port) {
        if (this.#isCut) {
            socket.destroy();
            return;
        }
        const other = connect(port, '127.0.0.1');
        for (const [one, another] of [[socket, other], [other, socket]]) {
            this.#sockets.add(one);
            one.on('error', () => {}).on('close', () => {
                this.#sockets.delete(one);
                another.destroy();
            });
            one.pipe(another);
        }
    }
}
