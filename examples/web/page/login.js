const key = 'presence-login';

/**
 * What is needed to come back after a reload: name, password and status.
 *
 * It ends with the tab; signing out removes it. Where the browser forbids the storage, a reload asks
 * for the password again.
 */
export class Login {
    current = read();

    keep(login) {
        this.current = login;
        write(login);
    }

    /** Changes a part of it. */
    change(part) { if (this.current) this.keep({ ...this.current, ...part }); }

    forget() {
        this.current = null;
        write(null);
    }
}

function read() {
    try {
        return JSON.parse(sessionStorage.getItem(key));
    } catch {
        return null;
    }
}

function write(login) {
    try {
        if (login) sessionStorage.setItem(key, JSON.stringify(login));
        else sessionStorage.removeItem(key);
    } catch {
        // Forbidden, or full.
    }
}
