extension SettingGroup {
    static let broker = SettingGroup(
        "The broker",
        takesEffect: .atStart,
        [
            Setting(
                "host",
                \.broker.host,
                .host,
                "Where the broker is: a name, an address, or the path of a Unix socket."
            ),
            Setting(
                "port",
                \.broker.port,
                .port,
                "The broker's TCP port. Without this key it is 8883 when cafile is set. With a"
                    + " Unix socket it is not used, and may be 0, as in mosquitto.conf."
            ),
            Setting(
                "username",
                \.broker.username,
                .optional(.text("1 to 65535 bytes", longest: 65_535)),
                shipped: "presence-bridge",
                "The bridge's username at the broker. The shipped access control list,"
                    + " examples/acl, gives the bridge's rights to presence-bridge."
            ),
            Setting(
                "password",
                \.broker.password,
                .optional(.password),
                isSecret: true,
                "The bridge's password. Better kept in password_file, or in the environment."
            ),
            Setting(
                "password_file",
                \.broker.passwordFile,
                .optional(.path),
                "A file whose first line is the password. Not together with password."
            ),
            Setting(
                "bridge_id",
                \.broker.bridgeID,
                .bridgeID,
                formerKey: "client_id",
                "What the bridge is called in its topics. The MQTT client id is this and a random"
                    + " part, new at each start, so that nobody can throw the bridge off by it."
            ),
            Setting(
                "mqtt_version",
                \.broker.version,
                .choice,
                "The version of MQTT to speak. auto is MQTT 5, and MQTT 3.1.1 with a broker that"
                    + " refuses it, hangs up, or does not answer."
            ),
            Setting(
                "cafile",
                \.broker.tls.cafile,
                .optional(.path),
                "The certificates of the authorities to trust, in PEM. Setting it turns TLS on."
            ),
            Setting(
                "certfile",
                \.broker.tls.certfile,
                .optional(.path),
                "The bridge's own certificate, in PEM. Only together with keyfile and cafile."
            ),
            Setting(
                "keyfile",
                \.broker.tls.keyfile,
                .optional(.path),
                "The private key of the bridge's own certificate, in PEM, without a passphrase."
            ),
            Setting(
                "tls_insecure",
                \.broker.tls.insecure,
                .either("true", or: "false"),
                "Whether to accept a certificate that is for another name than host."
            ),
            Setting(
                "keepalive",
                \.broker.keepAlive,
                .duration(.seconds(5)...(.seconds(65_535)), whole: true),
                "The MQTT keep-alive. The broker notices a bridge that fell silent after one and a"
                    + " half of it."
            ),
            Setting(
                "broker_plugin",
                \.broker.usesPlugin,
                .either("auto", or: "off"),
                "Whether the bridge asks for the plugin in the broker at each connection, and has"
                    + " it pass events on if it answers."
            ),
        ]
    )

    static let topics = SettingGroup(
        "Topics",
        takesEffect: .atStart,
        [
            Setting(
                "topic_prefix",
                \.topicPrefix,
                .topicPrefix,
                "What every topic of the protocol begins with. The broker's ACL must say the same."
            )
        ]
    )

    static let store = SettingGroup(
        "The store",
        takesEffect: .atStart,
        [
            Setting(
                "store",
                \.store.location,
                .storeLocation,
                "The SQLite file with statuses and subscriptions. It is created if missing, and"
                    + " files with '-wal', '-shm', '-lock', '-turns-1' and '-turns-2' appended stand"
                    + " beside it while the bridge runs. ':memory:' is a store"
                    + " that ends with the bridge: for trials, and tests of clients. Or a database of"
                    + " PostgreSQL, as postgresql://presence@host/presence: docs/postgresql.md."
            ),
            Setting(
                "store_password_file",
                \.store.passwordFile,
                .optional(.path),
                "The file whose first line is the password for the database. Nobody but the bridge may read it. Not"
                    + " together with a password in store."
            ),
            Setting(
                "store_schema",
                \.store.schema,
                .schema,
                "The schema of the database that has the tables. It is made if missing. Bridges that name the same"
                    + " one share it: one of them serves, and the others stand by."
            ),
            Setting(
                "lease",
                \.store.lease,
                .duration(.seconds(1)...(.seconds(3_600))),
                "How long a bridge with a database may give no sign of life before another one takes its place."
                    + " The same for all that share a schema."
            ),
            Setting(
                "store_sync",
                \.store.sync,
                .choice,
                "What an acknowledged change survives: full, a loss of power; normal, which is"
                    + " faster, a crash of the bridge alone. With a database: full, a crash of the database;"
                    + " normal, what its synchronous_commit says."
            ),
        ]
    )
}
