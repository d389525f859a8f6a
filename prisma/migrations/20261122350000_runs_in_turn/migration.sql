-- What a run is the same as: SHA-256 over all that its result depends on, once it has begun; and the run that it was answered from.
ALTER TABLE baseline_run ADD COLUMN identity text, ADD COLUMN answered_from uuid REFERENCES baseline_run (id);
CREATE INDEX baseline_run_identity ON baseline_run (identity) WHERE identity IS NOT NULL;
-- When was somebody last served?
CREATE INDEX job_of_person ON job (account_id, kind, started_at) WHERE account_id IS NOT NULL;
