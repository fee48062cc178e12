extension Migration {
    /// Which worker owns which shard.
    static let leases = Migration(
        name: "0004_leases",
        sql: """
            CREATE TABLE worker_nodes (
                id uuid PRIMARY KEY,
                joined_at timestamptz NOT NULL,
                -- Without another sign of life the worker is dead from then on.
                expires_at timestamptz NOT NULL
            ) WITH (fillfactor = 50);

            -- One row a shard; the rows are made when the shard count is fixed.
            CREATE TABLE shard_leases (
                shard smallint PRIMARY KEY,
                node_id uuid,
                expires_at timestamptz,
                CONSTRAINT shard_leases_owner_check CHECK ((node_id IS NULL) = (expires_at IS NULL))
            ) WITH (fillfactor = 50);

            -- One sign of life: extends, gives back, takes. All such calls go one after the other, so that counts and
            -- shares are exact; the lock lasts as long as the function runs and needs no client to end it.
            CREATE FUNCTION renew_leases(worker uuid, releasing smallint[], lease interval)
                RETURNS TABLE (held_shards smallint[], fair_share integer, server_time timestamptz)
                LANGUAGE plpgsql AS $$
            DECLARE
                shard_total integer;
                workers_alive integer;
                workers_before integer;
                holding integer;
            BEGIN
                PERFORM pg_advisory_xact_lock(hashtextextended('hooksentry renew_leases', 0));
                -- Taken after the lock: the transaction's own time is from before the wait.
                server_time := clock_timestamp();

                DELETE FROM worker_nodes WHERE expires_at <= server_time AND id <> worker;
                INSERT INTO worker_nodes (id, joined_at, expires_at)
                    VALUES (worker, server_time, server_time + lease)
                    ON CONFLICT (id) DO UPDATE SET expires_at = EXCLUDED.expires_at;

                UPDATE shard_leases SET node_id = NULL, expires_at = NULL
                    WHERE node_id = worker AND shard = ANY (releasing);
                UPDATE shard_leases SET expires_at = server_time + lease WHERE node_id = worker;
                GET DIAGNOSTICS holding = ROW_COUNT;

                -- The rest of the division goes to those who joined first, so the shares add up to all shards.
                SELECT count(*) INTO shard_total FROM shard_leases;
                SELECT count(*), count(*) FILTER (WHERE (n.joined_at, n.id) < (me.joined_at, me.id))
                    INTO workers_alive, workers_before
                    FROM worker_nodes n, worker_nodes me WHERE me.id = worker;
                fair_share := shard_total / workers_alive
                    + CASE WHEN workers_before < shard_total % workers_alive THEN 1 ELSE 0 END;

                UPDATE shard_leases SET node_id = worker, expires_at = server_time + lease
                    WHERE shard IN (
                        SELECT l.shard FROM shard_leases l
                        WHERE (l.node_id IS NULL OR l.expires_at <= server_time) AND l.shard <> ALL (releasing)
                        ORDER BY l.shard
                        LIMIT greatest(fair_share - holding, 0));

                held_shards := ARRAY(SELECT l.shard FROM shard_leases l WHERE l.node_id = worker ORDER BY l.shard);
                RETURN NEXT;
            END $$;
            """)
}
