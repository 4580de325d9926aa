extension OpenAPIDocument {
    /// The schemas: a JSON object.
    static let schemas = #"""
        {
        "Object": {"type": "object"},
        "Text": {"type": "string"},
        "Name": {
          "type": "string", "minLength": 1, "maxLength": 128, "description": "1 to 128 bytes of UTF-8",
          "pattern": "^[^/+#$\\u0000-\\u001f\\u007f-\\u009f][^/+#\\u0000-\\u001f\\u007f-\\u009f]*$"
        },
        "Device": {
          "type": "string", "minLength": 1, "maxLength": 64, "description": "1 to 64 bytes of UTF-8",
          "pattern": "^[^/+#$\\u0000-\\u001f\\u007f-\\u009f][^/+#\\u0000-\\u001f\\u007f-\\u009f]*$"
        },
        "Time": {"type": "integer", "description": "Unix time in seconds"},
        "Problem": {
          "type": "object",
          "required": ["type", "title", "status", "detail", "code"],
          "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"}, "code": {"type": "string"}, "retryAfter": {"type": "integer"}
          }
        },
        "Status": {
          "type": "object",
          "required": ["username", "online", "status", "description", "devices", "cause", "since", "updated", "seq"],
          "properties": {
            "username": {"$ref": "#/components/schemas/Name"},
            "online": {"type": "boolean"},
            "status": {"type": "string"},
            "description": {"type": "string"},
            "devices": {"type": "object", "additionalProperties": {"type": "string"}},
            "cause": {"type": ["string", "null"]},
            "since": {"type": ["integer", "null"]},
            "updated": {"type": ["integer", "null"]},
            "seq": {"type": "integer"},
            "expires": {"type": "integer"}
          }
        },
        "Statuses": {
          "type": "object",
          "properties": {
            "users": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}},
            "online": {"type": "object", "additionalProperties": {"type": "boolean"}}
          }
        },
        "Names": {
          "type": "object",
          "required": ["total", "usernames"],
          "properties": {
            "total": {"type": "integer"},
            "usernames": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "cursor": {"type": "string"}
          }
        },
        "Subscriptions": {
          "type": "object",
          "required": ["total", "pageNum", "pageSize", "subscriptions"],
          "properties": {
            "total": {"type": "integer"}, "pageNum": {"type": "integer"}, "pageSize": {"type": "integer"},
            "subscriptions": {"type": "array", "items": {
              "type": "object", "required": ["username", "expires"],
              "properties": {
                "username": {"$ref": "#/components/schemas/Name"},
                "expires": {"$ref": "#/components/schemas/Time"}
              }
            }},
            "all": {"$ref": "#/components/schemas/Everyone"}
          }
        },
        "Everyone": {
          "type": "object", "required": ["expires"],
          "properties": {"expires": {"$ref": "#/components/schemas/Time"}}
        },
        "Subscribed": {
          "type": "object",
          "required": ["subscribed", "evicted", "rejected"],
          "properties": {
            "subscribed": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}},
            "evicted": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "all": {"$ref": "#/components/schemas/Everyone"}
          }
        },
        "Unsubscribed": {
          "type": "object",
          "required": ["unsubscribed"],
          "properties": {
            "unsubscribed": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "all": {"type": "boolean"}
          }
        },
        "Change": {
          "type": "object",
          "required": ["id", "time", "type", "status"],
          "properties": {
            "id": {"type": "string", "pattern": "^[0-9]+$"},
            "time": {"$ref": "#/components/schemas/Time"},
            "type": {"enum": ["online", "offline", "status", "description", "devices"]},
            "status": {"$ref": "#/components/schemas/Status"}
          }
        },
        "History": {
          "type": "object",
          "required": ["changes"],
          "properties": {
            "changes": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "cursor": {"type": "string"}
          }
        },
        "Explanation": {
          "type": "object",
          "required": [
            "time", "status", "descriptionExpires", "devices", "refused", "subscriptions", "watchesEveryone",
            "watchers", "watchersOfEveryone", "changes"
          ],
          "properties": {
            "time": {"$ref": "#/components/schemas/Time"},
            "status": {"$ref": "#/components/schemas/Status"},
            "descriptionExpires": {"type": ["integer", "null"]},
            "devices": {"type": "array", "items": {"$ref": "#/components/schemas/KnownDevice"}},
            "refused": {"type": "array", "items": {
              "type": "object", "required": ["device", "code", "message", "time"],
              "properties": {
                "device": {"$ref": "#/components/schemas/Device"}, "code": {"type": "string"},
                "message": {"type": "string"}, "time": {"$ref": "#/components/schemas/Time"}
              }
            }},
            "subscriptions": {"type": "integer"}, "watchesEveryone": {"type": "boolean"},
            "watchers": {"type": "integer"}, "watchersOfEveryone": {"type": "integer"},
            "changes": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Change"}}
          }
        },
        "KnownDevice": {
          "type": "object",
          "required": [
            "device", "shows", "says", "verdict", "heard", "session", "ttl", "ttlEnds", "grace", "doubt", "deferred",
            "adopted"
          ],
          "properties": {
            "device": {"$ref": "#/components/schemas/Device"},
            "shows": {"type": ["string", "null"]}, "says": {"type": ["string", "null"]},
            "verdict": {"type": ["string", "null"]}, "heard": {"type": ["integer", "null"]},
            "session": {"type": ["string", "null"]}, "ttl": {"type": ["integer", "null"]},
            "ttlEnds": {"type": ["integer", "null"]},
            "grace": {
              "type": ["object", "null"], "required": ["cause", "came", "ends"],
              "properties": {
                "cause": {"type": "string"}, "came": {"$ref": "#/components/schemas/Time"},
                "ends": {"$ref": "#/components/schemas/Time"}
              }
            },
            "doubt": {
              "type": ["object", "null"], "required": ["reason", "ends"],
              "properties": {
                "reason": {"enum": ["contradicted", "asked", "restart"]}, "ends": {"type": ["integer", "null"]}
              }
            },
            "deferred": {"type": "boolean"},
            "adopted": {
              "type": ["object", "null"], "required": ["topic", "gateway", "gatewayOnline"],
              "properties": {
                "topic": {"type": "string"}, "gateway": {"type": ["string", "null"]},
                "gatewayOnline": {"type": ["boolean", "null"]}
              }
            }
          }
        },
        "Changes": {
          "type": "object",
          "required": ["changes", "last"],
          "properties": {
            "changes": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "last": {"type": "string", "pattern": "^[0-9]+$"}
          }
        },
        "Batch": {
          "type": "object",
          "required": ["changes"],
          "properties": {
            "changes": {
              "type": "array", "minItems": 1,
              "items": {"$ref": "#/components/schemas/Change"}
            },
            "skipped": {
              "type": "integer", "minimum": 1,
              "description": "How many changes before these were left out"
            }
          }
        },
        "Query": {
          "type": "object",
          "required": ["usernames"],
          "properties": {
            "usernames": {
              "type": "array", "minItems": 1, "description": "1,000 different ones at most",
              "items": {"$ref": "#/components/schemas/Name"}
            },
            "brief": {"type": "boolean"}
          }
        },
        "Subscribe": {
          "description": "Either usernames or all",
          "oneOf": [
            {
              "type": "object", "required": ["usernames"],
              "properties": {
                "usernames": {
                  "type": "array", "minItems": 1, "description": "100 different ones at most",
                  "items": {"$ref": "#/components/schemas/Name"}
                },
                "all": {"const": false},
                "expiry": {"type": "integer", "minimum": 1, "maximum": 2592000}
              }
            },
            {
              "type": "object", "required": ["all"],
              "properties": {
                "all": {"const": true},
                "expiry": {"type": "integer", "minimum": 1, "maximum": 2592000}
              },
              "not": {"required": ["usernames"]}
            }
          ]
        },
        "Description": {
          "type": "object",
          "required": ["description"],
          "properties": {
            "description": {"type": "string", "maxLength": 1024},
            "expiry": {"type": "integer", "minimum": 1, "maximum": 2592000}
          }
        },
        "Statement": {
          "type": "object",
          "properties": {
            "status": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,32}$"},
            "ttl": {"type": "integer", "minimum": 5, "maximum": 86400},
            "session": {"type": "string", "maxLength": 64}
          }
        }
        }
        """#
}
