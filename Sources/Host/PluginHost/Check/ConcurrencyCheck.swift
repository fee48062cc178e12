import Threading

/// Instances at work on several threads at once, each with an input of its own: what one does may not show in another.
struct ConcurrencyCheck {
    private static let threads = 4
    private static let rounds = 50

    let check: ComponentCheck
    let settings: [UInt8]

    func run() throws(Complaint) -> String {
        let inputs = (0..<Self.threads).map { Self.input($0) }
        // What each makes of its input when nobody else is at work.
        var alone: [WorkResult] = []
        for input in inputs { alone.append(try single(input)) }
        let wrong = Mailbox<String>()
        let threads = zip(inputs, alone).enumerated().map { number, pair in
            WorkerThread("check-\(number)") { [component = check.component, settings] in
                var status = Status.internal
                for _ in 0..<Self.rounds {
                    let host = RecordingHost()
                    let instance = BareInstance(component, settings: settings, host: host, status: &status)
                    guard let result = instance?.work(pair.0) else {
                        wrong.post("refuses settings it took before, while others are at work")
                        return
                    }
                    if result != pair.1 {
                        wrong.post("gives another result while instances are at work on other threads")
                        return
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        wrong.close()
        if let sentence = wrong.takeAll().first { throw Complaint(sentence) }
        return "\(Self.threads) threads, each with \(Self.rounds) instances of its own, do not disturb one another"
    }

    private func single(_ input: WorkInput) throws(Complaint) -> WorkResult {
        var status = Status.internal
        let host = RecordingHost()
        guard let instance = BareInstance(check.component, settings: settings, host: host, status: &status) else {
            throw Complaint("refuses settings it took before")
        }
        return instance.work(input)
    }

    private static func input(_ number: Int) -> WorkInput {
        let text = HostileInputs.ordinary.replacing("evt_1", with: "evt_\(number)")
        var input = WorkInput(body: Array(text.utf8))
        input.failure.attemptNumber = number + 1
        return input
    }
}
