// mosquitto 2.1 has moved its headers: mosquitto.h brings all of them, and the older names warn.
#if __has_include(<mosquitto/broker.h>)
#include <mosquitto.h>
#else
// The order matters: mosquitto_plugin.h uses a type of mosquitto_broker.h without including it.
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>
#endif
#include <string.h>
#include <time.h>

// A variadic function is not imported. The text is no format: it may hold what clients sent.
static inline void broker_log(int level, const char *text) {
    mosquitto_log_printf(level, "%s", text);
}

static inline size_t broker_length(const char *text) { return strlen(text); }

// Milliseconds on a clock that never steps.
static inline int64_t broker_milliseconds(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// Milliseconds of Unix time.
static inline int64_t broker_unix_milliseconds(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}
