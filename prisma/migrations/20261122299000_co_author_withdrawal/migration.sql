-- A declaration keeps the other's address, or account, as it was named: whether there is such an account is nobody's to learn by declaring.
ALTER TABLE co_author ALTER COLUMN other_id DROP NOT NULL;
ALTER TABLE co_author ADD COLUMN other_named text;
ALTER TABLE co_author DISABLE TRIGGER co_author_append_only;
UPDATE co_author SET other_named = other_id::text;
ALTER TABLE co_author ENABLE TRIGGER co_author_append_only;
ALTER TABLE co_author ALTER COLUMN other_named SET NOT NULL;

-- Whoever declared it takes it back; both words stay.
CREATE TABLE co_author_withdrawal (
  co_author_id uuid PRIMARY KEY REFERENCES co_author (id),
  withdrawn_at timestamptz NOT NULL
);
CREATE TRIGGER co_author_withdrawal_append_only BEFORE UPDATE OR DELETE ON co_author_withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER co_author_withdrawal_no_truncate BEFORE TRUNCATE ON co_author_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE ALL ON co_author_withdrawal FROM iss_app;
GRANT SELECT, INSERT ON co_author_withdrawal TO iss_app;
