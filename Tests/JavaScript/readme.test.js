// The programs in the documentation, as somebody pastes them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';
import { launch, World } from './world.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let world;
let folder;
before(async () => {
    world = await World.start();
    folder = mkdtempSync(join(tmpdir(), 'presence-readme-'));
    for (const file of ['presence.js', 'package.json']) copyFileSync(join(root, 'examples/web', file), join(folder, file));
    cpSync(join(root, 'examples/web/presence'), join(folder, 'presence'), { recursive: true });
});
after(async () => {
    if (folder) rmSync(folder, { recursive: true });
    await world?.stop();
});

/** Runs the program in a file of documentation, against this broker and its users. */
function run(t, file, password = 'alice') {
    const [, program] = /```js\n(.*?)```/s.exec(readFileSync(join(root, file), 'utf8'));
    const pasted = program.replace('mqtt://127.0.0.1:1883', world.tcp).replace('demo-alice', password);
    writeFileSync(join(folder, 'pasted.mjs'), pasted);
    const child = launch(process.execPath, [join(folder, 'pasted.mjs')]);
    t.after(() => child.kill('SIGKILL'));
    return child;
}

for (const file of ['README.md', 'examples/web/README.md']) {
    test(`The program in ${file} shows how bob is, as it is pasted`, async (t) => {
        const bob = await world.client('bob', { announce: false });
        t.after(() => bob.logout());
        const child = run(t, file);
        await until('alice watches bob', async () => {
            assert.equal(child.exitCode, null, child.log);
            return (await bob.getWatchers()).includes('alice');
        }, { every: 50 });
        await bob.logout();
        await bob.connect({ url: world.tcp, username: 'bob', password: 'bob', status: 'coffee' });
        await until('it shows bob', () => child.log.includes('bob coffee'));
        child.kill('SIGINT');
        await once(child, 'exit');
        // The next program begins as this one did.
        const alice = await world.client('alice', { announce: false });
        await alice.unsubscribePresence({ usernames: ['bob'] });
        await alice.logout();
    });
}

test('With a wrong password hello.mjs says one line, and fails', async (t) => {
    const child = run(t, 'examples/web/README.md', 'wrong');
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.equal(child.log, 'The broker refuses the username or password\n');
});
