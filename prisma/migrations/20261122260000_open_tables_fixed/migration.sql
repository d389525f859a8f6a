-- Open tables are told once: they come in before their release is published, in the same transaction, and never change. What a later release may
-- tell is worked out from them, so one that was lost or altered could give somebody away.
CREATE TRIGGER open_table_frozen BEFORE INSERT ON open_table FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published();
CREATE TRIGGER open_table_append_only BEFORE UPDATE OR DELETE ON open_table FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER open_table_no_truncate BEFORE TRUNCATE ON open_table FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON open_table FROM iss_app;
