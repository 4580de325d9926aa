import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, launch } from './world.js';
import { until } from './until.js';

// How WebDriver names an element in JSON.
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

// Neither for root nor in most containers is there a sandbox; the only page that is opened is our own.
const hasSandbox = process.getuid() !== 0 && spawnSync('unshare', ['--user', 'true']).status === 0;

/** ChromeDriver, a program that steers browsers over HTTP. */
export class Driver {
    #process;
    #url;

    static async start() {
        // It takes a port that is free with IPv6, and ends where another program has it with IPv4.
        for (let call = 1; ; call += 1) {
            const driver = new Driver();
            driver.#process = launch('chromedriver', ['--port=0']);
            const port = await until('chromedriver has started', () => {
                if (driver.#process.exitCode !== null) return 'none';
                return /successfully on port (\d+)/.exec(driver.#process.log)?.[1];
            });
            driver.#url = `http://127.0.0.1:${port}`;
            if (port !== 'none') return driver;
            if (call === 5 || !/Address already in use/.test(driver.#process.log)) throw new Error(driver.#process.log);
        }
    }

    /** A request of the WebDriver protocol; its answer's value. */
    async ask(method, path, body) {
        const response = await fetch(`${this.#url}${path}`, {
            method, body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
        });
        const { value } = await response.json();
        if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
        return value;
    }

    stop() { return end(this.#process, 'SIGTERM'); }
}

/** A headless browser with a profile of its own, and one page. */
export class Browser {
    #driver;
    #session;
    #profile = mkdtempSync(join(tmpdir(), 'presence-browser-'));

    static async open(driver, url, { dark = false, width = 1100, height = 800, prefs = {} } = {}) {
        const browser = new Browser();
        browser.#driver = driver;
        const args = [
            '--headless=new', `--user-data-dir=${browser.#profile}`, '--disable-gpu', '--disable-dev-shm-usage',
            '--no-first-run', '--disable-background-networking', '--hide-scrollbars',
            ...hasSandbox ? [] : ['--no-sandbox'],
        ];
        const { sessionId } = await driver.ask('POST', '/session', {
            capabilities: { alwaysMatch: { browserName: 'chrome', 'goog:chromeOptions': { args, prefs } } },
        });
        browser.#session = `/session/${sessionId}`;
        await browser.command('Emulation.setEmulatedMedia', {
            features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
        });
        await browser.resize(width, height);
        await browser.#ask('POST', '/url', { url });
        return browser;
    }

    resize(width, height) {
        return this.command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    }

    /** A command of the DevTools protocol. */
    command(cmd, params) { return this.#ask('POST', '/goog/cdp/execute', { cmd, params }); }

    /** What a function returns that is run in the page. */
    run(body, ...values) {
        return this.#ask('POST', '/execute/sync', { script: `return (${body})(...arguments)`, args: values });
    }

    async #element(selector) {
        const found = await this.#ask('POST', '/element', { using: 'css selector', value: selector });
        return `/element/${found[elementKey]}`;
    }

    async type(selector, text) {
        const element = await this.#element(selector);
        await this.#ask('POST', `${element}/clear`);
        await this.#ask('POST', `${element}/value`, { text });
    }

    async click(selector) { await this.#ask('POST', `${await this.#element(selector)}/click`); }

    /** Signs in on the page, and waits until it is connected. */
    async signIn(name) {
        await this.see('#entrance', /Sign in/);
        await this.type('[name=username]', name);
        await this.type('[name=password]', name);
        await this.click('#login button');
        await this.see('#connection', /Live/);
    }

    reload() { return this.#ask('POST', '/refresh'); }

    /** Leaves the page by a link on it. */
    async follow(url) {
        await this.run(`(url) => {
            const link = Object.assign(document.createElement('a'), { href: url, id: 'away', textContent: 'away' });
            document.body.prepend(link);
        }`, url);
        await this.click('#away');
    }

    back() { return this.#ask('POST', '/back'); }

    /** Presses keys, as a user without a mouse does, one after the other. */
    press(...keys) {
        const actions = keys.flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
        return this.#ask('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
    }

    /** Awaits that the visible text of an element fits. */
    async see(selector, pattern) {
        let text = '';
        try {
            await until('', async () => {
                // What is hidden has an innerText, too.
                text = await this.run(`(selector) => {
                    const element = document.querySelector(selector);
                    return element?.checkVisibility() ? element.innerText : null;
                }`, selector);
                return text !== null && pattern.test(text.replace(/\s+/g, ' '));
            }, { every: 30 });
        } catch {
            throw new Error(`In vain: ${selector} shows ${pattern}; it shows ${JSON.stringify(text)}`);
        }
    }

    async screenshot(file) {
        writeFileSync(file, Buffer.from(await this.#ask('GET', '/screenshot'), 'base64'));
    }

    /** Kills all of its processes at once: no page can say a word. */
    async kill() {
        for (const pid of this.#processes()) {
            try { process.kill(pid, 'SIGKILL'); } catch { /* It went with the one before. */ }
        }
        await until('the browser is gone', () => this.#processes().length === 0);
        await this.close();
    }

    async close() {
        await this.#ask('DELETE', '').catch(() => {});
        // Its last processes still write there after the session has ended.
        await until('the browser is gone', () => this.#processes().length === 0);
        rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }

    #ask(method, path, body) { return this.#driver.ask(method, `${this.#session}${path}`, body); }

    #processes() {
        const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
            try {
                const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
                const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
                return { pid: Number(pid), state: fields[0], parent: Number(fields[1]), command };
            } catch {
                return null;
            }
        }).filter((one) => one && one.state !== 'Z');
        const own = all.filter(({ command }) => command.includes(this.#profile)).map(({ pid }) => pid);
        for (const pid of own) own.push(...all.filter((one) => one.parent === pid && !own.includes(one.pid)).map((one) => one.pid));
        return own;
    }
}
