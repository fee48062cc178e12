import CMicrohttpd

// The functions libmicrohttpd calls, on the connection's event loop. They unwrap their contexts and go on in Swift.

/// A connection came or is about to be closed. The box in the socket context is retained on the first call and
/// released on the second.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
    let loop = Unmanaged<LoopContext>.fromOpaque(context!).takeUnretainedValue()
    let core = loop.core
    loop.calls += 1
    if code == .CONNECTION_NOTIFY_STARTED {
        let client = Connection(
            remoteAddress: microhttpd_client_address(connection).map(text(of:)) ?? "",
            descriptor: microhttpd_descriptor(connection), timeout: core.configuration.requestTimeout,
            loop: loop.waker)
        socketContext!.pointee = Unmanaged.passRetained(client).toOpaque()
        core.connections.insert(client)
        core.openConnections.add(1)
    } else if let box = socketContext!.pointee {
        let client = Unmanaged<Connection>.fromOpaque(box).takeRetainedValue()
        socketContext!.pointee = nil
        client.closed()
        core.connections.remove(client)
        core.openConnections.add(-1)
    }
}

/// Called when the headers are in, for each part of the body, when the request is complete, and again after a
/// resume. `requestContext` holds the exchange from the first call on.
func accessHandler(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadBytes: UnsafeMutablePointer<Int>?, _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    let loop = Unmanaged<LoopContext>.fromOpaque(context!).takeUnretainedValue()
    loop.calls += 1
    guard let box = requestContext!.pointee else {
        let core = loop.core
        let exchange = makeExchange(core, connection!, method: method!, path: path!, version: version!)
        core.inFlight.begin()
        // Released by `requestCompleted`, which libmicrohttpd promises for every request it has shown us.
        requestContext!.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.headersArrived()
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(box).takeUnretainedValue()
    guard let upload, uploadBytes!.pointee > 0 else { return exchange.requestArrived() }
    let part = UnsafeRawBufferPointer(start: upload, count: uploadBytes!.pointee)
    uploadBytes!.pointee = 0
    return exchange.bodyArrived(part)
}

/// The answer is sent, or the connection is gone.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let box = requestContext!.pointee else { return }
    requestContext!.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(box).takeRetainedValue()
    exchange.completed()
    exchange.client.awaitRequest()
    exchange.core.inFlight.end()
}

private func makeExchange(
    _ core: ServerCore, _ connection: OpaquePointer, method: UnsafePointer<CChar>, path: UnsafePointer<CChar>,
    version: UnsafePointer<CChar>
) -> Exchange {
    let client = Unmanaged<Connection>.fromOpaque(microhttpd_socket_context(connection)!).takeUnretainedValue()
    let (request, plan, body) = core.plan(
        connection, method: method, path: path, version: version, from: client.remoteAddress)
    return Exchange(core, client, connection, request, plan, body)
}
