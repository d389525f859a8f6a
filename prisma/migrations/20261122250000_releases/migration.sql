-- Releases: checked by a job whose result is kept, immutable once published, deprecated and retracted with a reason; files of ended exports go.

-- revision counts changes of what a draft lists, so that a check is of the content that it saw. status_* say why it is deprecated or retracted.
ALTER TABLE release
  ADD COLUMN revision bigint NOT NULL DEFAULT 0,
  ADD COLUMN status_reason text,
  ADD COLUMN status_changed_at timestamptz,
  ADD COLUMN status_changed_by uuid;

CREATE FUNCTION count_release_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE release SET revision = revision + 1 WHERE id IN (SELECT DISTINCT release_id FROM before);
  ELSE
    UPDATE release SET revision = revision + 1 WHERE id IN (SELECT DISTINCT release_id FROM after);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER release_patient_inserted AFTER INSERT ON release_patient REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();
CREATE TRIGGER release_patient_updated AFTER UPDATE ON release_patient REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();
CREATE TRIGGER release_patient_deleted AFTER DELETE ON release_patient REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();
CREATE TRIGGER release_submission_inserted AFTER INSERT ON release_submission REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();
CREATE TRIGGER release_submission_updated AFTER UPDATE ON release_submission REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();
CREATE TRIGGER release_submission_deleted AFTER DELETE ON release_submission REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION count_release_revision();

-- What was published never changes: its row moves on from PUBLISHED to DEPRECATED to RETRACTED, each with its reason, and errata are added to it. Nothing else, for nobody.
CREATE FUNCTION guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  movable CONSTANT text[] := '{status,status_reason,status_changed_at,status_changed_by,errata}';
  refused text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status = 'DRAFT' THEN RETURN OLD; END IF;
    refused := 'it is published';
  ELSIF NEW.id <> OLD.id OR NEW.study_id <> OLD.study_id THEN
    refused := 'a release stays itself';
  ELSIF OLD.status = 'DRAFT' THEN
    IF NEW.status IN ('DRAFT', 'PUBLISHED') THEN RETURN NEW; END IF;
    refused := 'a draft can only be published';
  ELSIF to_jsonb(NEW) - movable IS DISTINCT FROM to_jsonb(OLD) - movable THEN
    refused := 'it is published';
  ELSIF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (('PUBLISHED', 'DEPRECATED'), ('PUBLISHED', 'RETRACTED'), ('DEPRECATED', 'RETRACTED')) THEN
    refused := format('it does not go from %s to %s', OLD.status, NEW.status);
  ELSIF NEW.status = OLD.status AND ROW(NEW.status_reason, NEW.status_changed_at, NEW.status_changed_by)
      IS DISTINCT FROM ROW(OLD.status_reason, OLD.status_changed_at, OLD.status_changed_by) THEN
    refused := 'the reason belongs to the change of its state';
  ELSIF (CASE WHEN jsonb_typeof(NEW.errata) <> 'array' THEN true
      ELSE (SELECT coalesce(jsonb_agg(e ORDER BY n), '[]') FROM jsonb_array_elements(NEW.errata) WITH ORDINALITY AS x(e, n) WHERE n <= jsonb_array_length(OLD.errata)) <> OLD.errata END) THEN
    refused := 'errata are only added';
  ELSE
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on release % is not allowed: %', TG_OP, OLD.version, refused USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER release_frozen BEFORE UPDATE OR DELETE ON release FOR EACH ROW EXECUTE FUNCTION guard_release();
CREATE TRIGGER release_no_truncate BEFORE TRUNCATE ON release FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_patient_no_truncate BEFORE TRUNCATE ON release_patient FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_submission_no_truncate BEFORE TRUNCATE ON release_submission FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Tables of safe counts are written while the release is a draft, in the transaction that publishes it, and never again.
CREATE TRIGGER open_table_frozen BEFORE INSERT OR UPDATE OR DELETE ON open_table FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published();
CREATE TRIGGER open_table_no_truncate BEFORE TRUNCATE ON open_table FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A check of a release: asked for, then ended once with what it found and the revision and content that it is about.
CREATE TABLE release_check (
  id uuid PRIMARY KEY,
  release_id uuid NOT NULL REFERENCES release (id),
  job_id uuid REFERENCES job (id),
  asked_by uuid,
  asked_at timestamptz NOT NULL,
  checksums boolean NOT NULL,
  revision bigint,
  digest text,
  problems jsonb,
  problem_count integer,
  files integer,
  bytes bigint,
  ended_at timestamptz
);
CREATE INDEX release_check_newest ON release_check (release_id, asked_at DESC);
CREATE UNIQUE INDEX release_check_job ON release_check (job_id);

CREATE FUNCTION guard_release_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND ROW(NEW.id, NEW.release_id, NEW.asked_by, NEW.asked_at, NEW.checksums)
      IS NOT DISTINCT FROM ROW(OLD.id, OLD.release_id, OLD.asked_by, OLD.asked_at, OLD.checksums) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on a check that has ended is not allowed', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER release_check_frozen BEFORE UPDATE OR DELETE ON release_check FOR EACH ROW EXECUTE FUNCTION guard_release_check();
CREATE TRIGGER release_check_no_truncate BEFORE TRUNCATE ON release_check FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, UPDATE ON release_check TO iss_app;

-- When an export ended for good, and when its files were gone from the store.
ALTER TABLE data_export ADD COLUMN ended_at timestamptz, ADD COLUMN cleared_at timestamptz;
CREATE INDEX data_export_uncleared ON data_export (id) WHERE cleared_at IS NULL;

-- By the bytes of the path, as manifests are ordered: with the database's own collation the key was of no use to them.
ALTER TABLE export_file ALTER COLUMN path TYPE text COLLATE "C";
