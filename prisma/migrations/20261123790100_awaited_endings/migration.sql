-- What was journaled of patients and recordings that are not in the backup that was restored: it counts from the moment when they come again.
CREATE TABLE awaited_ending (
  kind text NOT NULL CHECK (kind IN ('consent', 'quarantine')),
  ending_id uuid NOT NULL,
  study text NOT NULL,
  code text NOT NULL,
  -- SHA-256 of the videos of a recording in quarantine: it is known again by them, and by no moment.
  videos text[] NOT NULL DEFAULT '{}',
  "row" jsonb NOT NULL,
  PRIMARY KEY (kind, ending_id)
);
CREATE INDEX awaited_ending_code ON awaited_ending (study, code);
GRANT SELECT ON awaited_ending TO iss_app;

-- As before, and whose recording a quarantine is of.
CREATE OR REPLACE FUNCTION note_ending() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  whole jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  noted jsonb;
BEGIN
  SELECT coalesce(jsonb_object_agg(name, whole -> name), '{}') INTO noted FROM unnest(TG_ARGV) AS name;
  -- Where the row is not in what was brought back, who is meant is found by these.
  IF noted ? 'patient_id' THEN
    SELECT noted || jsonb_build_object('study', s.key, 'code', p.code) INTO noted
      FROM patient p JOIN study s ON s.id = p.study_id WHERE p.id = (noted ->> 'patient_id')::uuid;
  END IF;
  IF noted ? 'submission_id' THEN
    SELECT noted || jsonb_build_object('study', st.key, 'code', p.code,
        'videos', (SELECT coalesce(jsonb_agg(DISTINCT r.video_sha256), '[]') FROM recording r WHERE r.submission_id = s.id)) INTO noted
      FROM submission s JOIN patient p ON p.id = s.patient_id JOIN study st ON st.id = p.study_id WHERE s.id = (noted ->> 'submission_id')::uuid;
  END IF;
  IF noted ->> 'account_id' IS NOT NULL THEN
    SELECT noted || jsonb_build_object('issuer', a.issuer, 'subject', a.subject) INTO noted FROM account a WHERE a.id = (noted ->> 'account_id')::uuid;
  END IF;
  IF TG_TABLE_NAME = 'request_event' THEN
    noted := jsonb_set(noted, '{data}', (noted -> 'data') - 'reason' - 'statement');
  END IF;
  INSERT INTO ending (kind, "row") VALUES (TG_TABLE_NAME, noted);
  RETURN NULL;
END $$;
