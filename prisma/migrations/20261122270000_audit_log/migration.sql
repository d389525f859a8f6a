-- The log is looked through by time: each filter has an index that ends in (at, seq), so that a page is a walk along one index.

DROP INDEX audit_entry_account;
DROP INDEX audit_entry_grant;
CREATE INDEX audit_entry_account ON audit_entry (account_id, at, seq);
CREATE INDEX audit_entry_account_action ON audit_entry (account_id, action, at, seq);
CREATE INDEX audit_entry_grant ON audit_entry (grant_id, at, seq) WHERE grant_id IS NOT NULL;
CREATE INDEX audit_entry_action ON audit_entry (action, at, seq);

-- What an entry is about stands in its sealed text alone, so that no column can say something else. In canonical text a quote inside a string is escaped:
-- these match members, never what somebody wrote. A read of several releases is rare, and found by an index of its own.
CREATE INDEX audit_entry_request ON audit_entry ((substring(text from '"request":"([0-9a-f-]{36})"')), at, seq)
  WHERE substring(text from '"request":"([0-9a-f-]{36})"') IS NOT NULL;
CREATE INDEX audit_entry_release ON audit_entry ((substring(text from '"releases?":\[?"([0-9a-f-]{36})"')), at, seq)
  WHERE substring(text from '"releases?":\[?"([0-9a-f-]{36})"') IS NOT NULL;
CREATE INDEX audit_entry_releases ON audit_entry (at, seq) WHERE text ~ '"releases":\["[0-9a-f-]{36}",';

-- Number and transaction of an entry are the database's to say: the server cannot place one among those that are sealed.
REVOKE INSERT ON audit_entry FROM iss_app;
GRANT INSERT (id, at, account_id, grant_id, action, text, hash) ON audit_entry TO iss_app;

-- Refusals of people who are not signed in: counted by the minute, never chained, since they could fill the log.
CREATE TABLE stranger_refusal (
  minute timestamptz NOT NULL,
  kind text NOT NULL,
  count integer NOT NULL CHECK (count > 0),
  PRIMARY KEY (minute, kind)
);
GRANT SELECT, INSERT, UPDATE (count) ON stranger_refusal TO iss_app;
