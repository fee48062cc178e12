import HTTPServer

/// How to answer one request, once, from any thread.
struct IngestReply: Sendable {
    let responder: any Responder
    let metrics: IngestMetrics
    let started = ContinuousClock.now

    func answer(_ answer: IngestAnswer) {
        responder.respond(answer.response)
        metrics.count(answer.result, since: started)
    }

    /// The request was a batch.
    func answer(_ answers: [IngestAnswer]) {
        responder.respond(BatchAnswer(answers: answers).response)
        for answer in answers { metrics.count(answer.result, since: started) }
    }
}
