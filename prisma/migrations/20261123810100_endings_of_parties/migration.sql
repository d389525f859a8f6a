-- As before, and: who is meant where an institution, a co-author or a steward who stepped back came after the backup. Of a co-author's address the journal holds the SHA-256.
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
  IF TG_TABLE_NAME = 'sanction' AND noted ->> 'institution_id' IS NOT NULL THEN
    SELECT noted || jsonb_build_object('institution', jsonb_build_object('name', i.name, 'ror', i.ror, 'country', i.country, 'standing', i.standing)) INTO noted
      FROM institution i WHERE i.id = (noted ->> 'institution_id')::uuid;
  END IF;
  IF TG_TABLE_NAME = 'institution' THEN
    noted := noted || jsonb_build_object('institution', jsonb_build_object('name', whole -> 'name', 'ror', whole -> 'ror', 'country', whole -> 'country', 'standing', whole -> 'standing'));
  END IF;
  IF TG_TABLE_NAME = 'co_author' THEN
    noted := noted || jsonb_build_object('other_named', 'sha256:' || encode(sha256(convert_to(noted ->> 'other_named', 'UTF8')), 'hex'));
    IF noted ->> 'other_id' IS NOT NULL THEN
      SELECT noted || jsonb_build_object('other', jsonb_build_object('issuer', a.issuer, 'subject', a.subject)) INTO noted FROM account a WHERE a.id = (noted ->> 'other_id')::uuid;
    END IF;
  END IF;
  IF TG_TABLE_NAME = 'request_event' THEN
    noted := jsonb_set(noted, '{data}', (noted -> 'data') - 'reason' - 'statement');
    IF noted ->> 'type' = 'StewardRecused' THEN
      SELECT noted || jsonb_build_object('issuer', a.issuer, 'subject', a.subject) INTO noted FROM account a WHERE a.id = (whole ->> 'actor_id')::uuid;
    END IF;
  END IF;
  INSERT INTO ending (kind, "row") VALUES (TG_TABLE_NAME, noted);
  RETURN NULL;
END $$;

DROP TRIGGER request_event_noted ON request_event;
CREATE TRIGGER request_event_noted AFTER INSERT ON request_event FOR EACH ROW
  WHEN (NEW.type IN ('CollaboratorRemoved', 'MemberRemoved', 'GrantSuspended', 'GrantRevoked', 'GrantExpired', 'CloseOutAttested', 'GrantClosed', 'RequestRejected', 'RequestWithdrawn', 'StewardRecused')
    AND NOT NEW.data ? 'amendmentId')
  EXECUTE FUNCTION note_ending('request_id', 'type', 'data');
-- What one may decide no more, and may again.
CREATE TRIGGER co_author_noted AFTER INSERT ON co_author FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'account_id', 'other_id', 'other_named', 'last_published_on', 'declared_at');
CREATE TRIGGER co_author_withdrawal_noted AFTER INSERT ON co_author_withdrawal FOR EACH ROW EXECUTE FUNCTION note_ending('co_author_id', 'withdrawn_at');

-- Who is erased is awaited no more.
CREATE FUNCTION forget_awaited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM awaited_ending a USING study s WHERE s.id = NEW.study_id AND a.study = s.key AND a.code IN (NEW.code, CASE WHEN TG_OP = 'UPDATE' THEN OLD.code ELSE NEW.code END);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION forget_awaited() FROM PUBLIC;
CREATE TRIGGER patient_forgotten_entered AFTER INSERT ON patient FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION forget_awaited();
CREATE TRIGGER patient_forgotten AFTER UPDATE OF erased_at ON patient FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION forget_awaited();
