-- What lists, the public register and the figures of the queue read of requests, projected from their events in the transaction that writes them.
ALTER TABLE access_request
  ADD COLUMN plain_summary text NOT NULL DEFAULT '',
  -- Who acts next; null where nobody has to.
  ADD COLUMN waits_for text,
  ADD COLUMN renewal_of uuid REFERENCES access_request (id),
  ADD COLUMN linked_to uuid REFERENCES access_request (id),
  ADD COLUMN first_submitted_at timestamptz,
  -- The committee's first word to the applicant, and its decision.
  ADD COLUMN first_answered_at timestamptz,
  ADD COLUMN decided_at timestamptz;

UPDATE access_request r SET
  plain_summary = coalesce((SELECT e.data -> 'form' ->> 'plainSummary' FROM request_event e WHERE e.request_id = r.id AND e.type = 'FormEdited' ORDER BY e.number DESC LIMIT 1), ''),
  first_submitted_at = (SELECT min(e.at) FROM request_event e WHERE e.request_id = r.id AND e.type = 'RequestSubmitted'),
  first_answered_at = (SELECT min(e.at) FROM request_event e WHERE e.request_id = r.id AND e.type IN ('RequestReturned', 'RequestApproved', 'RequestRejected')),
  decided_at = (SELECT min(e.at) FROM request_event e WHERE e.request_id = r.id AND e.type IN ('RequestApproved', 'RequestRejected')),
  waits_for = CASE r.state
    WHEN 'DRAFT' THEN 'APPLICANT' WHEN 'RETURNED' THEN 'APPLICANT' WHEN 'REVOKED' THEN 'APPLICANT' WHEN 'EXPIRED' THEN 'APPLICANT'
    WHEN 'SUBMITTED' THEN (SELECT CASE WHEN bool_or(e.type = 'RequestEndorsed') THEN 'STEWARD' ELSE 'SIGNING_OFFICIAL' END
      FROM request_event e WHERE e.request_id = r.id AND e.number > coalesce((SELECT max(f.number) FROM request_event f WHERE f.request_id = r.id AND f.type IN ('FormEdited', 'CollaboratorInvited', 'CollaboratorRemoved', 'RequestDeclined')), 0))
    WHEN 'SUSPENDED' THEN 'STEWARD' END;

CREATE INDEX access_request_institution ON access_request (institution_id);
CREATE INDEX access_request_waits ON access_request (study_id, waits_for) WHERE state = 'SUBMITTED';
CREATE INDEX access_request_submitted ON access_request (study_id, first_submitted_at) WHERE first_submitted_at IS NOT NULL;
CREATE INDEX access_request_renewal ON access_request (renewal_of) WHERE renewal_of IS NOT NULL;

-- Who is on a request's team, by account, or asked to join it, by address (lower case).
CREATE TABLE request_party (
  request_id uuid NOT NULL REFERENCES access_request (id),
  account_id uuid REFERENCES account (id),
  email text,
  CHECK ((account_id IS NULL) <> (email IS NULL))
);
CREATE INDEX request_party_request ON request_party (request_id);
CREATE INDEX request_party_account ON request_party (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX request_party_email ON request_party (email) WHERE email IS NOT NULL;

INSERT INTO request_party (request_id, account_id)
SELECT id, applicant_id FROM access_request
UNION
SELECT a.request_id, a.actor_id FROM request_event a WHERE a.type = 'InvitationAccepted' AND a.actor_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM request_event x WHERE x.request_id = a.request_id AND x.number > a.number
    AND ((x.type = 'CollaboratorRemoved' AND x.data ->> 'invitationId' = a.data ->> 'invitationId') OR (x.type = 'MemberRemoved' AND x.data ->> 'accountId' = a.actor_id::text)));
INSERT INTO request_party (request_id, email)
SELECT i.request_id, i.data ->> 'email' FROM request_event i WHERE i.type = 'CollaboratorInvited'
  AND NOT EXISTS (SELECT 1 FROM request_event x WHERE x.request_id = i.request_id AND x.number > i.number
    AND x.type IN ('CollaboratorRemoved', 'InvitationAccepted') AND x.data ->> 'invitationId' = i.data ->> 'invitationId');

-- Somebody's word that they published together with somebody else, and when last: neither decides about the other for some years.
CREATE TABLE co_author (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  other_id uuid NOT NULL REFERENCES account (id),
  last_published_on date NOT NULL,
  declared_at timestamptz NOT NULL,
  CHECK (account_id <> other_id)
);
CREATE INDEX co_author_account ON co_author (account_id);
CREATE INDEX co_author_other ON co_author (other_id);
CREATE INDEX account_email ON account (lower(email));
CREATE TRIGGER co_author_append_only BEFORE UPDATE OR DELETE ON co_author FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER co_author_no_truncate BEFORE TRUNCATE ON co_author FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Stands in for stewards where too few of them may decide.
CREATE TABLE deputy_steward (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  asked_by uuid NOT NULL REFERENCES account (id),
  confirmed_by uuid NOT NULL REFERENCES account (id),
  reason text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by uuid REFERENCES account (id),
  CHECK (starts_at < ends_at)
);
CREATE INDEX deputy_steward_account ON deputy_steward (account_id);

REVOKE ALL ON request_party, co_author, deputy_steward FROM iss_app;
GRANT SELECT, INSERT, DELETE ON request_party TO iss_app;
GRANT SELECT, INSERT ON co_author TO iss_app;
GRANT SELECT, INSERT, UPDATE (ended_at, ended_by) ON deputy_steward TO iss_app;
