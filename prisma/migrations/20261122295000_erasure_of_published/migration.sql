-- Revisions count changes of what a draft lists. Of a published release only an erasure changes rows, and its row stays as it was published.
CREATE OR REPLACE FUNCTION count_release_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE release SET revision = revision + 1 WHERE status = 'DRAFT' AND id IN (SELECT DISTINCT release_id FROM before);
  ELSE
    UPDATE release SET revision = revision + 1 WHERE status = 'DRAFT' AND id IN (SELECT DISTINCT release_id FROM after);
  END IF;
  RETURN NULL;
END $$;

-- Safe counts hang on the same trigger as patients and have no patient: nothing of them is ever taken out.
CREATE OR REPLACE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  release uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
  whose uuid := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE (to_jsonb(OLD) ->> 'patient_id')::uuid END;
BEGIN
  IF EXISTS (SELECT 1 FROM release r WHERE r.id = release AND r.status <> 'DRAFT')
     AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = whose AND w.erasing_at IS NOT NULL) THEN
    RAISE EXCEPTION '% on % is not allowed: the release is published', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
