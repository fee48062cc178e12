import Domain

/// What a statement that moves events has to add, so that open streams hear of it and the counts stay exact. All other
/// tables announce themselves, by triggers (migration 0010); for events that would cost the hot path a trigger call a
/// row.
///
///     WITH moved AS (UPDATE events … RETURNING \(the columns below)),
///     \(EventSeam.changed(in: "moved"))
///     SELECT …
enum EventSeam {
    /// Two common table expressions, `announced` and `counted`, for rows of another one with these columns:
    /// `id`, `tenant_id`, `destination_id`, `accepted_at`, `delivered_at`;
    /// `became`, the new status, null for rows that only wait anew;
    /// `was`, the final status that the event is taken out of, or null;
    /// `was_retrying`, whether it had failed in this round before and was not final;
    /// `tried`, whether an attempt ended.
    static func changed(in rows: String) -> String {
        announcement("event.updated", in: rows, where: "r.became IS NOT NULL") + ",\n"
            + counting(
                """
                SELECT r.tenant_id, r.destination_id, \(bucket), \(latency), 0,
                    sum((r.became = 4)::integer - r.was_retrying::integer), sum((r.became = 2)::integer),
                    sum((r.became = 5)::integer - (r.was IS NOT DISTINCT FROM 5)::integer),
                    sum((r.became = 7)::integer - (r.was IS NOT DISTINCT FROM 7)::integer),
                    sum((r.became = 6)::integer), sum(r.tried::integer)
                FROM \(rows) r WHERE r.became IS NOT NULL GROUP BY 1, 2, 3, 4
                """)
    }

    /// What a statement that cancels waiting events `e` returns for `changed`.
    static let cancelled = """
        e.id, e.tenant_id, e.destination_id, e.accepted_at, e.delivered_at, e.status AS became,
        NULL::smallint AS was, e.attempts_this_round > 0 AS was_retrying, false AS tried
        """

    /// The same for events that went in: `id`, `tenant_id`, `destination_id`, `accepted_at`.
    static func accepted(in rows: String) -> String {
        announcement("event.created", in: rows, where: "true") + ",\n"
            + counting(
                """
                SELECT r.tenant_id, r.destination_id, \(bucket), -1, count(*), 0, 0, 0, 0, 0, 0
                FROM \(rows) r GROUP BY 1, 2, 3
                """)
    }

    /// `announced`, for rows that only look different: `id` and `tenant_id`. While nobody listens to anything it looks
    /// at one empty index and at no row.
    static func announcement(_ type: String, in rows: String, where condition: String = "true") -> String {
        // A scalar subquery and not a join: the index is asked row by row, whatever the planner thinks of its size.
        """
        announced AS (
            INSERT INTO stream_entries (tenant_id, type, subject_id)
            SELECT r.tenant_id, '\(type)', r.id FROM \(rows) r
            WHERE EXISTS (SELECT FROM stream_interests) AND (\(condition))
                AND (SELECT true FROM stream_interests i WHERE i.tenant_id = r.tenant_id))
        """
    }

    private static func counting(_ changes: String) -> String {
        """
        counted AS (
            INSERT INTO event_count_changes (tenant_id, destination_id, bucket, latency, accepted, retrying,
                succeeded, critical, unauthenticated, cancelled, attempts)
            \(changes))
        """
    }

    private static let bucket = "date_bin('5 minutes', r.accepted_at, 'epoch')"
    private static let latency = """
        CASE WHEN r.became = 2
            THEN least(\(LatencyScale.stepMax), floor(ln(greatest(1, date_part('epoch', r.delivered_at - r.accepted_at)
                * 1000)) * \(LatencyScale.stepsPerE)))
            ELSE -1 END::smallint
        """
}
