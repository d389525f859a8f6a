-- ---------------------------------------------------------------------------------------------------------------- personal tokens

-- A script's credential for one grant. Only the SHA-256 of the token is kept: a read of this table signs nobody in.
CREATE TABLE personal_token (
  id uuid PRIMARY KEY,
  sha256 text NOT NULL UNIQUE,
  account_id uuid NOT NULL REFERENCES account (id),
  grant_id uuid NOT NULL REFERENCES data_grant (id),
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  last_used_on date,
  revoked_at timestamptz,
  revoked_by uuid REFERENCES account (id),
  revoked_why text CHECK (revoked_why IN ('REVOKED', 'GRANT_ENDED', 'MEMBER_REMOVED', 'ACCOUNT_SUSPENDED', 'ROLE_REMOVED')),
  CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
);
CREATE INDEX personal_token_account ON personal_token (account_id, created_at DESC);
CREATE INDEX personal_token_grant ON personal_token (grant_id);

-- What a token stands on ends it for good, in the same transaction, whoever wrote that: what comes back later does not bring it back.
CREATE FUNCTION end_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'data_grant' THEN
    UPDATE personal_token SET revoked_at = now(), revoked_why = 'GRANT_ENDED' WHERE grant_id = NEW.id AND revoked_at IS NULL;
  ELSIF TG_TABLE_NAME = 'grant_member' THEN
    UPDATE personal_token SET revoked_at = now(), revoked_why = 'MEMBER_REMOVED'
      WHERE grant_id = OLD.grant_id AND account_id = OLD.account_id AND revoked_at IS NULL;
  ELSIF TG_TABLE_NAME = 'account' THEN
    UPDATE personal_token SET revoked_at = now(), revoked_why = 'ACCOUNT_SUSPENDED' WHERE account_id = NEW.id AND revoked_at IS NULL;
  ELSIF TG_TABLE_NAME = 'account_role' THEN
    UPDATE personal_token SET revoked_at = now(), revoked_why = 'ROLE_REMOVED' WHERE account_id = OLD.account_id AND revoked_at IS NULL;
  ELSE
    UPDATE personal_token SET revoked_at = now(), revoked_why = 'ACCOUNT_SUSPENDED' WHERE account_id = NEW.account_id AND revoked_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER data_grant_ends_tokens AFTER UPDATE OF state ON data_grant FOR EACH ROW
  WHEN (NEW.state IN ('REVOKED', 'EXPIRED', 'CLOSED') AND NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION end_tokens();
CREATE TRIGGER grant_member_removed_ends_tokens AFTER UPDATE OF removed_at ON grant_member FOR EACH ROW
  WHEN (NEW.removed_at IS NOT NULL) EXECUTE FUNCTION end_tokens();
CREATE TRIGGER grant_member_deleted_ends_tokens AFTER DELETE ON grant_member FOR EACH ROW EXECUTE FUNCTION end_tokens();
CREATE TRIGGER account_suspended_ends_tokens AFTER UPDATE OF suspended_at ON account FOR EACH ROW
  WHEN (NEW.suspended_at IS NOT NULL) EXECUTE FUNCTION end_tokens();
CREATE TRIGGER account_role_removed_ends_tokens AFTER DELETE ON account_role FOR EACH ROW
  WHEN (OLD.role = 'researcher') EXECUTE FUNCTION end_tokens();

-- The token that a job was asked for with: it ends with it.
ALTER TABLE job ADD COLUMN token_id uuid REFERENCES personal_token (id);

-- ---------------------------------------------------------------------------------------------------------------- halts

ALTER TABLE halt
  ADD COLUMN category text NOT NULL DEFAULT 'OTHER' CHECK (category IN ('INCIDENT', 'WITHDRAWAL', 'DATA_QUALITY', 'LEGAL', 'TECHNICAL', 'OTHER')),
  ADD COLUMN incident_id uuid,
  ADD COLUMN lifted_by uuid,
  ADD COLUMN lift_asked_by uuid;

-- ---------------------------------------------------------------------------------------------------------------- incidents

CREATE TABLE incident (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  summary text NOT NULL,
  state text NOT NULL CHECK (state IN ('REPORTED', 'CONTAINED', 'NOTIFIED', 'CLOSED')),
  grant_id uuid REFERENCES data_grant (id),
  discovered_at timestamptz NOT NULL,
  due_at timestamptz,
  reported_at timestamptz NOT NULL,
  reported_by uuid NOT NULL REFERENCES account (id)
);
CREATE INDEX incident_reporter ON incident (reported_by, reported_at DESC);
CREATE INDEX incident_state ON incident (state, reported_at DESC);

CREATE TABLE incident_event (
  incident_id uuid NOT NULL REFERENCES incident (id),
  number integer NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  actor_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (incident_id, number)
);

-- Entries of the log as they stood when they were gathered: their ids in the order of writing, and the SHA-256 over ids and hashes.
CREATE TABLE incident_evidence (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident (id),
  grants uuid[] NOT NULL,
  accounts uuid[] NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  entries uuid[] NOT NULL,
  sha256 text NOT NULL,
  gathered_at timestamptz NOT NULL,
  gathered_by uuid NOT NULL
);
CREATE INDEX incident_evidence_incident ON incident_evidence (incident_id);

ALTER TABLE halt ADD CONSTRAINT halt_incident FOREIGN KEY (incident_id) REFERENCES incident (id);

-- ---------------------------------------------------------------------------------------------------------------- sanctions

CREATE TABLE sanction (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('WARN', 'SUSPEND', 'BAR')),
  account_id uuid REFERENCES account (id),
  institution_id uuid REFERENCES institution (id),
  incident_id uuid REFERENCES incident (id),
  reason text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  imposed_by uuid NOT NULL,
  lifted_at timestamptz,
  lifted_by uuid,
  lift_asked_by uuid,
  lift_reason text,
  CHECK (num_nonnulls(account_id, institution_id) = 1),
  CHECK ((kind = 'SUSPEND') = (ends_at IS NOT NULL))
);
CREATE INDEX sanction_account ON sanction (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX sanction_institution ON sanction (institution_id) WHERE institution_id IS NOT NULL;
CREATE TRIGGER sanction_ends_tokens AFTER INSERT ON sanction FOR EACH ROW
  WHEN (NEW.kind <> 'WARN' AND NEW.account_id IS NOT NULL) EXECUTE FUNCTION end_tokens();

-- ---------------------------------------------------------------------------------------------------------------- who may what

CREATE TRIGGER incident_event_append_only BEFORE UPDATE OR DELETE ON incident_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_event_no_truncate BEFORE TRUNCATE ON incident_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_evidence_append_only BEFORE UPDATE OR DELETE ON incident_evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_evidence_no_truncate BEFORE TRUNCATE ON incident_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON personal_token, incident, incident_event, incident_evidence, sanction TO iss_app;
GRANT UPDATE (last_used_on, revoked_at, revoked_by, revoked_why) ON personal_token TO iss_app;
GRANT UPDATE (state) ON incident TO iss_app;
GRANT UPDATE (lifted_at, lifted_by, lift_asked_by, lift_reason) ON sanction TO iss_app;
-- A halt is lifted and nothing else of it moves.
REVOKE UPDATE, DELETE ON halt FROM iss_app;
GRANT UPDATE (lifted_at, lifted_by, lift_asked_by) ON halt TO iss_app;
