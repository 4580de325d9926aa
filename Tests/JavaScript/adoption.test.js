// Things that were adopted stand beside people on the page, as docs/adoption.md says.
import { after, before, test } from 'node:test';
import { Browser, Driver } from './browser.js';
import { World } from './world.js';

const on = '{"state":"online"}';
const off = '{"state":"offline"}';

let world;
let driver;
before(async () => {
    world = await World.start({}, {
        servesPage: true,
        adopts: [
            'tasmota user={name} device=plug', 'zigbee2mqtt user={name} device=lamp',
            'esphome topic=esp/{name}/status user={name} device=node',
        ],
    });
    driver = await Driver.start();
});
after(async () => {
    await driver?.stop();
    await world?.stop();
});

const row = (name) => `#people li[data-name="${name}"]`;

test('A plug, a lamp and a node come and go beside bob, and the lamp goes with its gateway', async (t) => {
    const browser = await Browser.open(driver, world.page);
    t.after(() => browser.close());
    await browser.signIn('alice');
    await browser.type('#follow [name=usernames]', 'bob heater hall gate');
    await browser.click('#follow button');
    await browser.see('#count', /0 of 4 online/);
    await world.client('bob', { description: 'at home' });
    await world.play(['tele/heater/LWT', 'Online'], ['zigbee2mqtt/hall/availability', on], ['esp/gate/status', 'online']);
    await browser.see(row('heater'), /online/);
    await browser.see(row('gate'), /online/);
    await world.play(['zigbee2mqtt/bridge/state', on]);
    await browser.see(row('hall'), /online/);
    await browser.see('#count', /4 of 4 online/);
    if (process.env.SCREENSHOT) await browser.screenshot(process.env.SCREENSHOT);
    await world.play(['zigbee2mqtt/bridge/state', off]);
    await browser.see(row('hall'), /offline.*connection lost/);
    await world.play(['tele/heater/LWT', 'Offline']);
    await browser.see(row('heater'), /offline.*connection lost/);
    await browser.see('#count', /2 of 4 online/);
    await world.play(['zigbee2mqtt/bridge/state', on]);
    await browser.see(row('hall'), /online/);
});
