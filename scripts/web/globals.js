// What MQTT.js expects from Node, for a browser: esbuild puts these wherever they are used.
export { default as process } from 'process/browser.js';
export { Buffer } from 'buffer/index.js';
