-- Open tables are told once. The migration of releases freezes them when their release is published; nor are they changed or taken back before
-- (what a later release may tell is worked out from them, so one that was lost or altered could give somebody away).
CREATE TRIGGER open_table_append_only BEFORE UPDATE OR DELETE ON open_table FOR EACH ROW EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON open_table FROM iss_app;
