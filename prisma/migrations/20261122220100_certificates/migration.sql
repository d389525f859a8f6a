-- A certificate may be withdrawn by its owner; stewards take those that wait oldest first.
ALTER TABLE certificate DROP CONSTRAINT certificate_state_check;
ALTER TABLE certificate ADD CONSTRAINT certificate_state_check CHECK (state IN ('PENDING', 'VERIFIED', 'REJECTED', 'REPLACED', 'WITHDRAWN'));
CREATE INDEX certificate_queue ON certificate (uploaded_at, id) WHERE state = 'PENDING';
CREATE INDEX certificate_object ON certificate (object_key);

-- Which reminders of a certificate's end are settled: sent, or passed over because nobody was running at their time.
CREATE TABLE certificate_reminder (
  certificate_id uuid NOT NULL REFERENCES certificate (id),
  days integer NOT NULL,
  settled_at timestamptz NOT NULL,
  sent boolean NOT NULL,
  PRIMARY KEY (certificate_id, days)
);
CREATE TRIGGER certificate_reminder_append_only BEFORE UPDATE OR DELETE ON certificate_reminder FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER certificate_reminder_no_truncate BEFORE TRUNCATE ON certificate_reminder FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON certificate_reminder TO iss_app;

-- Files that people sent; those that nothing names are removed after a day.
CREATE TABLE upload (
  account_id uuid NOT NULL REFERENCES account (id),
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  content_type text NOT NULL,
  uploaded_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, sha256)
);
CREATE INDEX upload_uploaded_at ON upload (uploaded_at);
GRANT SELECT, INSERT, DELETE ON upload TO iss_app;
GRANT UPDATE (uploaded_at) ON upload TO iss_app;
