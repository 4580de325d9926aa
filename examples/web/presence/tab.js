import { randomName } from './names.js';

// The list of those that were left, for each user.
const key = (username) => `presence-devices/${username}`;
// After that long, others know that a device is gone, and its name is worth nothing any more.
const lifetime = 300_000;
// More than one tab can have left.
const most = 16;

/**
 * The name of a device that the app has not named: one for each tab, which a reload keeps.
 *
 * While a page uses the name, the name is in no storage: a tab that is duplicated begins with a copy
 * of the storage, and must be another device. A page that is left puts its name down there, and
 * whoever comes next in this tab takes it up: the page after a reload, or the page itself when the
 * browser had kept it. Without a storage (in Node, or where the browser forbids it) each client has
 * a name of its own that lasts as long as the client.
 */
export class TabName {
    device = '';
    #username;
    #storage;
    #now;
    #isInUse = false;

    constructor(username, { storage = tabStorage(), now = Date.now } = {}) {
        this.#username = username;
        this.#storage = storage;
        this.#now = now;
    }

    /** Takes the name up that was put down, or makes one. */
    take() {
        if (this.#isInUse) return;
        this.#isInUse = true;
        const left = this.#read();
        const index = left.findIndex(({ device, at }) => (this.device
            ? device === this.device : this.#now() - at < lifetime));
        if (index >= 0) {
            this.device = left[index].device;
            left.splice(index, 1);
            this.#write(left);
        } else if (!this.device || this.#storage) {
            this.device = `${place}-${randomName(8)}`;
        }
    }

    /** Puts the name down for whoever comes next in this tab. */
    leave() {
        if (!this.#isInUse) return;
        this.#isInUse = false;
        const others = this.#read().filter(({ device }) => device !== this.device);
        this.#write([{ device: this.device, at: this.#now() }, ...others].slice(0, most));
    }

    #read() {
        try {
            const left = JSON.parse(this.#storage?.getItem(key(this.#username)) ?? '[]');
            return Array.isArray(left) ? left.filter((one) => typeof one?.device === 'string') : [];
        } catch {
            return [];
        }
    }

    #write(left) {
        try {
            this.#storage?.setItem(key(this.#username), JSON.stringify(left));
        } catch {
            // It is full: the next page makes a name.
        }
    }
}

/** A name that the app has given: it is used as it is. */
export class GivenName {
    constructor(device) { this.device = device; }

    take() {}

    leave() {}
}

// A worker of a page has no window, and Electron has both.
const place = typeof window === 'undefined' && globalThis.process?.versions?.node ? 'node' : 'web';

function tabStorage() {
    try {
        return globalThis.sessionStorage ?? null;
    } catch {
        // By the browser's settings, or in a frame without an origin.
        return null;
    }
}
