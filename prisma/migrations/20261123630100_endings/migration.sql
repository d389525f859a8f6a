-- What has ended and is not in the journal beside the database yet: a backup that is brought back is not the last word on it. Ids, states and times, no free text.
CREATE TABLE ending (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  "row" jsonb NOT NULL
);

-- A restore, from its end on; the system is closed until the journal has been replayed.
CREATE TABLE restored (
  id uuid PRIMARY KEY,
  backup_id uuid NOT NULL,
  made_at timestamptz NOT NULL,
  -- How far the journal had come when the backup was made.
  journal_line integer NOT NULL CHECK (journal_line >= 0),
  journal_head text NOT NULL,
  restored_at timestamptz NOT NULL,
  replayed_at timestamptz,
  -- How many endings of each kind were carried out, and how many had nothing to end.
  replayed jsonb,
  CHECK ((replayed_at IS NULL) = (replayed IS NULL))
);
CREATE INDEX restored_open ON restored (id) WHERE replayed_at IS NULL;

-- In the transaction of the ending, whoever made it. The arguments are the columns that are noted.
CREATE FUNCTION note_ending() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
  IF noted ->> 'account_id' IS NOT NULL THEN
    SELECT noted || jsonb_build_object('issuer', a.issuer, 'subject', a.subject) INTO noted FROM account a WHERE a.id = (noted ->> 'account_id')::uuid;
  END IF;
  IF TG_TABLE_NAME = 'request_event' THEN
    noted := jsonb_set(noted, '{data}', (noted -> 'data') - 'reason' - 'statement');
  END IF;
  INSERT INTO ending (kind, "row") VALUES (TG_TABLE_NAME, noted);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_ending() FROM PUBLIC;

CREATE TRIGGER withdrawal_noted AFTER INSERT OR UPDATE OF erasure_ordered_at, erasing_at, erased_at, taken_back_at ON withdrawal FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'patient_id', 'kind', 'reason', 'at', 'notified_at', 'erasure_ordered_at', 'erase_after', 'erased_at', 'taken_back_at');
CREATE TRIGGER consent_noted AFTER INSERT ON consent FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'patient_id', 'version', 'uses', 'modalities', 'adult_from', 'reconsented_at', 'effective_at', 'recorded_at', 'undoes');
CREATE TRIGGER quarantine_noted AFTER INSERT OR UPDATE OF lifted_at ON quarantine FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'submission_id', 'from_seconds', 'to_seconds', 'placed_at', 'placed_by', 'lifted_at', 'lifted_by');
CREATE TRIGGER halt_noted AFTER INSERT OR UPDATE OF lifted_at ON halt FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'scope', 'target', 'category', 'placed_at', 'placed_by', 'lifted_at', 'lifted_by', 'lift_asked_by');
CREATE TRIGGER sanction_noted AFTER INSERT OR UPDATE OF lifted_at ON sanction FOR EACH ROW
  EXECUTE FUNCTION note_ending('id', 'kind', 'account_id', 'institution_id', 'starts_at', 'ends_at', 'imposed_by', 'lifted_at', 'lifted_by', 'lift_asked_by');
-- Grants, their members, requests: what happened to them is the truth, the tables follow from it.
CREATE TRIGGER request_event_noted AFTER INSERT ON request_event FOR EACH ROW
  WHEN (NEW.type IN ('CollaboratorRemoved', 'MemberRemoved', 'GrantSuspended', 'GrantRevoked', 'GrantExpired', 'CloseOutAttested', 'GrantClosed', 'RequestRejected', 'RequestWithdrawn')
    AND NOT NEW.data ? 'amendmentId')
  EXECUTE FUNCTION note_ending('request_id', 'type', 'data');
CREATE TRIGGER data_grant_noted AFTER UPDATE OF state, ends_at, access ON data_grant FOR EACH ROW
  WHEN ((OLD.state, OLD.ends_at, OLD.access) IS DISTINCT FROM (NEW.state, NEW.ends_at, NEW.access)) EXECUTE FUNCTION note_ending('id', 'state', 'ends_at', 'access');
CREATE TRIGGER grant_member_removed_noted AFTER UPDATE OF removed_at ON grant_member FOR EACH ROW
  WHEN (NEW.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at) EXECUTE FUNCTION note_ending('grant_id', 'account_id', 'removed_at');
CREATE TRIGGER grant_member_deleted_noted AFTER DELETE ON grant_member FOR EACH ROW EXECUTE FUNCTION note_ending('grant_id', 'account_id');
CREATE TRIGGER account_noted AFTER UPDATE OF suspended_at, suspended_until, institution_id ON account FOR EACH ROW
  WHEN ((OLD.suspended_at, OLD.suspended_until, OLD.institution_id) IS DISTINCT FROM (NEW.suspended_at, NEW.suspended_until, NEW.institution_id))
  EXECUTE FUNCTION note_ending('id', 'issuer', 'subject', 'suspended_at', 'suspended_until', 'institution_id');
CREATE TRIGGER account_role_noted AFTER DELETE ON account_role FOR EACH ROW EXECUTE FUNCTION note_ending('account_id', 'role');
CREATE TRIGGER role_decision_noted AFTER INSERT OR UPDATE ON role_decision FOR EACH ROW
  WHEN (NOT NEW.given) EXECUTE FUNCTION note_ending('account_id', 'role', 'decided_at', 'decided_by');
CREATE TRIGGER official_noted AFTER DELETE ON official FOR EACH ROW EXECUTE FUNCTION note_ending('institution_id', 'account_id');
CREATE TRIGGER institution_noted AFTER UPDATE OF standing ON institution FOR EACH ROW
  WHEN (NEW.standing IS DISTINCT FROM OLD.standing) EXECUTE FUNCTION note_ending('id', 'standing', 'standing_at');
CREATE TRIGGER certificate_noted AFTER UPDATE OF state, expires_on ON certificate FOR EACH ROW
  WHEN (NEW.state IN ('REJECTED', 'REPLACED') OR NEW.expires_on IS DISTINCT FROM OLD.expires_on) EXECUTE FUNCTION note_ending('id', 'state', 'expires_on', 'decided_at');
CREATE TRIGGER personal_token_noted AFTER UPDATE OF revoked_at, expires_at ON personal_token FOR EACH ROW
  WHEN (NEW.revoked_at IS NOT NULL OR NEW.expires_at < OLD.expires_at) EXECUTE FUNCTION note_ending('id', 'revoked_at', 'revoked_why', 'expires_at');
CREATE TRIGGER access_exception_noted AFTER UPDATE OF ends_at ON access_exception FOR EACH ROW EXECUTE FUNCTION note_ending('id', 'ends_at');
CREATE TRIGGER deputy_steward_noted AFTER UPDATE OF ended_at ON deputy_steward FOR EACH ROW EXECUTE FUNCTION note_ending('id', 'ended_at');
CREATE TRIGGER policy_version_noted AFTER INSERT ON policy_version FOR EACH ROW EXECUTE FUNCTION note_ending('number', 'policy', 'effective_at');
CREATE TRIGGER agreement_noted AFTER INSERT ON agreement FOR EACH ROW
  EXECUTE FUNCTION note_ending('version', 'title', 'text', 'sha256', 'effective_on', 'grace_days', 'editorial', 'published_at');
CREATE TRIGGER release_noted AFTER UPDATE OF status ON release FOR EACH ROW
  WHEN (NEW.status IN ('DEPRECATED', 'RETRACTED')) EXECUTE FUNCTION note_ending('id', 'status', 'status_changed_at');
CREATE TRIGGER second_step_noted AFTER UPDATE OF ended_at ON second_step FOR EACH ROW EXECUTE FUNCTION note_ending('id', 'ended_at', 'ended_by', 'outcome');
CREATE TRIGGER data_export_noted AFTER UPDATE OF ended_at ON data_export FOR EACH ROW
  WHEN (NEW.ended_at IS DISTINCT FROM OLD.ended_at) EXECUTE FUNCTION note_ending('id', 'ended_at');

GRANT SELECT, DELETE ON ending TO iss_app;
GRANT SELECT ON restored TO iss_app;
