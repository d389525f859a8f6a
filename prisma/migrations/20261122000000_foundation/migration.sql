-- The whole model of the first landing. Enumerations are text with a check, so that a later migration can widen one without rewriting a type.
-- Two roles: the owner runs migrations; iss_app is the server's, without DDL, and without update or delete on the log.

-- ---------------------------------------------------------------------------------------------------------------- the study's data

CREATE TABLE study (
  id uuid PRIMARY KEY,
  key text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9-]{0,30}$'),
  title text NOT NULL,
  synthetic boolean NOT NULL DEFAULT false,
  time_zone text NOT NULL,
  description jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL
);

CREATE TABLE patient (
  id uuid PRIMARY KEY,
  study_id uuid NOT NULL REFERENCES study (id),
  code text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
  sex text NOT NULL CHECK (sex IN ('M', 'F')),
  skin_type text NOT NULL CHECK (skin_type IN ('I_III', 'IV_VI')),
  pain_target smallint NOT NULL CHECK (pain_target BETWEEN 0 AND 10),
  source_device text,
  age_group text,
  enrolled_on date,
  fold smallint CHECK (fold BETWEEN 1 AND 100),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (study_id, code)
);

-- Apart from the patient's row, so that no read of data can reach it by mistake.
CREATE TABLE patient_secret (
  patient_id uuid PRIMARY KEY REFERENCES patient (id),
  -- Days into the past (governance/dates.ts).
  date_shift_days integer NOT NULL CHECK (date_shift_days BETWEEN 1 AND 3652)
);

CREATE TABLE consent (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  version text NOT NULL,
  uses text[] NOT NULL,
  modalities text[] NOT NULL,
  adult_from date,
  reconsented_at date,
  effective_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by uuid
);
CREATE INDEX consent_newest ON consent (patient_id, effective_at DESC, id DESC);

CREATE TABLE withdrawal (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  kind text NOT NULL CHECK (kind IN ('STOP_COLLECTION', 'STOP_SHARING', 'ERASE')),
  reason text NOT NULL,
  at timestamptz NOT NULL,
  recorded_by uuid
);
CREATE INDEX withdrawal_patient ON withdrawal (patient_id);

-- A submission is a patient's check-in at one local wall time; a recording is what one version of the pipeline made of one version of its files.
CREATE TABLE submission (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  recorded_at timestamp(0) NOT NULL,
  setting text NOT NULL DEFAULT 'UNKNOWN' CHECK (setting IN ('REMOTE', 'IN_CLINIC', 'UNKNOWN')),
  created_at timestamptz NOT NULL,
  UNIQUE (patient_id, recorded_at)
);

CREATE TABLE quarantine (
  id uuid PRIMARY KEY,
  submission_id uuid NOT NULL REFERENCES submission (id),
  from_seconds double precision,
  to_seconds double precision,
  reason text NOT NULL,
  placed_at timestamptz NOT NULL,
  placed_by uuid NOT NULL,
  lifted_at timestamptz,
  lifted_by uuid,
  CHECK ((from_seconds IS NULL) = (to_seconds IS NULL)),
  CHECK (from_seconds IS NULL OR from_seconds < to_seconds)
);
CREATE INDEX quarantine_submission ON quarantine (submission_id);

-- Never changed once written (a release points at it); a new file or a new pipeline makes a new one.
CREATE TABLE recording (
  id uuid PRIMARY KEY,
  submission_id uuid NOT NULL REFERENCES submission (id),
  video_sha256 text NOT NULL,
  survey_sha256 text,
  pipeline_version text NOT NULL,
  status text NOT NULL CHECK (status IN ('PROCESSED', 'UNREADABLE')),
  reason_code text,
  reason text,
  duration_seconds double precision,
  width integer,
  height integer,
  rotation integer,
  frame_rate double precision,
  video_codec text,
  audio_status text CHECK (audio_status IN ('OK', 'SILENT', 'NONE')),
  audio_sample_rate integer,
  audio_channels integer,
  audio_vector double precision[] CHECK (array_length(audio_vector, 1) = 25),
  frame_count integer NOT NULL DEFAULT 0,
  face_count integer NOT NULL DEFAULT 0,
  landmark_count integer NOT NULL DEFAULT 0,
  chunk_count integer NOT NULL DEFAULT 0,
  quality jsonb,
  current boolean NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (status = 'PROCESSED' OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX recording_version ON recording (submission_id, video_sha256, coalesce(survey_sha256, ''), pipeline_version);
CREATE UNIQUE INDEX recording_current ON recording (submission_id) WHERE current;

CREATE TABLE survey (
  recording_id uuid PRIMARY KEY REFERENCES recording (id),
  pain_now smallint NOT NULL CHECK (pain_now BETWEEN 0 AND 10),
  pain_time boolean NOT NULL,
  activity smallint NOT NULL CHECK (activity BETWEEN 0 AND 10),
  mood smallint NOT NULL CHECK (mood BETWEEN 0 AND 10),
  walking smallint NOT NULL CHECK (walking BETWEEN 0 AND 10),
  work smallint NOT NULL CHECK (work BETWEEN 0 AND 10),
  relationships smallint NOT NULL CHECK (relationships BETWEEN 0 AND 10),
  sleep smallint NOT NULL CHECK (sleep BETWEEN 0 AND 10),
  enjoyment smallint NOT NULL CHECK (enjoyment BETWEEN 0 AND 10)
);

-- Frames have no row each: element n of every array is frame n (numbered from 1, ten a second); null where no face was found.
CREATE TABLE frame_record (
  recording_id uuid PRIMARY KEY REFERENCES recording (id),
  box_x integer[] NOT NULL,
  box_y integer[] NOT NULL,
  box_width integer[] NOT NULL,
  box_height integer[] NOT NULL,
  score real[] NOT NULL,
  landmarks_found boolean[] NOT NULL
);

CREATE TABLE chunk (
  recording_id uuid NOT NULL REFERENCES recording (id),
  number integer NOT NULL CHECK (number >= 0),
  start_seconds double precision NOT NULL,
  end_seconds double precision NOT NULL,
  first_frame integer NOT NULL,
  last_frame integer NOT NULL,
  audio_vector double precision[] CHECK (array_length(audio_vector, 1) = 25),
  PRIMARY KEY (recording_id, number)
);

-- offsets: where the parts of a packed file begin, then its end, so that part n (from 1) is the bytes [offsets[n], offsets[n + 1]).
CREATE TABLE artifact (
  id uuid PRIMARY KEY,
  recording_id uuid NOT NULL REFERENCES recording (id),
  kind text NOT NULL CHECK (kind IN ('VIDEO', 'FRAMES', 'FACES', 'LANDMARKS', 'AUDIO', 'SPECTROGRAM', 'SPECTROGRAM_PICTURE',
                                     'CHUNK_SPECTROGRAMS', 'CHUNK_SPECTROGRAM_PICTURES')),
  object_key text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  content_type text NOT NULL,
  offsets bigint[],
  step text NOT NULL,
  step_version text NOT NULL,
  parameters jsonb NOT NULL,
  made_from text[] NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (recording_id, kind)
);

-- ---------------------------------------------------------------------------------------------------------------- ingest

CREATE TABLE ingest_drop (
  id uuid PRIMARY KEY,
  study_id uuid NOT NULL REFERENCES study (id),
  account_id uuid,
  created_at timestamptz NOT NULL
);

CREATE TABLE ingest_item (
  id uuid PRIMARY KEY,
  drop_id uuid NOT NULL REFERENCES ingest_drop (id),
  patient_code text NOT NULL,
  timestamp text NOT NULL,
  video_sha256 text,
  survey_sha256 text,
  outcome text NOT NULL CHECK (outcome IN ('WAITING', 'UNCHANGED', 'PROCESSED', 'UNREADABLE', 'REFUSED', 'FAILED')),
  reason_code text,
  reason text,
  recording_id uuid REFERENCES recording (id),
  seconds double precision,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (drop_id, patient_code, timestamp)
);

-- ---------------------------------------------------------------------------------------------------------------- releases

CREATE TABLE release (
  id uuid PRIMARY KEY,
  study_id uuid NOT NULL REFERENCES study (id),
  version text NOT NULL CHECK (version ~ '^[0-9]+\.[0-9]+\.[0-9]+$'),
  status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETRACTED')),
  notes text NOT NULL DEFAULT '',
  errata jsonb NOT NULL DEFAULT '[]',
  digest text,
  drafted_by uuid,
  drafted_at timestamptz NOT NULL,
  publish_asked_by uuid,
  publish_asked_at timestamptz,
  publish_asked_digest text,
  published_by uuid,
  published_at timestamptz,
  UNIQUE (study_id, version)
);

-- The facts of a patient as released: a later correction of the enrolment changes the next release, never this one.
CREATE TABLE release_patient (
  release_id uuid NOT NULL REFERENCES release (id),
  patient_id uuid NOT NULL REFERENCES patient (id),
  code text NOT NULL,
  sex text NOT NULL,
  skin_type text NOT NULL,
  pain_target smallint NOT NULL,
  pain_level text NOT NULL CHECK (pain_level IN ('NONE', 'LOW', 'MODERATE', 'SEVERE')),
  pain_class text NOT NULL CHECK (pain_class IN ('NO_PAIN', 'PAIN')),
  cohort text NOT NULL,
  age_group text,
  source_device text,
  split smallint NOT NULL,
  PRIMARY KEY (release_id, patient_id),
  UNIQUE (release_id, code)
);

-- recorded_at is shifted by the patient's secret whole number of days.
CREATE TABLE release_submission (
  release_id uuid NOT NULL,
  submission_id uuid NOT NULL REFERENCES submission (id),
  patient_id uuid NOT NULL,
  recording_id uuid NOT NULL REFERENCES recording (id),
  recorded_at timestamp(0) NOT NULL,
  timeframe text NOT NULL CHECK (timeframe IN ('EARLY_AM', 'REG_AM', 'EARLY_PM', 'REG_PM', 'EARLY_NITE', 'LATE_NITE')),
  setting text NOT NULL,
  PRIMARY KEY (release_id, submission_id),
  FOREIGN KEY (release_id, patient_id) REFERENCES release_patient (release_id, patient_id)
);
CREATE INDEX release_submission_page ON release_submission (release_id, patient_id, recorded_at, submission_id);

-- Safe counts, computed once when the release is published.
CREATE TABLE open_table (
  release_id uuid NOT NULL REFERENCES release (id),
  key text NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (release_id, key)
);

-- ---------------------------------------------------------------------------------------------------------------- people and grants

CREATE TABLE institution (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  ror text UNIQUE,
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  standing text NOT NULL CHECK (standing IN ('UNVERIFIED', 'VERIFIED', 'SUSPENDED', 'BARRED')),
  created_at timestamptz NOT NULL
);

CREATE TABLE account (
  id uuid PRIMARY KEY,
  issuer text NOT NULL,
  subject text NOT NULL,
  username text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  institution_id uuid REFERENCES institution (id),
  suspended_at timestamptz,
  suspended_until timestamptz,
  suspended_reason text,
  created_at timestamptz NOT NULL,
  UNIQUE (issuer, subject)
);

CREATE TABLE account_role (
  account_id uuid NOT NULL REFERENCES account (id),
  role text NOT NULL CHECK (role IN ('researcher', 'signing-official', 'steward', 'curator', 'auditor', 'admin')),
  given_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, role)
);

CREATE TABLE official (
  institution_id uuid NOT NULL REFERENCES institution (id),
  account_id uuid NOT NULL REFERENCES account (id),
  bound_at timestamptz NOT NULL,
  PRIMARY KEY (institution_id, account_id)
);

CREATE TABLE policy_version (
  number integer PRIMARY KEY,
  policy jsonb NOT NULL,
  effective_at timestamptz NOT NULL,
  made_by uuid
);

CREATE TABLE agreement (
  version integer PRIMARY KEY CHECK (version > 0),
  title text NOT NULL,
  text text NOT NULL,
  sha256 text NOT NULL,
  effective_on date NOT NULL,
  grace_days integer NOT NULL CHECK (grace_days >= 0),
  editorial boolean NOT NULL,
  published_at timestamptz NOT NULL,
  published_by uuid
);

CREATE TABLE certificate (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  type text NOT NULL CHECK (type IN ('HUMAN_SUBJECTS', 'GLOBAL_PRIVACY', 'HIPAA', 'INFORMATION_SECURITY', 'SOCIAL_BEHAVIORAL', 'CONFLICTS_OF_INTEREST')),
  course text NOT NULL,
  completed_on date NOT NULL,
  expires_on date,
  credential_id text,
  state text NOT NULL CHECK (state IN ('PENDING', 'VERIFIED', 'REJECTED', 'REPLACED')),
  object_key text NOT NULL,
  file_sha256 text NOT NULL,
  file_bytes bigint NOT NULL,
  content_type text NOT NULL CHECK (content_type IN ('application/pdf', 'image/png', 'image/jpeg')),
  uploaded_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by uuid,
  verified_how text CHECK (verified_how IN ('ISSUER', 'SEEN')),
  rejected_reason text
);
CREATE INDEX certificate_account ON certificate (account_id, type);

-- A request's history is its events; its state is folded from them. version is the number of events: two writers of one state collide here.
CREATE TABLE access_request (
  id uuid PRIMARY KEY,
  study_id uuid NOT NULL REFERENCES study (id),
  applicant_id uuid NOT NULL REFERENCES account (id),
  institution_id uuid REFERENCES institution (id),
  state text NOT NULL,
  title text NOT NULL DEFAULT '',
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX access_request_queue ON access_request (state, changed_at, id);
CREATE INDEX access_request_applicant ON access_request (applicant_id);

CREATE TABLE request_event (
  request_id uuid NOT NULL REFERENCES access_request (id),
  number integer NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  actor_id uuid,
  at timestamptz NOT NULL,
  PRIMARY KEY (request_id, number)
);

-- Who is on a team is asked of the events of a few kinds.
CREATE INDEX request_event_actor ON request_event (type, actor_id);

-- "grant" is a word of SQL. What an approved request gives, projected from its events in the transaction that writes them.
CREATE TABLE data_grant (
  id uuid PRIMARY KEY,
  request_id uuid NOT NULL UNIQUE REFERENCES access_request (id),
  study_id uuid NOT NULL REFERENCES study (id),
  institution_id uuid NOT NULL REFERENCES institution (id),
  access jsonb NOT NULL,
  purpose text[] NOT NULL,
  conditions text NOT NULL DEFAULT '',
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'))
);

CREATE TABLE grant_member (
  grant_id uuid NOT NULL REFERENCES data_grant (id),
  account_id uuid NOT NULL REFERENCES account (id),
  added_at timestamptz NOT NULL,
  removed_at timestamptz,
  PRIMARY KEY (grant_id, account_id)
);
CREATE INDEX grant_member_account ON grant_member (account_id);

-- Signatures under the grant's request, the official's among them, projected like the grant.
CREATE TABLE grant_signature (
  grant_id uuid NOT NULL REFERENCES data_grant (id),
  account_id uuid NOT NULL REFERENCES account (id),
  capacity text NOT NULL CHECK (capacity IN ('MEMBER', 'OFFICIAL')),
  version integer NOT NULL REFERENCES agreement (version),
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (grant_id, account_id, capacity, version)
);

CREATE TABLE halt (
  id uuid PRIMARY KEY,
  scope text NOT NULL CHECK (scope IN ('ALL', 'RELEASE', 'MODALITY', 'INSTITUTION', 'GRANT')),
  target text,
  reason text NOT NULL,
  placed_at timestamptz NOT NULL,
  placed_by uuid NOT NULL,
  lifted_at timestamptz,
  CHECK ((scope = 'ALL') = (target IS NULL))
);
CREATE INDEX halt_active ON halt (scope) WHERE lifted_at IS NULL;

-- A curator's reasoned look at released rows, for some hours.
CREATE TABLE access_exception (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  release_id uuid NOT NULL REFERENCES release (id),
  reason text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX access_exception_account ON access_exception (account_id);

-- ---------------------------------------------------------------------------------------------------------------- work

CREATE TABLE job (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REFUSED', 'CANCELLED')),
  priority integer NOT NULL DEFAULT 0,
  dedupe_key text,
  account_id uuid,
  grant_id uuid,
  progress jsonb,
  result jsonb,
  error jsonb,
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  run_after timestamptz NOT NULL,
  locked_by text,
  heartbeat_at timestamptz,
  cancel_asked_at timestamptz,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz
);
CREATE INDEX job_next ON job (priority DESC, run_after, id) WHERE state = 'QUEUED';
CREATE INDEX job_running ON job (heartbeat_at) WHERE state = 'RUNNING';
CREATE INDEX job_item ON job ((payload ->> 'itemId')) WHERE kind = 'ingest-submission';
CREATE UNIQUE INDEX job_once ON job (dedupe_key) WHERE state IN ('QUEUED', 'RUNNING');

CREATE TABLE data_export (
  id uuid PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES job (id),
  account_id uuid NOT NULL REFERENCES account (id),
  grant_id uuid NOT NULL REFERENCES data_grant (id),
  release_id uuid NOT NULL REFERENCES release (id),
  fold smallint,
  part text NOT NULL CHECK (part IN ('TRAIN', 'TEST', 'ALL')),
  modalities text[] NOT NULL,
  manifest jsonb,
  manifest_sha256 text,
  file_count integer,
  bytes bigint,
  created_at timestamptz NOT NULL,
  ready_at timestamptz
);
CREATE INDEX data_export_account ON data_export (account_id, created_at DESC);

-- A file is either made for the export (object_key of its own) or a range of an artifact (its key, first_byte).
CREATE TABLE export_file (
  export_id uuid NOT NULL REFERENCES data_export (id),
  path text NOT NULL,
  object_key text NOT NULL,
  first_byte bigint NOT NULL DEFAULT 0,
  prefix bytea,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  modality text,
  submission_id uuid,
  PRIMARY KEY (export_id, path)
);

CREATE TABLE baseline_run (
  id uuid PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES job (id),
  account_id uuid NOT NULL REFERENCES account (id),
  grant_id uuid REFERENCES data_grant (id),
  release_id uuid NOT NULL REFERENCES release (id),
  experiment text NOT NULL,
  classes smallint NOT NULL,
  preset text NOT NULL,
  fold smallint,
  seed bigint NOT NULL,
  result jsonb,
  provenance jsonb,
  created_at timestamptz NOT NULL
);
CREATE INDEX baseline_run_account ON baseline_run (account_id, created_at DESC);

-- ---------------------------------------------------------------------------------------------------------------- sign-in

-- id is the SHA-256 of the cookie's value, so that a read of this table signs nobody in. The refresh token is sealed with the server's key.
CREATE TABLE portal_session (
  id text PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  sealed_tokens text NOT NULL,
  created_at timestamptz NOT NULL,
  renewed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX portal_session_account ON portal_session (account_id);

-- The embedded OpenID provider's own records.
CREATE TABLE oidc_record (
  id text PRIMARY KEY,
  payload jsonb NOT NULL,
  grant_id text,
  user_code text,
  uid text,
  expires_at timestamptz
);
CREATE INDEX oidc_record_grant ON oidc_record (grant_id);
CREATE INDEX oidc_record_user_code ON oidc_record (user_code);
CREATE INDEX oidc_record_uid ON oidc_record (uid);

-- ---------------------------------------------------------------------------------------------------------------- the log

CREATE TABLE audit_entry (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The transaction that wrote it: the sealer links entries in the order (tx, seq), once every earlier transaction has ended, so that none is missed.
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id uuid NOT NULL UNIQUE,
  at timestamptz NOT NULL,
  account_id uuid,
  grant_id uuid,
  action text NOT NULL,
  text text NOT NULL,
  hash text NOT NULL
);
CREATE INDEX audit_entry_order ON audit_entry (tx, seq);
CREATE INDEX audit_entry_at ON audit_entry (at, seq);
CREATE INDEX audit_entry_account ON audit_entry (account_id, seq);
CREATE INDEX audit_entry_grant ON audit_entry (grant_id, seq);

CREATE TABLE audit_link (
  position bigint PRIMARY KEY,
  entry_seq bigint NOT NULL UNIQUE REFERENCES audit_entry (seq),
  entry_tx xid8 NOT NULL,
  hash text NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is not allowed: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON audit_link FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON audit_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_event_append_only BEFORE UPDATE OR DELETE ON request_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_event_no_truncate BEFORE TRUNCATE ON request_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was published never changes, nor what it is made of.
CREATE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  release uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
  IF EXISTS (SELECT 1 FROM release r WHERE r.id = release AND r.status <> 'DRAFT') THEN
    RAISE EXCEPTION '% on % is not allowed: the release is published', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER release_patient_frozen BEFORE INSERT OR UPDATE OR DELETE ON release_patient FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published();
CREATE TRIGGER release_submission_frozen BEFORE INSERT OR UPDATE OR DELETE ON release_submission FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published();

CREATE TABLE setting (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at timestamptz NOT NULL
);

-- ---------------------------------------------------------------------------------------------------------------- roles

DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'iss_app') THEN
    CREATE ROLE iss_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO iss_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO iss_app;
REVOKE UPDATE, DELETE ON audit_entry, audit_link, request_event, recording, survey, frame_record, chunk, artifact, agreement, withdrawal, policy_version FROM iss_app;
-- The one thing of a recording that moves: which one is the submission's newest.
GRANT UPDATE (current) ON recording TO iss_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO iss_app;
