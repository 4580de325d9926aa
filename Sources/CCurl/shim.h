// Swift calls no function that takes any arguments whatever: each kind of option has one of its own here.
#include <curl/curl.h>

static inline CURLcode presence_set_number(CURL *transfer, CURLoption option, long value) {
    return curl_easy_setopt(transfer, option, value);
}

// The text is copied.
static inline CURLcode presence_set_text(CURL *transfer, CURLoption option, const char *value) {
    return curl_easy_setopt(transfer, option, value);
}

static inline CURLcode presence_set_pointer(CURL *transfer, CURLoption option, void *value) {
    return curl_easy_setopt(transfer, option, value);
}

// The body is copied.
static inline CURLcode presence_set_body(CURL *transfer, const void *bytes, curl_off_t count) {
    CURLcode result = curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return result ? result : curl_easy_setopt(transfer, CURLOPT_COPYPOSTFIELDS, bytes ? bytes : "");
}

static inline CURLcode presence_set_receiver(
    CURL *transfer, size_t (*receive)(char *bytes, size_t size, size_t count, void *context), void *context) {
    CURLcode result = curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, receive);
    return result ? result : curl_easy_setopt(transfer, CURLOPT_WRITEDATA, context);
}

static inline long presence_status(CURL *transfer) {
    long status = 0;
    curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

// What a finished transfer came to.
static inline CURLcode presence_result(const CURLMsg *message) { return message->data.result; }

static inline CURLcode presence_context(CURL *transfer, void **context) {
    return curl_easy_getinfo(transfer, CURLINFO_PRIVATE, context);
}
