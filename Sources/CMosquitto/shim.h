// mosquitto 2.1 has moved its headers: mosquitto.h brings all of them, and the older names warn.
#include <mosquitto.h>
#if !__has_include(<mosquitto/mqtt_protocol.h>)
#include <mqtt_protocol.h>
#endif
