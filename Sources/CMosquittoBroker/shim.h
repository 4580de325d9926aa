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

// The beginning of what mosquitto 2.1 tells with its event CONNECT, which 2.0 has no name for.
struct broker_evt_connect {
    void *future;
    struct mosquitto *client;
};

// When the broker is to call again at the latest, in milliseconds, although nothing happens. 2.0
// ignores it and calls some ten times a second.
//
// 2.1 sleeps until then, but only if the plugin was due in the turn that begins the sleep. So the
// plugin has to be due in each turn: the seconds and the milliseconds make the pause together, and 2.1,
// which carries one second over, sees a moment that has passed. The field next_ms of 2.1 is next_ns in
// 2.0's headers.
static inline void broker_call_again(struct mosquitto_evt_tick *tick, long milliseconds) {
    struct {
        void *future;
        long now_ns;
        long next_ms;
        time_t now_s;
        time_t next_s;
    } times;
    memcpy(&times, tick, sizeof times);
    times.next_s = -2;
    times.next_ms = milliseconds + 2000;
    memcpy(tick, &times, sizeof times);
}

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
