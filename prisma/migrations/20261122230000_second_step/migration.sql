-- What takes two people: one asks, another confirms the same words while both still may.
CREATE TABLE second_step (
  id uuid PRIMARY KEY,
  action text NOT NULL,
  payload jsonb NOT NULL,
  payload_sha256 text NOT NULL,
  reason text NOT NULL,
  -- Whom it concerns, who may then not confirm it; null for nobody.
  about uuid REFERENCES account (id),
  asked_by uuid NOT NULL REFERENCES account (id),
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by uuid REFERENCES account (id),
  outcome text CHECK (outcome IN ('CONFIRMED', 'WITHDRAWN', 'EXPIRED')),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (outcome IS DISTINCT FROM 'CONFIRMED' OR (ended_by IS NOT NULL AND ended_by <> asked_by)),
  CHECK (expires_at > asked_at)
);
CREATE UNIQUE INDEX second_step_open ON second_step (action, payload_sha256) WHERE ended_at IS NULL;

-- How it ended is written once; what was asked never changes.
CREATE FUNCTION refuse_change_of_ended_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION '% on % is not allowed: it has ended', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER second_step_ends_once BEFORE UPDATE OR DELETE ON second_step FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ended_step();
CREATE TRIGGER second_step_no_truncate BEFORE TRUNCATE ON second_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON second_step TO iss_app;
GRANT UPDATE (ended_at, ended_by, outcome) ON second_step TO iss_app;
