#include <libpq-fe.h>

// libpq prints notices to the standard error unless somebody takes them.
static inline void presence_ignore_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}

static inline void presence_ignore_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, presence_ignore_notice, 0);
}

// What names a field of an error is a macro of a character, which Swift does not see.
static inline const char *presence_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *presence_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
