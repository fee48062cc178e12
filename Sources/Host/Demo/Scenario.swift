import JSON

/// One destination of the demonstration, one event for it, and what should become of it.
struct Scenario {
    var title: String
    /// The destination's settings besides its URL.
    var settings: JSONObject
    /// Below the receiver; nil: a port where nobody listens.
    var path: String?
    /// Set: the event goes through a sender with this mapping.
    var mapping: JSONValue?
    var payload: String
    /// What the receiver has to get; nil: the payload, byte for byte.
    var delivered: String?
    /// A header the receiver has to see.
    var header: (name: String, value: String)?
    var status = "Succeeded"
    var attempts = 1

    /// port: the receiver's.
    static func all(port: Int) -> [Scenario] {
        [
            Scenario(
                title: "shop, API key",
                settings: ["authType": "ApiKey", "credentials": ["headerName": "X-Shop-Key", "value": "shop-key-1"]],
                path: "shop",
                payload: #"{"type":"order.created","order":{"id":20417,"total":1.10,"currency":"EUR"}}"#,
                header: ("x-shop-key", "shop-key-1")),
            Scenario(
                title: "billing, bearer token",
                settings: ["authType": "BearerToken", "credentials": ["token": "billing-token-1"]],
                path: "billing",
                payload: #"{"type":"invoice.paid", "amount": 12345678901234567890, "note":"Zoë & Søn"}"#,
                header: ("authorization", "Bearer billing-token-1")),
            Scenario(
                title: "warehouse, basic auth",
                settings: ["authType": "BasicAuth", "credentials": ["username": "wms", "password": "pallet"]],
                path: "warehouse",
                payload: #"{"type":"shipment.packed","parcels":[{"weight":2.50},{"weight":0.75}]}"#,
                header: ("authorization", "Basic d21zOnBhbGxldA==")),
            Scenario(
                title: "partner, OAuth 2.0",
                settings: [
                    "authType": "JwtBearer",
                    "credentials": [
                        "tokenEndpoint": .string("http://127.0.0.1:\(port)/oauth/token"), "clientId": "hooksentry",
                        "clientSecret": "partner-secret", "scope": "events",
                    ],
                ],
                path: "partner", payload: #"{"type":"contract.signed","contract":"C-2209"}"#,
                header: ("authorization", "Bearer \(DemoReceiver.token)")),
            Scenario(
                title: "CRM, through a mapping", settings: [:], path: "crm",
                mapping: ["customer": "buyer:profile:name", "sku": "items[0]:sku", "total": "net + tax"],
                payload: #"{"buyer":{"profile":{"name":"Ada"}},"items":[{"sku":"A-1"}],"net":100,"tax":19.5}"#,
                delivered: #"{"customer":"Ada","sku":"A-1","total":119.5}"#),
            Scenario(
                title: "flaky, fails twice", settings: ["retryPolicy": quick], path: "flaky",
                payload: #"{"type":"job.done","job":7}"#, attempts: 3),
            Scenario(
                title: "nobody listens", settings: ["retryPolicy": quick], path: nil,
                payload: #"{"type":"ping"}"#, status: "CriticalFailure", attempts: 3),
        ]
    }

    private static let quick: JSONValue = ["plugin": "Fixed", "settings": ["delaySeconds": .number("0.2")]]
}
