-- Consent in full, withdrawals up to erasure, and what was made with whom.

-- ---------------------------------------------------------------------------------------------------------------- what the study's protocol asks for

ALTER TABLE study ADD COLUMN erasure_hold_days integer NOT NULL DEFAULT 30 CHECK (erasure_hold_days BETWEEN 0 AND 3650);
ALTER TABLE study ADD COLUMN attestation_days integer NOT NULL DEFAULT 30 CHECK (attestation_days BETWEEN 1 AND 365);

-- ---------------------------------------------------------------------------------------------------------------- consent, quarantine

-- A record is never changed: who was mistaken writes another, which says of which it takes the place.
ALTER TABLE consent ADD COLUMN undoes uuid REFERENCES consent (id);
-- Of the file that it came with; null for one that was recorded by itself.
ALTER TABLE consent ADD COLUMN import_id uuid;
REVOKE UPDATE, DELETE ON consent FROM iss_app;

-- Somebody has looked at it, and it stays.
ALTER TABLE quarantine ADD COLUMN reviewed_at timestamptz;
ALTER TABLE quarantine ADD COLUMN reviewed_by uuid;

-- ---------------------------------------------------------------------------------------------------------------- withdrawals

ALTER TABLE withdrawal ADD COLUMN notified_at timestamptz;
ALTER TABLE withdrawal ADD COLUMN erasure_ordered_at timestamptz;
-- End of the hold.
ALTER TABLE withdrawal ADD COLUMN erase_after timestamptz;
-- From here on nothing is taken back.
ALTER TABLE withdrawal ADD COLUMN erasing_at timestamptz;
ALTER TABLE withdrawal ADD COLUMN erased_at timestamptz;
ALTER TABLE withdrawal ADD COLUMN proof jsonb;
ALTER TABLE withdrawal ADD COLUMN taken_back_at timestamptz;
ALTER TABLE withdrawal ADD COLUMN draft_id uuid REFERENCES release (id);
ALTER TABLE withdrawal ADD COLUMN draft_problem text;
ALTER TABLE withdrawal ADD CHECK ((erasure_ordered_at IS NULL) = (erase_after IS NULL));
ALTER TABLE withdrawal ADD CHECK (erasure_ordered_at IS NULL OR kind = 'ERASE');
ALTER TABLE withdrawal ADD CHECK (erasing_at IS NULL OR (erase_after IS NOT NULL AND erasing_at >= erase_after));
ALTER TABLE withdrawal ADD CHECK (erased_at IS NULL OR erasing_at IS NOT NULL);
ALTER TABLE withdrawal ADD CHECK (erasing_at IS NULL OR taken_back_at IS NULL);


-- Each step is taken once; what has begun to be erased is not taken back.
CREATE FUNCTION refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.patient_id, OLD.kind, OLD.reason, OLD.at, OLD.recorded_by) IS DISTINCT FROM (NEW.patient_id, NEW.kind, NEW.reason, NEW.at, NEW.recorded_by)
     OR (OLD.notified_at IS NOT NULL AND NEW.notified_at IS DISTINCT FROM OLD.notified_at)
     OR (OLD.erasure_ordered_at IS NOT NULL AND (NEW.erasure_ordered_at, NEW.erase_after) IS DISTINCT FROM (OLD.erasure_ordered_at, OLD.erase_after))
     OR (OLD.erasing_at IS NOT NULL AND NEW.erasing_at IS DISTINCT FROM OLD.erasing_at)
     OR (OLD.erased_at IS NOT NULL AND (NEW.erased_at, NEW.proof) IS DISTINCT FROM (OLD.erased_at, OLD.proof))
     OR (OLD.taken_back_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    RAISE EXCEPTION 'a withdrawal goes forward only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_forward BEFORE UPDATE ON withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_step_back();
GRANT UPDATE (notified_at, erasure_ordered_at, erase_after, taken_back_at, draft_id, draft_problem) ON withdrawal TO iss_app;

-- What was made with whom: a finished export, a run, and what runs leave. `subject` is open to kinds of products to come.
CREATE TABLE lineage (
  subject text NOT NULL CHECK (subject ~ '^[A-Z]{3,20}$'),
  subject_id uuid NOT NULL,
  patient_id uuid NOT NULL REFERENCES patient (id),
  PRIMARY KEY (subject, subject_id, patient_id)
);
CREATE INDEX lineage_patient ON lineage (patient_id);
INSERT INTO lineage
  SELECT 'EXPORT', e.id, p.id FROM data_export e CROSS JOIN LATERAL jsonb_array_elements(e.manifest #> '{contents,patients}') c
  JOIN patient p ON p.id = (c ->> 'id')::uuid WHERE e.ready_at IS NOT NULL ON CONFLICT DO NOTHING;
-- Which of its patients an earlier run read is not known any more: any may have been.
INSERT INTO lineage SELECT 'RUN', b.id, p.patient_id FROM baseline_run b JOIN release_patient p ON p.release_id = b.release_id WHERE b.result IS NOT NULL;

-- What a withdrawal does to them: a result is marked, an export is ended, a checkpoint or an embedding is blocked.
CREATE TABLE withdrawal_mark (
  withdrawal_id uuid NOT NULL REFERENCES withdrawal (id),
  subject text NOT NULL,
  subject_id uuid NOT NULL,
  effect text NOT NULL CHECK (effect IN ('MARKED', 'ENDED', 'BLOCKED')),
  at timestamptz NOT NULL,
  PRIMARY KEY (withdrawal_id, subject, subject_id)
);
CREATE INDEX withdrawal_mark_subject ON withdrawal_mark (subject, subject_id);

-- Whose copies are to be destroyed: one for each holder and grant, with their exports.
CREATE TABLE destruction_duty (
  id uuid PRIMARY KEY,
  withdrawal_id uuid NOT NULL REFERENCES withdrawal (id),
  account_id uuid NOT NULL REFERENCES account (id),
  grant_id uuid NOT NULL REFERENCES data_grant (id),
  exports uuid[] NOT NULL CHECK (cardinality(exports) > 0),
  told_at timestamptz,
  due_at timestamptz,
  attested_at timestamptz,
  UNIQUE (withdrawal_id, account_id, grant_id),
  CHECK ((told_at IS NULL) = (due_at IS NULL)),
  CHECK (attested_at IS NULL OR told_at IS NOT NULL)
);
CREATE INDEX destruction_duty_account ON destruction_duty (account_id);
CREATE FUNCTION refuse_second_attestation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.told_at IS NOT NULL AND (NEW.told_at, NEW.due_at) IS DISTINCT FROM (OLD.told_at, OLD.due_at))
     OR (OLD.attested_at IS NOT NULL AND NEW.attested_at IS DISTINCT FROM OLD.attested_at) THEN
    RAISE EXCEPTION 'what was told or attested is not changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER destruction_duty_forward BEFORE UPDATE ON destruction_duty FOR EACH ROW EXECUTE FUNCTION refuse_second_attestation();

REVOKE ALL ON lineage, withdrawal_mark, destruction_duty FROM iss_app;
GRANT SELECT, INSERT ON lineage, withdrawal_mark, destruction_duty TO iss_app;
GRANT UPDATE (told_at, due_at, attested_at) ON destruction_duty TO iss_app;
CREATE TRIGGER lineage_append_only BEFORE UPDATE OR DELETE ON lineage FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER withdrawal_mark_append_only BEFORE UPDATE OR DELETE ON withdrawal_mark FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------------------------------------------------------- erasure

-- A patient who is erased is a code and nothing else: what keeps a later drop from bringing them back.
ALTER TABLE patient ADD COLUMN erased_at timestamptz;
ALTER TABLE patient ALTER COLUMN sex DROP NOT NULL, ALTER COLUMN skin_type DROP NOT NULL, ALTER COLUMN pain_target DROP NOT NULL;
ALTER TABLE patient ADD CHECK (erased_at IS NOT NULL OR num_nulls(sex, skin_type, pain_target) = 0);
REVOKE UPDATE ON patient FROM iss_app;
GRANT UPDATE (sex, skin_type, pain_target, source_device, age_group, enrolled_on, fold, updated_at) ON patient TO iss_app;
ALTER TABLE release_patient ADD COLUMN erased_at timestamptz;
ALTER TABLE release_patient ALTER COLUMN sex DROP NOT NULL, ALTER COLUMN skin_type DROP NOT NULL, ALTER COLUMN pain_target DROP NOT NULL,
  ALTER COLUMN pain_level DROP NOT NULL, ALTER COLUMN pain_class DROP NOT NULL, ALTER COLUMN cohort DROP NOT NULL;
ALTER TABLE release_patient ADD CHECK (erased_at IS NOT NULL OR num_nulls(sex, skin_type, pain_target, pain_level, pain_class, cohort) = 0);

-- What was published never changes, but for what the law takes out of it: the rows of a patient whose erasure has begun.
CREATE OR REPLACE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  release uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
  IF EXISTS (SELECT 1 FROM release r WHERE r.id = release AND r.status <> 'DRAFT')
     AND (TG_OP = 'INSERT' OR NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = OLD.patient_id AND w.erasing_at IS NOT NULL)) THEN
    RAISE EXCEPTION '% on % is not allowed: the release is published', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- The server may not delete what recordings are made of. It may have done what a withdrawal that is due asks for, and nothing beyond that patient.
CREATE FUNCTION begin_erasure(withdrawal_id uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE withdrawal w SET erasing_at = begin_erasure.at
    WHERE w.id = begin_erasure.withdrawal_id AND w.kind = 'ERASE' AND w.erase_after <= begin_erasure.at AND w.taken_back_at IS NULL AND w.erasing_at IS NULL;
  RETURN EXISTS (SELECT 1 FROM withdrawal w WHERE w.id = begin_erasure.withdrawal_id AND w.erasing_at IS NOT NULL AND w.erased_at IS NULL);
END $$;

-- @returns how many rows of which table were removed or emptied
CREATE FUNCTION erase_rows(withdrawal_id uuid, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  whose uuid;
  done jsonb := '{}';
  n bigint;
  submissions uuid[];
  recordings uuid[];
BEGIN
  SELECT w.patient_id INTO whose FROM withdrawal w
    WHERE w.id = erase_rows.withdrawal_id AND w.erasing_at IS NOT NULL AND w.erased_at IS NULL FOR UPDATE;
  IF whose IS NULL THEN RAISE EXCEPTION 'no erasure of this withdrawal is under way' USING ERRCODE = 'insufficient_privilege'; END IF;
  submissions := ARRAY(SELECT s.id FROM submission s WHERE s.patient_id = whose);
  recordings := ARRAY(SELECT r.id FROM recording r WHERE r.submission_id = ANY (submissions));
  UPDATE ingest_item i SET timestamp = 'erased ' || i.id, video_sha256 = NULL, survey_sha256 = NULL, reason_code = NULL, reason = NULL, recording_id = NULL, seconds = NULL
    FROM ingest_drop d, patient p WHERE d.id = i.drop_id AND p.id = whose AND p.study_id = d.study_id AND i.patient_code = p.code;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('ingest_item', n);
  DELETE FROM release_submission s WHERE s.patient_id = whose OR s.submission_id = ANY (submissions);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('release_submission', n);
  UPDATE release_patient p SET sex = NULL, skin_type = NULL, pain_target = NULL, pain_level = NULL, pain_class = NULL, cohort = NULL, age_group = NULL,
    source_device = NULL, erased_at = erase_rows.at WHERE p.patient_id = whose;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('release_patient', n);
  DELETE FROM survey x WHERE x.recording_id = ANY (recordings);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('survey', n);
  DELETE FROM frame_record x WHERE x.recording_id = ANY (recordings);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('frame_record', n);
  DELETE FROM chunk x WHERE x.recording_id = ANY (recordings);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('chunk', n);
  DELETE FROM artifact x WHERE x.recording_id = ANY (recordings);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('artifact', n);
  DELETE FROM export_file x WHERE x.submission_id = ANY (submissions)
    OR x.export_id IN (SELECT l.subject_id FROM lineage l WHERE l.subject = 'EXPORT' AND l.patient_id = whose);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('export_file', n);
  UPDATE data_export e SET manifest = e.manifest - 'contents' FROM lineage l WHERE l.subject = 'EXPORT' AND l.subject_id = e.id AND l.patient_id = whose;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('data_export', n);
  DELETE FROM recording x WHERE x.id = ANY (recordings);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('recording', n);
  DELETE FROM quarantine x WHERE x.submission_id = ANY (submissions);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('quarantine', n);
  DELETE FROM submission x WHERE x.id = ANY (submissions);
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('submission', n);
  UPDATE consent x SET undoes = NULL WHERE x.patient_id = whose;
  DELETE FROM consent x WHERE x.patient_id = whose;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('consent', n);
  DELETE FROM patient_secret x WHERE x.patient_id = whose;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('patient_secret', n);
  UPDATE patient p SET erased_at = erase_rows.at, updated_at = erase_rows.at, sex = NULL, skin_type = NULL, pain_target = NULL, source_device = NULL, age_group = NULL,
    enrolled_on = NULL, fold = NULL WHERE p.id = whose;
  GET DIAGNOSTICS n = ROW_COUNT; done := done || jsonb_build_object('patient', n);
  RETURN done;
END $$;

CREATE FUNCTION end_erasure(withdrawal_id uuid, at timestamptz, proof jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE withdrawal w SET erased_at = end_erasure.at, proof = end_erasure.proof
    FROM patient p WHERE w.id = end_erasure.withdrawal_id AND p.id = w.patient_id AND p.erased_at IS NOT NULL AND w.erasing_at IS NOT NULL AND w.erased_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'no erasure of this withdrawal is under way' USING ERRCODE = 'insufficient_privilege'; END IF;
END $$;

REVOKE ALL ON FUNCTION begin_erasure(uuid, timestamptz), erase_rows(uuid, timestamptz), end_erasure(uuid, timestamptz, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_erasure(uuid, timestamptz), erase_rows(uuid, timestamptz), end_erasure(uuid, timestamptz, jsonb) TO iss_app;
