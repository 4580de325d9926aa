import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
    appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PresenceClient } from '../../examples/web/presence.js';
import { until } from './until.js';

/** MQTT.js; Debian's is found by NODE_PATH=/usr/share/nodejs. */
export const mqtt = createRequire(import.meta.url)('mqtt');

const root = fileURLToPath(new URL('../..', import.meta.url));
const bridgePath = process.env.BRIDGE ?? join(root, '.build/debug/presence-bridge');
const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;
const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'things', 'presence-bridge'];

/** Starts a program that does not outlive this one, even if that is killed. */
export function launch(program, args, options = {}) {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'], ...options, env: { ...process.env, PATH: path },
    });
    child.log = '';
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => { child.log += text; });
    }
    return child;
}

/** Ends a program, and waits until it has. */
export async function end(child, signal = 'SIGKILL') {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
}

async function freePorts(count) {
    const servers = await Promise.all(Array.from({ length: count }, async () => {
        const server = createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        return server;
    }));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => new Promise((done) => { server.close(done); })));
    return ports;
}

/** The service as it is shipped: mosquitto with the shipped rights, and the built bridge, with short graces. */
export class World {
    #folder = mkdtempSync(join(tmpdir(), 'presence-js-'));
    #flags;
    #broker;
    #bridge;
    #restartable = 0;
    #clients = [];
    #peers = [];

    /**
     * @param flags Of the bridge, besides those that are short for tests.
     * @param servesPage Whether the broker serves the page, which is bundled for that.
     * @param lacks A line that the shipped ACL has, and this broker's not.
     * @param adopts The bridge's `adopt` lines; with any the user "things" may play what they are about.
     */
    static async start(flags = {}, { servesPage = false, lacks, adopts = [] } = {}) {
        const world = new World();
        world.#flags = {
            offline_grace: '300ms', logout_grace: '100ms', broker_restart_grace: '20s', store_sync: 'normal',
            store: join(world.#folder, 'presence.db'), username: 'presence-bridge', password: 'presence-bridge',
            log_level: 'debug', ...flags,
        };
        try {
            world.#prepare(lacks);
            if (adopts.length > 0) world.#adopt(adopts);
            if (servesPage) world.#bundle();
            await world.startBroker();
            await world.startBridge();
        } catch (error) {
            await world.stop();
            throw error;
        }
        return world;
    }

    /** The address of the page, and of the WebSocket. */
    get page() { return `http://127.0.0.1:${this.webPort}/`; }

    get webSocket() { return `ws://127.0.0.1:${this.webPort}`; }

    get tcp() { return `mqtt://127.0.0.1:${this.port}`; }

    async startBroker() {
        // A restart shows by the time of the start, and only if that differs by more than 3 s.
        await until('the last start is long ago', () => Date.now() > this.#restartable);
        this.#restartable = Date.now() + 5000;
        for (let attempt = 1; ; attempt += 1) {
            this.#broker = launch(process.env.MOSQUITTO || 'mosquitto', ['-c', await this.#configure()]);
            const broker = this.#broker;
            await until('mosquitto listens', () => broker.exitCode !== null || broker.log.includes(' running'));
            if (broker.exitCode === null) return;
            // Another program may have taken a port since it was free.
            if (attempt === 5) throw new Error(`mosquitto does not start:\n${broker.log}`);
            this.port = undefined;
        }
    }

    async startBridge() {
        const flags = { ...this.#flags, host: '127.0.0.1', port: this.port };
        const bridge = launch(bridgePath, Object.entries(flags).flatMap(([key, value]) => [`--${key}`, `${value}`]));
        this.#bridge = bridge;
        await until('the bridge is online', () => {
            if (bridge.exitCode !== null) throw new Error(`the bridge has ended:\n${bridge.log}`);
            return this.#bridgeState().includes('"online"');
        }, { every: 50 });
    }

    killBridge() { return end(this.#bridge); }

    killBroker() { return end(this.#broker); }

    stopBroker() { return end(this.#broker, 'SIGTERM'); }

    /** A client of a user, connected with short waits. */
    async client(username, options = {}, handlers = {}) {
        const client = new PresenceClient({ mqtt });
        client.addEventHandler('test', handlers);
        this.#clients.push(client);
        await client.connect({
            url: this.webSocket, username, password: username, resendAfter: 500, reconnectWait: 100,
            longestReconnectWait: 400, ...options,
        });
        return client;
    }

    /** The statements on a topic, as the bridge hears them; the array grows. */
    async listen(topic) {
        const heard = [];
        const bridge = await this.#asBridge();
        bridge.on('message', (_, payload) => { if (payload.length > 0) heard.push(JSON.parse(payload)); });
        await new Promise((resolve) => { bridge.subscribe(topic, { qos: 1 }, resolve); });
        return heard;
    }

    /** Says something that only the bridge may say. */
    async say(topic, message, retain = false) {
        const bridge = await this.#asBridge();
        await new Promise((resolve) => {
            bridge.publish(topic, message ? JSON.stringify(message) : '', { qos: 1, retain }, resolve);
        });
    }

    /** Publishes what things say, retained: pairs of a topic and a payload, one after the other. */
    async play(...messages) {
        const things = mqtt.connect(this.tcp, { username: 'things', password: 'things', protocolVersion: 5 });
        this.#peers.push(things);
        await once(things, 'connect');
        for (const [topic, payload] of messages) {
            await new Promise((resolve) => { things.publish(topic, payload, { qos: 1, retain: true }, resolve); });
        }
    }

    async stop() {
        for (const peer of this.#peers) peer.end(true);
        await Promise.all(this.#clients.map((client) => client.logout()));
        await end(this.#bridge);
        await end(this.#broker);
        rmSync(this.#folder, { recursive: true });
    }

    async #asBridge() {
        const login = { username: 'presence-bridge', password: 'presence-bridge', protocolVersion: 5 };
        const peer = mqtt.connect(this.tcp, login);
        this.#peers.push(peer);
        await once(peer, 'connect');
        return peer;
    }

    #prepare(lacks) {
        const passwords = join(this.#folder, 'passwords');
        writeFileSync(passwords, users.map((user) => `${user}:${user}\n`).join(''), { mode: 0o600 });
        const { status } = spawnSync('mosquitto_passwd', ['-U', passwords], { env: { ...process.env, PATH: path } });
        if (status !== 0) throw new Error('mosquitto_passwd has failed');
        const rights = readFileSync(join(root, 'examples/acl'), 'utf8').split('\n');
        if (lacks && !rights.includes(lacks)) throw new Error(`The shipped ACL has no line "${lacks}"`);
        const kept = rights.filter((line) => line !== lacks).join('\n');
        writeFileSync(join(this.#folder, 'acl'), kept, { mode: 0o600 });
    }

    #adopt(lines) {
        const rights = [
            readFileSync(join(root, 'examples/iot/acl'), 'utf8'),
            'user things', 'topic write tele/#', 'topic write zigbee2mqtt/#', 'topic write esp/#', '',
        ];
        appendFileSync(join(this.#folder, 'acl'), `\n${rights.join('\n')}`);
        this.#flags.config = join(this.#folder, 'adopt.conf');
        writeFileSync(this.#flags.config, lines.map((line) => `adopt ${line}\n`).join(''));
    }

    #bundle() {
        mkdirSync(join(this.#folder, 'page'));
        for (const file of ['index.html', 'style.css']) {
            copyFileSync(join(root, 'examples/web', file), join(this.#folder, 'page', file));
        }
        const bundle = spawnSync(join(root, 'scripts/bundle-web.sh'), [join(this.#folder, 'page/bundle.js')]);
        if (bundle.status !== 0) throw new Error(`The page cannot be bundled:\n${bundle.stderr}`);
    }

    async #configure() {
        if (!this.port) [this.port, this.webPort] = await freePorts(2);
        const file = join(this.#folder, 'mosquitto.conf');
        writeFileSync(file, [
            ...process.getuid() === 0 ? ['user root'] : [],
            'allow_anonymous false', `password_file ${join(this.#folder, 'passwords')}`,
            `acl_file ${join(this.#folder, 'acl')}`, 'persistence true', `persistence_location ${this.#folder}/`,
            'sys_interval 1', 'set_tcp_nodelay true', 'log_dest stderr', 'log_type all',
            `listener ${this.port} 127.0.0.1`, `listener ${this.webPort} 127.0.0.1`, 'protocol websockets',
            'socket_domain ipv4', ...existsSync(join(this.#folder, 'page')) ? [`http_dir ${join(this.#folder, 'page')}`] : [], '',
        ].join('\n'));
        return file;
    }

    #bridgeState() {
        return spawnSync('mosquitto_sub', [
            '-p', `${this.port}`, '-u', 'presence-bridge', '-P', 'presence-bridge', '-t', 'presence/bridge/+',
            '-C', '1', '-W', '1',
        ], { encoding: 'utf8' }).stdout;
    }
}
