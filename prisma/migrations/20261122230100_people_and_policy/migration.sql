-- Who made a version of the policy, why, and who had asked for it where that took two.
ALTER TABLE policy_version
  ADD COLUMN reason text NOT NULL DEFAULT '',
  ADD COLUMN asked_by uuid REFERENCES account (id);
CREATE TRIGGER policy_version_append_only BEFORE UPDATE OR DELETE ON policy_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON policy_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What administrators decided about somebody's roles: it outlasts what the identity provider says at the next sign-in.
CREATE TABLE role_decision (
  account_id uuid NOT NULL REFERENCES account (id),
  role text NOT NULL CHECK (role IN ('researcher', 'signing-official', 'steward', 'curator', 'auditor', 'admin')),
  given boolean NOT NULL,
  -- The provider has said so too since it was given; when it says otherwise later, the role ends.
  at_provider boolean NOT NULL DEFAULT false,
  decided_at timestamptz NOT NULL,
  decided_by uuid NOT NULL REFERENCES account (id),
  PRIMARY KEY (account_id, role)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON role_decision TO iss_app;

-- Where somebody worked since when.
CREATE TABLE account_institution (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  institution_id uuid REFERENCES institution (id),
  since timestamptz NOT NULL,
  recorded_by uuid NOT NULL REFERENCES account (id)
);
CREATE INDEX account_institution_account ON account_institution (account_id, since);
CREATE TRIGGER account_institution_append_only BEFORE UPDATE OR DELETE ON account_institution FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_institution_no_truncate BEFORE TRUNCATE ON account_institution FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON account_institution TO iss_app;

ALTER TABLE institution
  ADD COLUMN standing_reason text NOT NULL DEFAULT '',
  ADD COLUMN standing_at timestamptz,
  ADD COLUMN standing_by uuid REFERENCES account (id);
ALTER TABLE official
  ADD COLUMN bound_by uuid REFERENCES account (id),
  ADD COLUMN proof text NOT NULL DEFAULT '';

ALTER TABLE setting ADD COLUMN changed_by uuid REFERENCES account (id);

-- A look that was opened can only be made shorter.
ALTER TABLE access_exception ADD COLUMN ended_by uuid REFERENCES account (id);
REVOKE UPDATE, DELETE ON access_exception FROM iss_app;
GRANT UPDATE (ends_at, ended_by) ON access_exception TO iss_app;
CREATE FUNCTION refuse_longer_exception() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ends_at > OLD.ends_at THEN
    RAISE EXCEPTION 'an exception is not made longer' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER access_exception_only_shorter BEFORE UPDATE ON access_exception FOR EACH ROW EXECUTE FUNCTION refuse_longer_exception();

-- Lists for administrators.
CREATE INDEX account_by_name ON account (lower(name), id);
CREATE INDEX institution_by_name ON institution (lower(name), id);
