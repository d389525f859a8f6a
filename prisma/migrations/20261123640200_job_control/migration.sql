-- Which kinds of jobs a curator has paused, and how many of a kind may run at once; no row, or nothing in it, is no limit.
CREATE TABLE job_control (
  kind text PRIMARY KEY,
  paused boolean NOT NULL DEFAULT false,
  at_once integer CHECK (at_once BETWEEN 1 AND 64),
  changed_at timestamptz NOT NULL,
  changed_by uuid NOT NULL REFERENCES account (id)
);
GRANT SELECT, INSERT, UPDATE ON job_control TO iss_app;
-- The form of a job's payload: a worker takes none that is newer than itself.
ALTER TABLE job ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE INDEX job_failed ON job (finished_at DESC, id DESC) WHERE state = 'FAILED';
