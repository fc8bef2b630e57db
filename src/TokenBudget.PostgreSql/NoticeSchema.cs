namespace TokenBudget.PostgreSql;

/// <summary>The tables and functions of what processes tell each other.</summary>
/// <remarks>
/// A notification only wakes who listens; what it is about is read from a table, after the last position that was read. So nothing is missed while a connection is broken, nothing depends on the
/// size of a notification, and one that anybody sends means nothing.
/// </remarks>
internal static class NoticeSchema
{
    /// <summary>So many are kept for those who are away.</summary>
    public const int Kept = 10_000;

    public static string Step(string schema) => $"""
        -- The last position. Its row is locked until a notice is committed, so that positions appear in their order and without gaps.
        CREATE TABLE {schema}.notice_head (position bigint NOT NULL) WITH (fillfactor = 50);
        INSERT INTO {schema}.notice_head VALUES (0);

        CREATE TABLE {schema}.notices (
            position bigint PRIMARY KEY,
            id       uuid NOT NULL UNIQUE,
            sender   uuid NOT NULL,
            topic    text NOT NULL,
            content  text NOT NULL,
            at       timestamptz NOT NULL
        );

        CREATE FUNCTION {schema}.publish_v1(p_id uuid, p_sender uuid, p_topic text, p_content text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            v_position bigint;
        BEGIN
            UPDATE {schema}.notice_head SET position = position + 1 RETURNING position INTO v_position;
            IF EXISTS (SELECT 1 FROM {schema}.notices AS n WHERE n.id = p_id) THEN
                UPDATE {schema}.notice_head SET position = position - 1;
                RETURN;
            END IF;
            INSERT INTO {schema}.notices (position, id, sender, topic, content, at) VALUES (v_position, p_id, p_sender, p_topic, p_content, clock_timestamp());
            DELETE FROM {schema}.notices AS n WHERE n.position <= v_position - {Kept};
            PERFORM pg_notify('{schema}', '');
        END $$;
        """;
}
