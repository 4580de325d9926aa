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

typedef size_t (*presence_receive)(char *bytes, size_t size, size_t count, void *context);

// Who takes the body of the answer, and the lines of its head.
static inline CURLcode presence_set_receivers(
    CURL *transfer, presence_receive body, presence_receive head, void *context) {
    CURLcode result = curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, body);
    if (!result) result = curl_easy_setopt(transfer, CURLOPT_WRITEDATA, context);
    if (!result) result = curl_easy_setopt(transfer, CURLOPT_HEADERFUNCTION, head);
    return result ? result : curl_easy_setopt(transfer, CURLOPT_HEADERDATA, context);
}

// A transfer that ends while a name is looked up does not wait for that; earlier libraries know no such thing.
static inline CURLcode presence_set_quick_exit(CURL *transfer) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(transfer, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)transfer;
    return CURLE_OK;
#endif
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
