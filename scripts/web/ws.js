// In place of Node's WebSockets, which MQTT.js names but does not use in a browser.
export default {};
