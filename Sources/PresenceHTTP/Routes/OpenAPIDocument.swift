import HTTPTypes
import Presence

/// What all of this is, as an OpenAPI 3.1 document, made from the routes.
enum OpenAPIDocument {
    static func json(version: String) -> [UInt8] {
        var json = JSONWriter(reserving: 16_384)
        json.beginObject()
        json.member("openapi", "3.1.0")
        json.key("info")
        json.beginObject()
        json.member("title", "presence-bridge")
        json.member("version", version)
        json.member("description", "Presence for MQTT, for back ends and operators.")
        json.endObject()
        json.key("paths")
        json.beginObject()
        var paths: [String] = []
        for route in Route.all where !paths.contains(route.path) { paths.append(route.path) }
        for path in paths {
            json.key(path)
            json.beginObject()
            for route in Route.all where route.path == path { write(route, to: &json) }
            json.endObject()
        }
        json.endObject()
        json.key("webhooks")
        json.raw(Array(webhooks.utf8))
        json.key("components")
        json.beginObject()
        json.key("securitySchemes")
        json.raw(Array(#"{"token":{"type":"http","scheme":"bearer"}}"#.utf8))
        json.key("schemas")
        json.raw(Array(schemas.utf8))
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// What the bridge calls by itself, signed as Standard Webhooks 1.0 says.
    private static let webhooks = """
        {"changes":{"post":{"operationId":"receiveChanges","summary":"Users have changed",\
        "parameters":[\
        {"name":"webhook-id","in":"header","required":true,"schema":{"type":"string"}},\
        {"name":"webhook-timestamp","in":"header","required":true,"schema":{"type":"string"}},\
        {"name":"webhook-signature","in":"header","schema":{"type":"string"}}],\
        "requestBody":{"required":true,"content":{"application/json":\
        {"schema":{"$ref":"#/components/schemas/Batch"}}}},\
        "responses":{"2XX":{"description":"taken"},"410":{"description":"nothing more is wanted"}}}}}
        """

    private static func write(_ route: Route, to json: inout JSONWriter) {
        let call = route.call
        json.key(route.method.rawValue.lowercased())
        json.beginObject()
        json.member("operationId", "\(call)")
        json.member("summary", call.summary)
        if let scope = route.scope {
            json.member("description", "Wants a token with the scope \(scope.rawValue).")
            json.key("security")
            json.raw(Array(#"[{"token":[]}]"#.utf8))
        }
        json.key("parameters")
        json.beginArray()
        for case .parameter(let name) in route.pattern {
            parameter(
                name,
                "path",
                OpenAPIParameter(name, name == "device" ? .device : .user),
                to: &json
            )
        }
        for one in call.query { parameter(one.name, "query", one, to: &json) }
        json.endArray()
        if let schema = call.bodySchema {
            json.key("requestBody")
            json.beginObject()
            json.member("required", true)
            content("application/json", schema, to: &json)
            json.endObject()
        }
        json.key("responses")
        json.beginObject()
        success(of: call, to: &json)
        for (status, words) in problems(of: route) {
            json.key(status)
            json.beginObject()
            json.member("description", words)
            content(Problem.contentType, "Problem", to: &json)
            json.endObject()
        }
        json.endObject()
        json.endObject()
    }

    private static func success(of call: HTTPCall, to json: inout JSONWriter) {
        json.key(call.resultSchema == nil ? "204" : "200")
        json.beginObject()
        json.member(
            "description",
            call.resultSchema == nil ? "It is done and stored." : "The answer."
        )
        if call == .metrics {
            json.key("content")
            json.raw(Array(#"{"text/plain":{"schema":{"type":"string"}}}"#.utf8))
        } else if let schema = call.resultSchema {
            content("application/json", schema, to: &json)
        }
        json.endObject()
    }

    /// What a call can be refused with.
    private static func problems(of route: Route) -> [(status: String, words: String)] {
        var problems = [
            ("404", "There is nothing at this path."),
            ("405", "The path has other methods, which Allow names."),
        ]
        let unavailable = ("503", "It cannot be done now; Retry-After says when to try again.")
        if route.call != .openAPI { problems.append(unavailable) }
        if route.scope != nil {
            problems += [
                ("401", "There is no good token."),
                ("403", "The token is not good for that, or the user may not."),
                ("429", "More calls than the token may make."),
            ]
        }
        if route.call.isAboutUsers {
            problems.append(("400", "Something in it is wrong, as the code says."))
            problems.append(("409", "It would go beyond a limit."))
            if route.call.hasBody {
                problems.append(("413", "It has more bytes than it may have."))
            }
        }
        return problems.sorted { $0.0 < $1.0 }
    }

    private static func content(_ type: String, _ schema: String, to json: inout JSONWriter) {
        json.key("content")
        json.beginObject()
        json.key(type)
        json.beginObject()
        json.key("schema")
        json.beginObject()
        json.member("$ref", "#/components/schemas/\(schema)")
        json.endObject()
        json.endObject()
        json.endObject()
    }

    private static func parameter(
        _ name: String,
        _ place: String,
        _ parameter: OpenAPIParameter,
        to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("name", name)
        json.member("in", place)
        if place == "path" { json.member("required", true) }
        json.key("schema")
        json.raw(Array(parameter.kind.schema.utf8))
        json.endObject()
    }
}
